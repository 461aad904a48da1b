import DeviceStorage
import Foundation
import Secrets
import Synchronization
import Testing

@testable import DeviceKit

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct ProfileTests {
    private let folder: TemporaryFolder
    private let cheap = PassphraseCost(operations: 1, memory: 8_192)

    init() throws { folder = try TemporaryFolder() }

    private var directory: String { folder.path + "/profile" }

    private func passphrase(_ text: String = "correct horse battery") throws -> UnlockSource {
        .passphraseFile(try folder.file("passphrase-\(text.count)", text + "\nsecond line\n"))
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return DeviceKitError(describing: error).code.rawValue
        }
    }

    private func category(_ body: () throws -> Void) -> DeviceKitError.Category? {
        do {
            try body()
            return nil
        } catch {
            return DeviceKitError(describing: error).category
        }
    }

    @Test func aPassphraseIsAskedForOnceWhenAProfileIsMade() throws {
        let asked = Mutex<[Bool]>([])
        let ask = UnlockSource.ask { creating in
            asked.withLock { $0.append(creating) }
            var bytes = Array("correct horse".utf8)
            return Passphrase(moving: &bytes)
        }
        _ = try Profile.make(directory, unlock: ask, cost: cheap)
        #expect(asked.withLock { $0 } == [true])
        _ = try Profile.make(directory, unlock: ask, cost: cheap)
        #expect(asked.withLock { $0 } == [true, false])
    }

    @Test func aPersonMayMistypeThePassphrase() throws {
        _ = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        let typed = Mutex<[String]>([])
        let ask = UnlockSource.ask(attempts: 3) { _ in
            var bytes = typed.withLock { Array($0.removeFirst().utf8) }
            return Passphrase(moving: &bytes)
        }
        typed.withLock { $0 = ["correct hose battery", "correct horse batter", "correct horse battery", "one more"] }
        _ = try Profile.open(directory, unlock: ask)
        #expect(typed.withLock { $0 } == ["one more"])
        typed.withLock { $0 = ["first wrong one", "second wrong one", "third wrong one", "one more"] }
        #expect(code { _ = try Profile.open(directory, unlock: ask) } == "wrong_passphrase")
        #expect(typed.withLock { $0 } == ["one more"])
        // Whoever gives up is not asked again.
        let leave = UnlockSource.ask(attempts: 3) { _ in
            typed.withLock { $0.append("asked") }
            throw DeviceKitError("interrupted", .locked, "no passphrase was given", next: "repeat the command")
        }
        #expect(code { _ = try Profile.open(directory, unlock: leave) } == "interrupted")
        #expect(typed.withLock { $0 } == ["one more", "asked"])
    }

    @Test func opensWithItsPassphraseAndNoOther() throws {
        let made = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        try made.store.step { step in try step.set(SettingName(rawValue: "a"), to: [1]) }
        let opened = try Profile.open(directory, unlock: passphrase())
        #expect(try opened.store.look { try $0.setting(SettingName(rawValue: "a")) } == [1])
        #expect(category { _ = try Profile.open(directory, unlock: try passphrase("another horse")) } == .locked)
    }

    @Test func aShortPassphraseMakesNoProfile() throws {
        #expect(
            code { _ = try Profile.make(directory, unlock: try passphrase("ninechars"), cost: cheap) }
                == "passphrase_too_short")
        #expect(!Profile.exists(directory))
    }

    @Test func makesItsKeyFileAndRefusesAnOpenOne() throws {
        let path = folder.path + "/key"
        _ = try Profile.make(directory, unlock: .keyFile(path))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 32)
        _ = try Profile.open(directory, unlock: .keyFile(path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(code { _ = try Profile.open(directory, unlock: .keyFile(path)) } == "key_file_too_open")
    }

    @Test func refusesAPassphraseFileThatOthersRead() throws {
        let file = try folder.file("open", "correct horse battery\n", mode: 0o640)
        #expect(category { _ = try Profile.make(directory, unlock: .passphraseFile(file), cost: cheap) } == .refused)
    }

    @Test func refusesAProfileThatOthersReadAndNamesTheRepair() throws {
        _ = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: directory)
        do {
            _ = try Profile.open(directory, unlock: passphrase())
            Issue.record("an open profile was opened")
        } catch {
            let error = DeviceKitError(describing: error)
            #expect(error.category == .refused)
            #expect(error.next == "run: chmod 700 '\(directory)'")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o604], ofItemAtPath: directory + "/profile.json")
        #expect(code { _ = try Profile.open(directory, unlock: try passphrase()) } == "profile_too_open")
    }

    /// What is no profile, as the folder of all programs, is not to be closed to others.
    @Test func aFolderThatIsNoProfileIsNamedAsNone() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
        #expect(code { try Profile.check(directory) } == "profile_missing")
        #expect(!ProfileInspection(directory).isProfile)
    }

    /// Whoever made an empty folder for it is told what keeps it from being one.
    @Test func aFolderThatIsToBecomeAProfileIsClosedFirst() throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try manager.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory)
        func refusal() -> DeviceKitError? {
            #expect(throws: DeviceKitError.self) { _ = try Profile.make(directory, unlock: passphrase(), cost: cheap) }
        }
        let open = refusal()
        #expect(open?.message == "\"\(directory)\" can be read by others (mode 777)")
        #expect(open?.next == "run: chmod 700 '\(directory)'")
        // One that is used for something else is left as it is.
        try Data().write(to: URL(fileURLWithPath: directory + "/other"))
        let used = refusal()
        #expect(used?.message.contains("the folder is others' as well (mode 777)") == true)
        #expect(used?.next.contains("chmod") == false)
        try manager.removeItem(atPath: directory + "/other")
        try manager.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory)
        _ = try Profile.make(directory, unlock: passphrase(), cost: cheap)
    }

    /// A link's own mode says nothing: to change that would change another file's.
    @Test func aLinkIsNamedAsOne() throws {
        _ = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        try FileManager.default.createSymbolicLink(atPath: directory + "/agent", withDestinationPath: folder.path)
        do {
            try Profile.check(directory)
            Issue.record("a link was taken for a file")
        } catch {
            let error = DeviceKitError(describing: error)
            #expect(error.code == "profile_file_linked" && error.category == .refused)
            #expect(error.next.hasSuffix("rm '\(directory)/agent'"))
        }
        try FileManager.default.removeItem(atPath: directory + "/agent")
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory)
        #expect(code { try Profile.check(link) } == "profile_linked")
    }

    @Test func somebodyElsesIsSaidToBeTheirs() {
        #expect(SecureFolder.missing("/p", because: EACCES).code == "profile_foreign")
        #expect(SecureFolder.missing("/p", because: EACCES).category == .refused)
        #expect(SecureFolder.missing("/p", because: ENOENT).code == "profile_missing")
    }

    /// That it cannot be seen is no reason to make one there. Nothing is hidden from root.
    @Test(.enabled(if: geteuid() != 0)) func whereTheFolderAboveIsClosedItIsSomebodyElses() throws {
        let home = folder.path + "/home"
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0])
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home) }
        #expect(code { try Profile.check(home + "/profile") } == "profile_foreign")
        #expect(code { _ = try Profile.make(home + "/profile", unlock: try passphrase()) } == "profile_foreign")
    }

    @Test func makingAgainGoesOnWithWhatIsThere() throws {
        let first = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        try first.store.step { step in try step.set(SettingName(rawValue: "begun"), to: [7]) }
        let second = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        #expect(try second.store.look { try $0.setting(SettingName(rawValue: "begun")) } == [7])
    }

    @Test(arguments: ["folder", "description", "half description", "store"])
    func isMadeAfterACrashAtAnyPoint(_ crash: String) throws {
        // What each point of making leaves behind.
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        switch crash {
        case "folder": break
        case "half description": _ = try folder.file("profile/profile.json.new", "{\"version\":1,\"wr")
        default:
            _ = try Profile.make(directory, unlock: passphrase(), cost: cheap)
            if crash == "description" { try FileManager.default.removeItem(atPath: directory + "/store.sqlite") }
        }
        let profile = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        try profile.store.step { step in try step.set(SettingName(rawValue: "a"), to: [1]) }
        _ = try Profile.open(directory, unlock: passphrase())
    }

    @Test func refusesALaterVersionAndADamagedDescription() throws {
        _ = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        _ = try folder.file("profile/profile.json", "{\"version\":2}")
        #expect(code { _ = try Profile.open(directory, unlock: try passphrase()) } == "profile_newer_version")
        _ = try folder.file("profile/profile.json", "{\"version\":1}")
        #expect(code { _ = try Profile.open(directory, unlock: try passphrase()) } == "profile_damaged")
    }

    @Test func remembersTheCertificateAuthority() throws {
        let profile = try Profile.make(directory, unlock: passphrase(), cost: cheap)
        #expect(profile.certificateAuthorityPath == nil)
        let file = try folder.file(
            "ca.pem", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", mode: 0o644)
        try profile.rememberCertificateAuthority(file)
        #expect(profile.certificateAuthorityPath == directory + "/ca.pem")
        let plain = try folder.file("plain.pem", "hello")
        #expect(code { try profile.rememberCertificateAuthority(plain) } == "ca_file_unreadable")
    }

    @Test func theRecoverySecretSurvivesPaper() throws {
        let secret = SecretBytes(random: 32)
        let text = RecoveryText.text(of: secret)
        #expect(text.split(separator: "-").count == 14)
        let typed = text.uppercased().replacing("-", with: " ")
        let isSame = RecoveryText.secret(Array(typed.utf8))?.isEqual(to: secret) ?? false
        #expect(isSame)
        var wrong = Array(text.utf8)
        wrong[0] = wrong[0] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
        let misread = RecoveryText.secret(wrong) != nil
        #expect(!misread)
    }
}
