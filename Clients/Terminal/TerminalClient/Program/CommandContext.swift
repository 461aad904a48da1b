import Auditing
public import DeviceKit
import Foundation
import Synchronization
import UnlockAgent

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a command works with: its options, its console, its profile.
public struct CommandContext: Sendable {
    public private(set) var console: Console
    /// The profile's folder.
    public let profileDirectory: String
    private let passphraseFile: String?
    private let keyFile: String?
    private let certificateAuthority: String?
    /// Whether this process is the child of a supervisor.
    let isWorker: Bool
    private let findings = MetFindings()
    private var isStaying = false
    /// What this command says when the lock ends it.
    let atLock = StepAtLock()

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
        isWorker = options.asWorker
        profileDirectory = try Self.directory(options.profile, environment)
        if (try? Self.directory(nil, environment)) != profileDirectory {
            console.profile = ProfileHint(folder: profileDirectory)
        }
        guard passphraseFile == nil || keyFile == nil else {
            throw DeviceKitError(
                "two_unlocks", .usage, "both a passphrase file and a key file are given", next: "give one of the two")
        }
    }

    /// The profile's folder, as option, variable or custom names it.
    static func directory(_ option: String?, _ environment: [String: String]) throws(DeviceKitError) -> String {
        // A variable of a script that was never set would name the folder in which the script runs.
        guard option != "" else {
            throw DeviceKitError(
                "no_profile_named", .usage, "--profile names no folder",
                next: "name the profile's folder, or leave the option out for your own")
        }
        let variable = environment["NIGHTBELL_PROFILE"].flatMap { $0.isEmpty ? nil : $0 }
        if let named = option ?? variable { return absolute(named) }
        return absolute(try standardDirectory(environment))
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
        FolderName.plain(path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
    }

    /// The same for a command that stays, and talks for long; it waits for nobody who reads that.
    var staying: CommandContext {
        var context = self
        context.console = console.notWaiting
        context.console.wrapsTalk = true
        context.isStaying = true
        return context
    }

    /// How the store key is had.
    func unlockSource() -> UnlockSource {
        if let keyFile { return .keyFile(keyFile) }
        if let passphraseFile { return .passphraseFile(passphraseFile) }
        let isJSON = console.isJSON
        let asked = Mutex(false)
        return .ask(attempts: TerminalPrompt.attempts) { creating in
            guard !isJSON else {
                throw DeviceKitError(
                    "passphrase_needed", .locked, "with --json nobody is asked for a passphrase",
                    next: "name a file with --passphrase-file FILE, or a key file with --key-file FILE")
            }
            return try TerminalPrompt.passphrase(
                creating: creating,
                isAgain: asked.withLock { asked in
                    defer { asked = true }
                    return asked
                })
        }
    }

    /// Whether a passphrase file or key file was given: then nobody is asked, neither a person nor the agent.
    var hasUnlockFile: Bool { passphraseFile != nil || keyFile != nil }

    /// Opens the profile with the keys of its agent, when one is there and unlocked and nothing else was given.
    ///
    /// Such a process ends when the agent locks.
    /// - Throws: ``DeviceKitError`` of category `locked` when only a person could open it, and there is none.
    private func openWithAgent() throws -> Profile? {
        guard isWorker || !hasUnlockFile else { return nil }
        try Profile.check(profileDirectory)
        let role: AgentRole = isWorker ? .worker : .command
        let isPerson = !isWorker && !console.isJSON && isatty(STDIN_FILENO) == 1
        let agent: AgentConnection
        switch AgentConnection.find(profile: profileDirectory, role: role, isPerson: isPerson) {
        case .agent(let found): agent = found
        case .none:
            guard !isWorker else { throw DeviceKitError.agentGone }
            return nil
        case .stranger(let stranger):
            guard !isWorker else { throw DeviceKitError.agentGone }
            let error = DeviceKitError(stranger, profile: profileDirectory)
            guard canAskInstead else { throw error }
            askInstead(because: error)
            return nil
        }
        guard !agent.greeted.isLocked else {
            guard canAskInstead else { throw DeviceKitError.profileLocked }
            console.say(
                "this profile is locked: the passphrase opens it for this command alone (\"nightbell unlock\" for all)")
            return nil
        }
        let leash = try Leash.hold(
            profile: profileDirectory, role: role, isWorker ? Leash.endingAtOnce : Leash.ending(console, atLock))
        do {
            return try Profile.open(profileDirectory, keys: agent)
        } catch {
            guard DeviceKitError(describing: error) == .agentKey(process: nil) else { throw error }
            let error = DeviceKitError.agentKey(process: agent.process)
            guard canAskInstead else { throw error }
            // Its word counts for nothing now, nor does its end.
            leash.slip()
            askInstead(because: error)
            return nil
        }
    }

    /// Whether a person can be asked for the passphrase where the agent is of no use.
    private var canAskInstead: Bool { !isWorker && !console.isJSON && TerminalPrompt.canAsk }

    private func askInstead(because error: DeviceKitError) {
        console.warn(error.message)
        console.say("nightbell: hint: \(SafeText.line(error.next))")
        console.say("the passphrase opens the profile for this command alone, without the agent")
    }

    /// Opens the profile, and remembers a CA that was given.
    public func openProfile() throws -> Profile {
        let profile: Profile
        do {
            profile = try openWithAgent() ?? Profile.open(profileDirectory, unlock: unlockSource())
        } catch let error as DeviceKitError where error.code == "revoked" {
            // Whoever erased the profile may have ended before its agent heard of it.
            tellAgentOfErasure()
            throw error
        }
        if let certificateAuthority { try profile.rememberCertificateAuthority(certificateAuthority) }
        return profile
    }

    /// The agent of a profile that is erased forgets its key, also when this process had keys of its own.
    private func tellAgentOfErasure() {
        guard Profile.isErased(profileDirectory) else { return }
        AgentConnection(profile: profileDirectory, role: .command, isPerson: false)?.erase()
    }

    /// Makes a profile, or opens one whose making was interrupted.
    public func makeProfile() throws -> Profile {
        let profile = try Profile.make(profileDirectory, unlock: unlockSource())
        if let certificateAuthority { try profile.rememberCertificateAuthority(certificateAuthority) }
        return profile
    }

    /// What a session tells goes to the console; findings are counted.
    public var observer: any SessionObserver {
        ConsoleObserver(console: console, findings: findings, isStaying: isStaying)
    }

    /// Whether this command met a finding: then it ends with ``ExitStatus/verificationFailed``, its result told.
    var hasFindings: Bool { !findings.isEmpty }

    /// Whether a person was told this sentence as a finding.
    func hasTold(_ sentence: String) -> Bool { findings.contains(sentence) }

    /// Brings the session up to the relay's present, for a command that does nothing when that is not believed.
    /// - Parameters:
    ///   - undone: What was not done then, in a sentence.
    ///   - instead: What can be done without the relay.
    func refresh(_ session: DeviceSession, undone: String, instead: String? = nil) async throws {
        do {
            try await session.refresh()
        } catch let error as DeviceKitError where error.category == .verification {
            throw error.leaving(undone: undone, instead: instead, isTold: !console.isJSON && hasTold(error.message))
        }
    }

    /// Lends a session of the enrolled profile and closes it at the end, whatever happens.
    ///
    /// A relay's 403 that proves this device's revocation is remembered.
    public func withSession<Result>(_ body: (DeviceSession) async throws -> Result) async throws -> Result {
        defer { tellAgentOfErasure() }
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
            // Whatever failed next: what is to be known is that the device was revoked.
            if let record = try? session.profile.revocation() { throw record.error }
            throw error
        }
    }
}
