import Foundation
import Logging
import Statements
import SystemPackage
import Testing

@testable import RelayService

@Suite struct RelayConfigurationTests {
    let directory: TemporaryDirectory
    var data: DataDirectory { DataDirectory(path: directory.path) }

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("name: relay.example.org:8443\n", to: "relay.yaml")
    }

    private func load(_ file: String? = nil, flags: [String] = [], environment: [String: String] = [:]) throws
        -> RelayConfiguration
    {
        if let file { try directory.write(file, to: "relay.yaml") }
        return try RelayConfiguration.load(data, flags: flags, environment: environment)
    }

    private func refusal(
        _ file: String? = nil, flags: [String] = [], environment: [String: String] = [:]
    ) throws -> OperationsError {
        try #require(throws: OperationsError.self) {
            try load(file, flags: flags, environment: environment)
        }
    }

    // MARK: Where values come from

    @Test func standardValuesApplyWhenOnlyTheNameIsSet() throws {
        let configuration = try load()
        #expect(configuration.name.description == "relay.example.org:8443")
        #expect(configuration.listen.description == "127.0.0.1:8443")
        #expect(configuration.operations == nil)
        #expect(configuration.certificate == directory("tls").appending("server.pem"))
        #expect(configuration.certificateKey == directory("tls").appending("server.key"))
        #expect(configuration.headLock == directory("head.lock"))
        #expect(!configuration.openFounding)
        #expect(configuration.limits.connections == 10_000)
        #expect(configuration.limits.streams == 8000)
        #expect(configuration.limits.requestsPerSecond == 500)
        #expect(configuration.limits.requestBurst == 2_000)
        #expect(configuration.limits.bodyBytes == 262_144)
        #expect(configuration.limits.envelopeBytes == 458_752)
        #expect(configuration.push.contact == nil && configuration.push.apns == nil)
        #expect(configuration.push.ports.isEmpty && configuration.push.hosts.isEmpty)
        #expect(configuration.push.authority == nil && configuration.push.fcmCredentials == nil)
        #expect(configuration.push.fcmService == "https://fcm.googleapis.com")
        #expect(configuration.witnesses.file == nil && configuration.witnesses.authority == nil)
        #expect(configuration.drainSeconds == 20)
        #expect(configuration.logLevel == .info)
    }

    @Test func flagsComeBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        let file = "name: relay.example.org:8443\nlimits:\n  connections: 9001\n  streams: 11\n  request-burst: 12\n"
        let environment = [
            "NIGHTBELL_RELAY_LIMITS_CONNECTIONS": "9002", "NIGHTBELL_RELAY_LIMITS_STREAMS": "21", "PATH": "/bin",
            "NIGHTBELL_RELAY_DATA": directory.path.string,
        ]
        let limits = try load(file, flags: ["--limits-connections", "9003"], environment: environment).limits
        #expect(limits.connections == 9003)
        #expect(limits.streams == 21)
        #expect(limits.requestBurst == 12)
    }

    @Test func everyKeyIsReadFromEverySource() throws {
        let values: [(path: String, value: String)] = [
            ("listen", "[::1]:1"), ("head-lock", "/mnt/other/head.lock"), ("drain-seconds", "7"),
            ("log-level", "debug"), ("operations.listen", "127.0.0.1:2"), ("tls.certificate", "c.pem"),
            ("tls.key", "/k.pem"), ("founding.open", "true"), ("limits.connections", "31"), ("limits.streams", "30"),
            ("limits.requests-per-second", "32"), ("limits.request-burst", "33"), ("limits.body-bytes", "65536"),
            ("limits.envelope-bytes", "131072"), ("name", "10.0.0.1:9"),
            ("push.contact", "mailto:ops@practice.example"),
            ("push.ports", "8443,9443"), ("push.hosts", "push.practice.example,Other.example"),
            ("push.authority", "ca.pem"), ("push.apns-key", "keys/apns.p8"), ("push.apns-key-id", "KEYID12345"),
            ("push.apns-team", "TEAM123456"), ("push.apns-topic", "example.nightbell"),
            ("push.apns-service", "https://apple.practice.example:8443"), ("push.fcm-credentials", "/etc/fcm.json"),
            ("push.fcm-service", "https://google.practice.example"), ("witness.file", "witnesses.policy"),
            ("witness.authority", "/etc/witness-ca.pem"),
        ]
        #expect(Set(values.map(\.path)) == Set(RelayKeys.paths))
        var file = ""
        for (path, value) in values where !path.contains(".") { file += "\(path): \"\(value)\"\n" }
        for section in ["operations", "tls", "founding", "push", "witness", "limits"] {
            file += "\(section):\n"
            for (path, value) in values where path.hasPrefix("\(section).") {
                file += "  \(path.dropFirst(section.count + 1)): '\(value)' # why\n"
            }
        }
        let flags = values.flatMap { [ConfigurationNames.flag($0.path), $0.value] }
        let joined = values.map { "\(ConfigurationNames.flag($0.path))=\($0.value)" }
        let environment = Dictionary(
            uniqueKeysWithValues: values.map { (ConfigurationNames.variable($0.path), $0.value) })
        let fromFile = try load(file)
        #expect(fromFile.certificateKey == "/k.pem")
        #expect(fromFile.certificate == directory("c.pem"))
        #expect(fromFile.operations?.description == "127.0.0.1:2")
        #expect(fromFile.listen.description == "[::1]:1")
        #expect(fromFile.logLevel == .debug)
        #expect(fromFile.push.ports == [8443, 9443])
        #expect(fromFile.push.hosts == ["push.practice.example", "other.example"])
        #expect(fromFile.push.authority == directory("ca.pem"))
        #expect(fromFile.push.apns?.key == directory("keys").appending("apns.p8"))
        #expect(fromFile.push.apns?.service == "https://apple.practice.example:8443")
        #expect(fromFile.push.fcmCredentials == "/etc/fcm.json")
        #expect(fromFile.witnesses.file == directory("witnesses.policy"))
        #expect(fromFile.witnesses.authority == "/etc/witness-ca.pem")
        let name = "name: relay.example.org:8443\n"
        #expect(try load(name, flags: flags) == fromFile)
        #expect(try load(name, flags: joined) == fromFile)
        #expect(try load(name, environment: environment) == fromFile)
        #expect(RelayConfiguration.flags.contains("--limits-requests-per-second"))
    }

    @Test func openFoundingReachesCallersOnThisMachineAlone() throws {
        let open = try load(flags: ["--founding-open", "true"])
        let closed = try load()
        for address in ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"] {
            #expect(open.mayFoundWithoutCode(from: address))
            #expect(!closed.mayFoundWithoutCode(from: address))
        }
        for address in ["10.0.0.1", "::2", "::ffff:10.0.0.1", "128.0.0.1", "localhost", "", "127.0.0.1 "] {
            #expect(!open.mayFoundWithoutCode(from: address))
        }
    }

    // MARK: What is refused

    @Test(arguments: [
        ("limits.connections", ["80eighty", "0", "-1", "+5", "1_000", "0x10", "1e3", "", " 5", "1000001", "05"]),
        ("drain-seconds", ["0", "601", "ten", "1.5"]),
        ("founding.open", ["yes", "1", "TRUE", ""]),
        ("log-level", ["INFO", "warn", "verbose", ""]),
        ("listen", ["8443", "localhost:8443", "127.0.0.1", "::1:80", "[127.0.0.1]:80", "127.0.0.1:65536", "1.2.3:4"]),
        ("operations.listen", ["on", "Off", "9443"]),
        (
            "name",
            [
                "relay.example.org", "Relay.example.org:1", "a..b:1", "-a:1", "10.0.0:1", "a:0", "a:01", "[::g]:1",
                "a b:1",
            ]
        ),
        ("tls.key", ["", "a\u{7}b"]),
        (
            "push.contact",
            [
                "", "ops@practice.example", "mailto:", "mailto:ops", "mailto:a@b@c.example", "mailto:o ps@p.example",
                "mailto:ops@127.0.0.1", "http://practice.example", "https://", "https://10.0.0.1/", "None",
                "mailto:<ops@practice.example>", "mailto:ops@\u{FC}.example",
                "https://\(String(repeating: "a", count: 250))",
            ]
        ),
        ("push.ports", ["", "0", "65536", "https", "8443;9443", "08443", "-1"]),
        ("push.hosts", ["", "10.0.0.1", "[::1]", "a:8443", "a/b", "a..b", "-a", "a b", "*.a", "none.", "0x7f000001"]),
        ("push.authority", ["", "a\u{7}b"]), ("push.apns-key", [""]), ("push.fcm-credentials", [""]),
        ("push.apns-key-id", ["", "KEYID1234", "KEYID123456", "KEYID-1234", "KEYID1234\u{E9}"]),
        ("push.apns-team", ["", "TEAM 12345"]),
        ("push.apns-topic", ["", "example nightbell", "example/nightbell"]),
        (
            "push.apns-service",
            [
                "", "none", "api.push.apple.com", "http://api.push.apple.com", "https://api.push.apple.com/",
                "https://api.push.apple.com/3", "https://u@api.push.apple.com", "https://10.0.0.1", "https://a:0",
            ]
        ),
        ("push.fcm-service", ["", "https://"]),
    ])
    func malformedValuesAreRefusedWithKeyProblemAndPlace(path: String, values: [String]) throws {
        for value in values {
            let flag = ConfigurationNames.flag(path)
            let fromFlag = try refusal(flags: ["\(flag)=\(value)"])
            #expect(fromFlag.code == .configurationMalformed)
            #expect(fromFlag.exitCode == 78)
            #expect(fromFlag.message.contains("\"\(path)\"") && fromFlag.message.contains("(flag \(flag))"))

            let variable = ConfigurationNames.variable(path)
            let fromVariable = try refusal(environment: [variable: value])
            #expect(fromVariable.message.contains("\"\(path)\" is not "))
            #expect(fromVariable.message.contains("(environment variable \(variable))"))
        }
    }

    @Test func aMalformedValueInTheFileIsNamedByItsLine() throws {
        let error = try refusal("# first\nname: relay.example.org:8443\n\nlimits:\n  connections: many\n")
        #expect(error.code == .configurationMalformed)
        #expect(
            error.message
                == "\"limits.connections\" is not a whole number from 1 to 1000000 (line 5 of \(data.configuration))")
        #expect(!error.message.contains("many"))
    }

    @Test func aHigherSourceDoesNotHideThatItIsMalformed() throws {
        let error = try refusal(
            "name: relay.example.org:8443\ndrain-seconds: 5\n", environment: ["NIGHTBELL_RELAY_DRAIN_SECONDS": "soon"])
        #expect(error.message.contains("NIGHTBELL_RELAY_DRAIN_SECONDS"))
    }

    @Test func unknownKeysAreRefusedWithWhatWasProbablyMeant() throws {
        let inFile = try refusal("name: relay.example.org:8443\nlimits:\n  conections: 5\n")
        #expect(inFile.code == .configurationUnknown)
        #expect(inFile.message == "unknown key \"limits.conections\" (line 3 of \(data.configuration))")
        #expect(inFile.next == "did you mean limits.connections?")
        #expect(try refusal("name: relay.example.org:8443\nlimit:\n  streams: 5\n").next == "did you mean limits?")
        #expect(try refusal("name: relay.example.org:8443\nquotas:\n").message.contains("line 2"))
        #expect(try refusal(flags: ["--lissten", "127.0.0.1:1"]).next == "did you mean --listen?")
        #expect(try refusal(flags: ["--verbose"]).code == .configurationUnknown)
        let variable = try refusal(environment: ["NIGHTBELL_RELAY_LOGLEVEL": "debug"])
        #expect(variable.next == "did you mean NIGHTBELL_RELAY_LOG_LEVEL?")
    }

    @Test(arguments: [
        ["--drain-seconds", "5", "--drain-seconds", "6"], ["--drain-seconds=5", "--drain-seconds", "6"],
        ["stray"], ["--drain-seconds", "5", "6"], ["--drain-seconds=5", "6"], ["--drain-seconds"],
        ["--tls-key", "a,b"],
    ])
    func flagsThatSayTooMuchOrTooLittleAreRefused(flags: [String]) throws {
        #expect(try [.configurationUnknown, .configurationMalformed].contains(refusal(flags: flags).code))
    }

    @Test(arguments: [
        ("name: [a, b]\n", 1), ("name:\n  - a\n", 2), ("{name: a}\n", 1), ("name: a:1\n\tlisten: b\n", 2),
        ("name: a:1\n listen: b\n", 2), ("limits:\n    streams: 1\n", 2), ("  streams: 1\n", 1),
        ("name: a:1\nname: b:1\n", 2), ("limits:\n  streams: 1\nlimits:\n", 3), ("name: &a b:1\n", 1),
        ("name: |\n  a:1\n", 1), ("name:a\n", 1), ("---\n", 1), ("Name: a:1\n", 1), ("name: a:1\r\n", 1),
        ("limits:\n  streams:\n", 2), ("? name\n", 1), ("\"name\": a:1\n", 1), ("<<: *a\n", 1),
    ])
    func linesWithMoreThanOneReadingAreRefused(file: String, line: Int) throws {
        let error = try refusal(file)
        #expect(error.code == .configurationMalformed)
        #expect(error.message.contains("line \(line) of "))
    }

    @Test func aFileThatIsNoTextOrTooLongIsRefused() throws {
        try Data([0x6E, 0xFF, 0x0A]).write(to: URL(filePath: data.configuration.string))
        #expect(try refusal().code == .configurationMalformed)
        #expect(try refusal("name: \"unclosed\n").message.contains("cannot be read as YAML"))
        let long = String(repeating: "#\n", count: 40_000)
        #expect(try refusal(long).code == .fileUnusable)
    }

    @Test func aRelayWithoutANameIsRefused() throws {
        for file in ["", "# nothing\n", "limits:\n", "drain-seconds: 5\n"] {
            #expect(try refusal(file).message == "\"name\" is not set")
        }
        #expect(try refusal("name:\n").message.contains("\"name\" has no value (line 1"))
        #expect(try load("", flags: ["--name", "[2001:db8::1]:443"]).name.host == "2001:db8::1")
    }

    @Test func valuesThatExcludeEachOtherAreRefused() throws {
        #expect(
            try refusal(flags: ["--listen", "0.0.0.0:9", "--operations-listen", "127.0.0.1:9"]).message
                .contains("operations.listen"))
        #expect(try refusal(flags: ["--limits-connections", "5"]).message.contains("limits.streams"))
        #expect(try load(flags: ["--listen", "127.0.0.1:0", "--operations-listen", "127.0.0.1:0"]).listen.port == 0)
    }

    @Test(arguments: [["8443,"], [",8443"], ["8443,,9443"], ["8443,http"], ["8443, 9443"], []])
    func aListThatIsNoneIsRefusedFromEverySource(_ value: [String]) throws {
        let text = value.first ?? (1...65).map(String.init).joined(separator: ",")
        #expect(try refusal(flags: ["--push-ports", text]).message.contains("\"push.ports\" is not "))
        #expect(try refusal(environment: ["NIGHTBELL_RELAY_PUSH_PORTS": text]).message.contains("is not "))
        #expect(
            try refusal("name: relay.example.org:8443\npush:\n  ports: \"\(text)\"\n").message.contains("line 3"))
        #expect(try refusal(flags: ["--push-ports"]).code == .configurationMalformed)
    }

    @Test func whatAppleNeedsIsSetWholeOrNotAtAll() throws {
        let all = [
            ("push.apns-key", "a.p8"), ("push.apns-key-id", "KEYID12345"), ("push.apns-team", "TEAM123456"),
            ("push.apns-topic", "example.nightbell"),
        ]
        for missing in all.indices {
            var some = all
            let without = some.remove(at: missing).0
            let error = try refusal(flags: some.map { "\(ConfigurationNames.flag($0.0))=\($0.1)" })
            #expect(error.code == .configurationMalformed)
            #expect(error.message.hasPrefix("\"\(without)\" is not set, though \"push.apns-"))
            for (path, _) in all { #expect(error.next.contains(path)) }
        }
        #expect(try load(flags: ["--push-apns-service", "https://a.example"]).push.apns == nil)
    }

    @Test(arguments: [
        "mailto:ops@practice.example", "mailto:on.call+push@practice.example", "https://practice.example",
        "https://practice.example/push?who=relay",
    ])
    func aContactIsTakenAsItIsWritten(_ contact: String) throws {
        #expect(try load(flags: ["--push-contact", contact]).push.contact == contact)
        #expect(try load("name: relay.example.org:8443\npush:\n  contact: \(contact)\n").push.contact == contact)
    }

    @Test func theDataDirectoryComesFromFlagOrEnvironment() throws {
        let environment = ["NIGHTBELL_RELAY_DATA": "/srv/a"]
        #expect(try RelayConfiguration.dataPath(flag: "/srv/b", environment: environment) == "/srv/b")
        #expect(try RelayConfiguration.dataPath(flag: nil, environment: environment) == "/srv/a")
        #expect(code { try RelayConfiguration.dataPath(flag: nil, environment: [:]) } == .configurationMalformed)
    }

    // MARK: The commented file

    @Test func theCommittedExampleIsWhatInitWrites() throws {
        let name = try #require(RelayName("relay.example.org:8443"))
        let expected = RelayConfiguration.fileText(name: name, openFounding: false)
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Config/relay.example.yaml").standardizedFileURL
        if ProcessInfo.processInfo.environment["NIGHTBELL_UPDATE_EXAMPLES"] != nil {
            try Data(expected.utf8).write(to: url)
        }
        #expect(try String(contentsOf: url, encoding: .utf8) == expected, "run again with NIGHTBELL_UPDATE_EXAMPLES=1")
        #expect(expected.split(separator: "\n").allSatisfy { $0.utf8.count <= 120 })
    }

    @Test func theExampleSetsTheStandardValuesAlsoWhenItsCommentsAreTakenAway() throws {
        let name = try #require(RelayName("relay.example.org:8443"))
        let example = RelayConfiguration.fileText(name: name, openFounding: false)
        let standard = try load()
        #expect(try load(example) == standard)
        let uncommented = example.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let content = line.drop { $0 == " " }
            return content.hasPrefix("#") && !content.hasPrefix("# ") && content != "#"
                ? line.replacing("#", with: "", maxReplacements: 1) : line
        }.joined(separator: "\n")
        #expect(uncommented.contains("\n  connections: 10000\n"))
        #expect(try load(uncommented) == standard)
    }

    @Test func theDevelopmentFileOpensFoundingAndQuotesAnIPv6Name() throws {
        let name = try #require(RelayName("[::1]:8443"))
        let configuration = try load(RelayConfiguration.fileText(name: name, openFounding: true))
        #expect(configuration.openFounding)
        #expect(configuration.name == name)
    }
}
