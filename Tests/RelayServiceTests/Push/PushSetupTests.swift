import Foundation
import PushDelivery
import Statements
import SystemPackage
import Testing

@testable import RelayService

@Suite struct PushSetupTests {
    private let files: PushCredentialFiles

    init() throws { files = try PushCredentialFiles() }

    // MARK: What is live

    @Test func whereNothingIsSetNothingIsLiveAndItSaysWhatIsMissing() throws {
        let setup = try files.load()
        #expect(setup.transports.isEmpty)
        #expect(setup.vapidKey == nil)
        #expect(
            setup.words == [
                "Web Push, and so UnifiedPush, is not live: its key is missing, which nightbell-relay push-keys makes, "
                    + "and push.contact is not set",
                "APNs is not live: push.apns-key is not set", "FCM is not live: push.fcm-credentials is not set",
            ])
        setup.close()
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7])
    func eachIsLiveByItself(_ choice: Int) throws {
        var flags: [String] = []
        var kinds: [PushTransportKind] = []
        if choice & 1 != 0 {
            _ = try PushKeys.make(in: files.data)
            flags += ["--push-contact", "mailto:ops@practice.example"]
            kinds.append(.webPush)
        }
        if choice & 2 != 0 {
            try files.write(PushCredentialFiles.appleKey(), to: "apple.p8")
            flags += PushCredentialFiles.appleFlags
            kinds.append(.apns)
        }
        if choice & 4 != 0 {
            // As read-only files are given to services.
            try files.write(PushCredentialFiles.googleFile(), to: "google.json", mode: 0o400)
            flags += PushCredentialFiles.googleFlags
            kinds.append(.fcm)
        }
        let setup = try files.load(flags)
        #expect(setup.transports.map(\.kind) == kinds)
        #expect((setup.vapidKey?.count == 65) == kinds.contains(.webPush))
        #expect(setup.words.count == 3)
        #expect(setup.words.filter { $0.hasSuffix(" is live") }.count == kinds.count)
        #expect(setup.words.filter { $0.contains(" is not live: ") }.count == 3 - kinds.count)
        setup.close()
    }

    @Test func webPushNeedsItsKeyAndAContact() throws {
        let contact = ["--push-contact", "https://practice.example/push"]
        // What an interrupted push-keys leaves is no key.
        for prepare in [{}, { try DurableFile.create(files.data.vapidKey, [], permissions: .ownerReadWrite) }] {
            try prepare()
            let setup = try files.load(contact)
            #expect(setup.transports.isEmpty && setup.vapidKey == nil)
            #expect(
                setup.words[0] == "Web Push, and so UnifiedPush, is not live: its key is missing, which "
                    + "nightbell-relay push-keys makes")
        }
        _ = try PushKeys.make(in: files.data)
        let without = try files.load()
        #expect(without.transports.isEmpty && without.vapidKey == nil)
        #expect(without.words[0] == "Web Push, and so UnifiedPush, is not live: push.contact is not set")
        let with = try files.load(contact)
        #expect(with.transports.map(\.kind) == [.webPush])
        #expect(with.words[0] == "Web Push, and so UnifiedPush, is live")
    }

    @Test func portsAndHostsAreThoseOfTheConfiguration() async throws {
        let standard = try files.load().endpoints
        let own = try files.load(["--push-ports", "8443,9443", "--push-hosts", "localhost"]).endpoints
        for (address, isPermitted) in [("", true), (":8443", true), (":9443", true), (":9444", false)] {
            let endpoint = try PushEndpoint(parsing: "https://localhost\(address)/x")
            #expect(((try? own.checkPort(endpoint)) != nil) == isPermitted)
            #expect(((try? standard.checkPort(endpoint)) != nil) == address.isEmpty)
        }
        let local = try PushEndpoint(parsing: "https://localhost/x")
        await #expect(throws: HostCheck.Refusal.addressNotPermitted) { try await standard.address(of: local) }
        #expect(try await own.address(of: local).isPublic == false)
    }

    // MARK: What stops the start

    /// Every credential: the flag that names it, its file, and the key of the configuration.
    private static let credentials = [
        ("apple.p8", PushCredentialFiles.appleFlags, "push.apns-key"),
        ("google.json", PushCredentialFiles.googleFlags, "push.fcm-credentials"),
    ]

    private func content(of name: String) throws -> String {
        name == "apple.p8" ? try PushCredentialFiles.appleKey() : try PushCredentialFiles.googleFile()
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o620, 0o610])
    func whatOthersCanTouchIsRefusedWithItsRepair(_ mode: Int) throws {
        for (name, flags, _) in Self.credentials {
            let path = try files.write(content(of: name), to: name, mode: mode)
            let error = try #require(try files.refusal(flags))
            #expect(error.code == .tooOpen && error.exitCode == 77)
            #expect(error.message.contains("\"\(path)\"") && error.next == "chmod 600 \(path)")
        }
        _ = try PushKeys.make(in: files.data)
        try setPermissions(mode, of: files.data.vapidKey)
        // Whether it is used or not: the folder is copied about, and the file with it.
        let error = try #require(try files.refusal([]))
        #expect(error.code == .tooOpen && error.next == "chmod 600 \(files.data.vapidKey)")
    }

    @Test func whatIsNoFileOfItsSizeIsRefused() throws {
        for (name, flags, key) in Self.credentials {
            let path = files.directory(name)
            let prepare: [(String, () throws -> Void)] = [
                ("missing", {}), ("empty", { try files.write("", to: name) }),
                ("too long", { try files.write(String(repeating: " ", count: 16_385), to: name) }),
                ("a folder", { try DurableFile.makeDirectory(path) }),
                (
                    "a link",
                    {
                        let real = try files.write(content(of: name), to: "real-\(name)")
                        try FileManager.default.createSymbolicLink(
                            atPath: path.string, withDestinationPath: real.string)
                    }
                ),
            ]
            for (what, prepare) in prepare {
                try? FileManager.default.removeItem(atPath: path.string)
                try prepare()
                let error = try #require(try files.refusal(flags), "\(name) \(what)")
                #expect(error.code == .pushUnusable && error.exitCode == 78, "\(name) \(what)")
                #expect(error.message.contains("\"\(path)\"") && error.message.contains("\"\(key)\""))
                #expect(error.next.contains(key))
            }
        }
    }

    @Test func whatIsNoCredentialIsRefusedWithoutAWordOfIt() throws {
        let secret = "correct horse battery staple"
        let googles = [
            secret, "{}", "[\"\(secret)\"]", try PushCredentialFiles.googleFile(type: secret),
            try PushCredentialFiles.googleFile(tokenAddress: "http://\(secret)"),
            try PushCredentialFiles.googleFile(key: secret),
            try PushCredentialFiles.googleFile(key: PushCredentialFiles.appleKey()),
        ]
        let apples = [secret, "-----BEGIN PRIVATE KEY-----\n\(secret)\n", PushCredentialFiles.rsaKey]
        for ((name, flags, key), contents) in zip(Self.credentials, [apples, googles]) {
            for content in contents {
                let path = try files.write(content, to: name)
                let error = try #require(try files.refusal(flags), "\(content.prefix(40))")
                #expect(error.code == .pushUnusable && error.exitCode == 78)
                #expect(error.message.contains("\"\(path)\"") && error.message.contains("\"\(key)\""))
                #expect(!error.next.isEmpty)
                for text in [error.message, error.next] {
                    #expect(!text.contains("horse") && !text.contains("PRIVATE"))
                }
            }
        }
    }

    @Test(arguments: [
        [UInt8](repeating: 1, count: 31), [UInt8](repeating: 1, count: 33), .init(repeating: 0, count: 32),
    ])
    func aKeyOfWebPushThatIsNoneIsRefused(_ bytes: [UInt8]) throws {
        try DurableFile.create(files.data.vapidKey, bytes, permissions: DurableFile.ownerOnly)
        let error = try #require(try files.refusal([]))
        #expect(error.code == .pushUnusable && error.exitCode == 78)
        #expect(error.message.contains("\"\(files.data.vapidKey)\"") && error.next.contains("push-keys"))
        // Nor does push-keys write over it.
        #expect(code { try PushKeys.make(in: files.data) } == .pushUnusable)
        #expect(try [UInt8](Data(contentsOf: URL(filePath: files.data.vapidKey.string))) == bytes)
    }

    @Test func theKeyOfAddressesIsMadeOnceAndRefusedWhenItIsNone() throws {
        let path = files.data.pushKey
        _ = try PushKeyFiles.pushKey(at: path)
        let bytes = try Data(contentsOf: URL(filePath: path.string))
        #expect(try bytes.count == 32 && permissions(of: path) == 0o600)
        _ = try PushKeyFiles.pushKey(at: path)
        #expect(try Data(contentsOf: URL(filePath: path.string)) == bytes)
        try setPermissions(0o604, of: path)
        #expect(code { try PushKeyFiles.pushKey(at: path) } == .tooOpen)
        try setPermissions(0o600, of: path)
        try bytes.dropLast().write(to: URL(filePath: path.string))
        #expect(code { try PushKeyFiles.pushKey(at: path) } == .pushUnusable)
        #expect(code { try PushKeyFiles.pushKey(at: files.directory("none").appending("key")) } == .fileUnusable)
    }

    @Test func authoritiesAreReadAtTheStart() throws {
        let name = try #require(RelayName("relay.example.org:8443"))
        try files.write(
            String(decoding: try DevelopmentAuthority.issue(for: name, now: .now()).authority, as: UTF8.self),
            to: "ca.pem", mode: 0o644)
        #expect(try files.refusal(["--push-authority", "ca.pem"]) == nil)
        for (content, file) in [(nil, "missing.pem"), ("", "empty.pem"), ("nothing", "other.pem")] {
            if let content { try files.write(content, to: file) }
            let error = try #require(try files.refusal(["--push-authority", file]))
            #expect(error.code == .pushUnusable && error.exitCode == 78)
            #expect(error.message.contains("\"\(files.directory(file))\""))
            #expect(error.message.contains("push.authority") && error.next.contains("push.authority"))
        }
    }
}
