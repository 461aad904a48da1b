import DeviceStorage
import Membership
public import RelayAPI
import Secrets
import Statements
import TransparencyLog

extension DeviceKitError {
    /// Any error of the kit, as what a person reads.
    public init(describing error: any Error) {
        switch error {
        case let error as DeviceKitError: self = error
        case let error as DeviceStorageError: self.init(error)
        case let refusal as RelayRefusal: self.init(refusal.problem)
        case let failure as EventParser.Failure:
            self.init("stream_out_of_bounds", .verification, failure.description, next: "tell the relay's operator")
        case let error as SecretsError:
            self.init(
                Code(rawValue: error.code.rawValue), .failed, "a key cannot be used (\(error))",
                next: "check the file that is named")
        case let error as StatementError:
            self.init(
                Code(rawValue: error.code.rawValue),
                [.unknownType, .unsupported].contains(error.code) ? .configuration : .verification,
                "a statement cannot be read (\(error))", next: "update nightbell, or tell the relay's operator")
        case let error as LogError:
            self.init(
                Code(rawValue: error.code.rawValue), .verification, "a proof or checkpoint is refused (\(error))",
                next: "tell the relay's operator and an auditor")
        case let violation as RuleViolation:
            self.init(
                Code(rawValue: violation.code.rawValue),
                violation.code == .unknownType ? .configuration : .verification,
                "a statement breaks a rule (\(violation))",
                next: violation.code == .unknownType ? "update nightbell" : "tell your administrator and an auditor")
        case is CancellationError:
            self.init("interrupted", .failed, "interrupted", next: "repeat the command")
        default:
            // An unknown error's text may hold anything: only its type is told.
            self.init(
                "failed", .failed, "something failed that should not (\(type(of: error)))",
                next: "repeat the command with -v, and report it")
        }
    }

    /// Nobody has unlocked the profile.
    public static var profileLocked: DeviceKitError {
        DeviceKitError("locked", .locked, "the profile is locked", next: "unlock it with \"nightbell unlock\"")
    }

    /// Somebody had, and the agent gives no keys.
    public static var agentGone: DeviceKitError {
        DeviceKitError(
            "agent_gone", .locked, "the agent that holds this profile's key has ended, or does not answer",
            next: "unlock the profile again with \"nightbell unlock\"")
    }

    /// The relay gave this device's stream to another process, and none of this profile has it.
    static var connectedTwice: DeviceKitError {
        DeviceKitError(
            "connected_twice", .tryAgain,
            "this device is connected from a second place, with a copy of this profile, and what comes there does not come here",
            next:
                "end \"nightbell watch\" or \"nightbell ui\" there; if that is none of yours, somebody has a copy of this "
                + "device: telephone an administrator now, who revokes it")
    }

    /// The keys that come from the agent do not open the store. Which of the two is the false one, the passphrase shows.
    /// - Parameter process: What answers as the agent, where that is known.
    public static func agentKey(process: Int32?) -> DeviceKitError {
        DeviceKitError(
            "agent_key_does_not_open", .verification,
            "what answers as the agent of this profile gave a key that does not open its store: either it is not this "
                + "profile's agent, or the store was changed",
            next: endingAgent(process: process)
                + "; if the store does not open then either, it was changed: do not go on with "
                + "this profile, and tell your administrator")
    }

    /// What to do about an agent that is none: the next step of a sentence.
    public static func endingAgent(process: Int32?) -> String {
        "run \"nightbell lock\", end \(process.map { "process \($0)" } ?? "the process that answers as the agent"), and unlock "
            + "again with \"nightbell unlock\""
    }

    private init(_ error: DeviceStorageError) {
        let code = Code(rawValue: error.code.rawValue)
        switch error.code {
        case .busy:
            self.init(
                code, .tryAgain, "another nightbell works on this profile and did not finish in 10 s",
                next: "try again; if nothing else runs, look for a stopped process that holds \"\(error.place)\"")
        case .newerVersion:
            self.init(
                code, .configuration, "a later version of Nightbell wrote this profile's store",
                next: "update nightbell")
        case .olderVersion:
            self.init(
                code, .configuration, "this profile was made by a trial version from before the first release",
                next: "have the device revoked, and join again with a new invitation in a new profile (--profile DIR)")
        case .erased:
            self.init(
                "revoked", .refused, "this device was revoked, and its keys and messages were destroyed",
                next: "ask an admin for an invitation if you still need one, and join with a new profile")
        case .locked:
            self = .profileLocked
        case .agentGone:
            self = .agentGone
        case .lost:
            self.init(
                code, .configuration,
                "this device is enrolled, but its store (\(error.place)) is missing or empty: keys and messages are gone",
                next: "have the device revoked, and join again with a new invitation in a new profile (--profile DIR)")
        case .notAFile:
            self.init(
                code, .configuration, "\"\(error.place)\" is not a plain file",
                next: "move it away and repeat the command: the file is written anew")
        case .tooOpen:
            self.init(
                code, .refused, "\"\(error.place)\" can be read by others", next: "run: chmod 600 '\(error.place)'")
        case .agentKeyDoesNotOpen:
            self = .agentKey(process: nil)
        case .doesNotOpen:
            self.init(
                code, .verification, "a value in the profile's store (\(error.place)) was changed or moved",
                next: "do not go on with this profile; tell your administrator, and join again with a new invitation")
        default:
            self.init(
                code, .failed, "the profile's store cannot be used (\(error.place))",
                next: "check free space and permissions of the profile's folder")
        }
    }

    /// The relay's no, in its own words, with the exit code that fits.
    public init(_ problem: Problem) {
        let category: Category
        switch problem.code {
        case .notFound: category = .notFound
        case .unauthorized, .revoked, .notPermitted, .invitationSpent, .foundingCode: category = .refused
        case .clock, .stale, .recipients, .unclaimed, .quota, .busy, .unavailable, .replayed, .blobOffset, .blobHash,
            .blobsMissing:
            category = .tryAgain
        case .unknownType: category = .configuration
        case .brokenChain: category = .verification
        default: category = .failed
        }
        self.init(
            Code(rawValue: problem.code.rawValue), category, "the relay refuses: \(Self.plain(problem.detail))",
            next: Self.plain(problem.next))
    }

    /// A sentence of the relay's, cut to a length and without its full stop.
    private static func plain(_ text: String) -> String {
        var text = String(text.prefix(400))
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
