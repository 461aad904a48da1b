public import DeviceKit

/// How `nightbell` ends. Scripts depend on these numbers: they never change.
public enum ExitStatus: Int32, CaseIterable, Sendable {
    case done = 0
    case failed = 1
    /// The command or its arguments.
    case usage = 64
    /// Someone lied.
    case verificationFailed = 65
    case notFound = 66
    case relayUnreachable = 69
    case wouldOverwrite = 73
    case tryAgain = 75
    /// Rights, or a key file that others can read.
    case refused = 77
    /// Configuration or version.
    case configuration = 78
    case locked = 79

    public init(_ category: DeviceKitError.Category) {
        switch category {
        case .failed: self = .failed
        case .usage: self = .usage
        case .verification: self = .verificationFailed
        case .notFound: self = .notFound
        case .unreachable: self = .relayUnreachable
        case .wouldOverwrite: self = .wouldOverwrite
        case .tryAgain: self = .tryAgain
        case .refused: self = .refused
        case .configuration: self = .configuration
        case .locked: self = .locked
        }
    }

    /// One line for `nightbell help exit-codes`.
    public var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .usage: "the command or its arguments"
        case .verificationFailed: "verification failed: someone lied"
        case .notFound: "not found"
        case .relayUnreachable: "the relay is unreachable"
        case .wouldOverwrite: "would overwrite something"
        case .tryAgain: "try again"
        case .refused: "refused: rights, or a file that others can read"
        case .configuration: "configuration or version"
        case .locked: "locked: the passphrase or key file is missing or wrong"
        }
    }
}
