import Foundation
import SystemPackage
import Testing

@testable import RelayService

@Suite struct DataDirectoryTests {
    let directory: TemporaryDirectory
    let name: RelayName

    init() throws {
        directory = try TemporaryDirectory()
        name = try #require(RelayName("relay.example.org:8443"))
    }

    @Test func initMakesFoldersAndFilesThatOnlyTheirOwnerMayRead() throws {
        let data = try DataDirectory.initialise(at: directory("relay"), name: name, developmentTLS: true)
        for folder in [data.path, data.keys, data.tls] { #expect(try permissions(of: folder) == 0o700) }
        for file in [data.configuration, data.headLock, data.certificateKey] {
            #expect(try permissions(of: file) == 0o600)
        }
        for file in [data.authority, data.certificate] { #expect(try permissions(of: file) == 0o644) }
        #expect(try text(of: data.configuration) == RelayConfiguration.fileText(name: name, openFounding: true))
        #expect(try HeadLock.load(data.headLock) == [:])
        #expect(!DataDirectory.exists(data.incomplete))
        #expect(try DataDirectory.open(at: data.path) == data)
        #expect(try RelayConfiguration.load(data, environment: [:]).name == name)
    }

    @Test func initWithoutDevelopmentTLSMakesNoCertificateAndKeepsFoundingClosed() throws {
        let data = try DataDirectory.initialise(at: directory("relay"), name: name, developmentTLS: false)
        #expect(try DurableFile.names(in: data.tls) == [])
        #expect(try !RelayConfiguration.load(data, environment: [:]).openFounding)
    }

    @Test func initTakesAnEmptyDirectoryOfOurs() throws {
        try DurableFile.makeDirectory(directory("empty"))
        try DataDirectory.initialise(at: directory("empty"), name: name, developmentTLS: false)
        #expect(try DataDirectory.open(at: directory("empty")).path == directory("empty"))
    }

    @Test func initNeverWritesOverWhatIsThere() throws {
        let data = try DataDirectory.initialise(at: directory("relay"), name: name, developmentTLS: true)
        let before = try text(of: data.certificateKey)
        let again = try #require(throws: OperationsError.self) {
            try DataDirectory.initialise(at: directory("relay"), name: name, developmentTLS: true)
        }
        #expect(again.code == .wouldOverwrite)
        #expect(again.exitCode == 73)
        #expect(try text(of: data.certificateKey) == before)

        try DurableFile.makeDirectory(directory("other"))
        try directory.write("mine", to: "other/notes.txt")
        #expect(
            code { try DataDirectory.initialise(at: directory("other"), name: name, developmentTLS: false) }
                == .wouldOverwrite)
        #expect(try text(of: directory("other").appending("notes.txt")) == "mine")
    }

    /// What init makes, in its order, after the marker of an unfinished one.
    private static let steps = [
        "keys", "tls", "tls/ca.pem", "tls/server.pem", "tls/server.key", "head.lock", "keys/roster.key", "relay.yaml",
    ]

    /// Leaves what a kill after so many of init's steps leaves; the last file may be half written.
    @Test(arguments: 0...steps.count)
    func anInterruptedInitIsRepeated(done: Int) throws {
        let path = directory("relay")
        func initialise(_ byte: UInt8) throws -> DataDirectory {
            try DataDirectory.initialise(at: path, name: name, developmentTLS: true) { data in
                try DurableFile.create(data.keys.appending("roster.key"), [byte], permissions: DurableFile.ownerOnly)
            }
        }
        let data = try initialise(1)
        #expect(try DurableFile.names(in: path) == ["head.lock", "keys", "relay.lock", "relay.yaml", "tls"])
        for step in Self.steps[done...].reversed() {
            try FileManager.default.removeItem(atPath: path.appending(step).string)
        }
        if done > 2 { try directory.write("half", to: "relay/\(Self.steps[done - 1])") }
        try directory.write("", to: "relay/init.incomplete")
        #expect(code { try DataDirectory.open(at: path) } == .notInitialised)

        #expect(try initialise(2) == data)
        #expect(try DurableFile.read(data.keys.appending("roster.key"), limit: 8) == [2])
        #expect(try DataDirectory.open(at: path) == data)
        #expect(try RelayConfiguration.load(data, environment: [:]).name == name)
        #expect(code { try TLSFiles.load(certificate: data.certificate, key: data.certificateKey, name: name) } == nil)
    }

    @Test func anInitThatFailsLeavesNothingThatIsServed() throws {
        struct Failed: Error {}
        #expect(throws: Failed.self) {
            try DataDirectory.initialise(at: directory("relay"), name: name, developmentTLS: false) { _ in
                throw Failed()
            }
        }
        #expect(code { try DataDirectory.open(at: directory("relay")) } == .notInitialised)
        try DataDirectory.initialise(at: directory("relay"), name: name, developmentTLS: false)
        #expect(code { try DataDirectory.open(at: directory("relay")) } == nil)
    }

    @Test func aDirectoryThatWasNeverInitialisedIsRefusedWithTheCommandThatMakesIt() throws {
        let missing = try #require(throws: OperationsError.self) { try DataDirectory.open(at: directory("none")) }
        #expect(missing.code == .notInitialised)
        #expect(missing.next.contains("nightbell-relay init --data \(directory("none"))"))
        #expect(code { try DataDirectory.open(at: directory.path) } == .notInitialised)
        try directory.write("", to: "file")
        #expect(code { try DataDirectory.open(at: directory("file")) } == .fileUnusable)
    }

    @Test(arguments: [0o750, 0o705, 0o701, 0o777])
    func directoriesThatOthersMayEnterAreRefusedWithTheRepair(mode: Int) throws {
        let data = try DataDirectory.initialise(at: directory("relay"), name: name, developmentTLS: false)
        for folder in [data.path, data.keys] {
            try setPermissions(mode, of: folder)
            let error = try #require(throws: OperationsError.self) { try DataDirectory.open(at: data.path) }
            #expect(error.code == .tooOpen)
            #expect(error.exitCode == 77)
            #expect(error.next == "chmod 700 \(folder)")
            try setPermissions(0o700, of: folder)
        }
        #expect(try DataDirectory.open(at: data.path) == data)
    }

    @Test func oneProcessUsesADirectoryAtATime() throws {
        let data = try DataDirectory.initialise(at: directory("relay"), name: name, developmentTLS: false)
        var held: DataDirectoryLock? = try data.lock()
        let error = try #require(throws: OperationsError.self) { _ = try data.lock() }
        #expect(error.code == .dataInUse)
        #expect(error.message.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
        withExtendedLifetime(held) {}
        held = nil
        #expect(code { try data.lock() } == nil)
    }
}
