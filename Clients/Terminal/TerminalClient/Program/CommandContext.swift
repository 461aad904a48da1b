public import DeviceKit
import Foundation

/// What a command works with: its options, its console, its profile.
public struct CommandContext: Sendable {
    public let console: Console
    /// The profile's folder.
    public let profileDirectory: String
    private let passphraseFile: String?
    private let keyFile: String?
    private let certificateAuthority: String?
    private let findings = FindingCount()

    init(_ options: GlobalOptions, environment: [String: String]) throws {
        func value(_ option: String?, _ name: String) -> String? {
            option ?? environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        console = Console(isJSON: options.json, isVerbose: options.verbose, environment: environment)
        // An option beats the other kind's variable.
        let optionGiven = options.passphraseFile != nil || options.keyFile != nil
        passphraseFile = optionGiven ? options.passphraseFile : value(nil, "NIGHTBELL_PASSPHRASE_FILE")
        keyFile = optionGiven ? options.keyFile : value(nil, "NIGHTBELL_KEY_FILE")
        certificateAuthority = value(options.ca, "NIGHTBELL_CA")
        profileDirectory = try Self.absolute(
            value(options.profile, "NIGHTBELL_PROFILE") ?? Self.standardDirectory(environment))
        guard passphraseFile == nil || keyFile == nil else {
            throw DeviceKitError(
                "two_unlocks", .usage, "both a passphrase file and a key file are given", next: "give one of the two")
        }
    }

    private static func standardDirectory(_ environment: [String: String]) throws(DeviceKitError) -> String {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/nightbell/default" }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw DeviceKitError(
                "no_home", .configuration, "there is no home directory to keep a profile in",
                next: "name a folder with --profile DIR")
        }
        return home + "/.local/share/nightbell/default"
    }

    private static func absolute(_ path: String) -> String {
        var path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// How the store key is had.
    func unlockSource() -> UnlockSource {
        if let keyFile { return .keyFile(keyFile) }
        if let passphraseFile { return .passphraseFile(passphraseFile) }
        let isJSON = console.isJSON
        return .ask { creating in
            guard !isJSON else {
                throw DeviceKitError(
                    "passphrase_needed", .locked, "with --json nobody is asked for a passphrase",
                    next: "name a file with --passphrase-file FILE, or a key file with --key-file FILE")
            }
            return try TerminalPrompt.passphrase(creating: creating)
        }
    }

    /// Opens the profile, and remembers a CA that was given.
    public func openProfile() throws -> Profile {
        let profile = try Profile.open(profileDirectory, unlock: unlockSource())
        if let certificateAuthority { try profile.rememberCertificateAuthority(certificateAuthority) }
        return profile
    }

    /// Makes a profile, or opens one whose making was interrupted.
    public func makeProfile() throws -> Profile {
        let profile = try Profile.make(profileDirectory, unlock: unlockSource())
        if let certificateAuthority { try profile.rememberCertificateAuthority(certificateAuthority) }
        return profile
    }

    /// What a session tells goes to the console; findings are counted.
    public var observer: any SessionObserver { ConsoleObserver(console: console, findings: findings) }

    /// Whether this command met a finding: then it ends with ``ExitStatus/verificationFailed``, its result told.
    var hasFindings: Bool { findings.count > 0 }

    /// Lends a session of the enrolled profile and closes it at the end, whatever happens.
    ///
    /// A relay's 403 that proves this device's revocation is remembered.
    public func withSession<Result>(_ body: (DeviceSession) async throws -> Result) async throws -> Result {
        let session = try DeviceSession.open(try openProfile(), observer: observer)
        do {
            let result = try await body(session)
            await session.close()
            return result
        } catch let refusal as RelayRefusal {
            let error = session.learn(from: refusal.problem)
            await session.close()
            throw error
        } catch {
            await session.close()
            throw error
        }
    }
}
