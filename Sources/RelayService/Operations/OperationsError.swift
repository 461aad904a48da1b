/// Why the relay cannot start, or an operator's command cannot be done.
///
/// Made for one reader, the operator: ``message`` names the thing and the cause, ``next`` the step that repairs it.
/// Neither ever holds a secret or what came from outside.
public struct OperationsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind, used in `--json`, in logs and in the admin socket's answers.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A configured value does not have its form.
        public static let configurationMalformed = Code(rawValue: "configuration_malformed")
        /// A key, flag or variable that this version does not know, or a key that is there twice.
        public static let configurationUnknown = Code(rawValue: "configuration_unknown")
        /// No data directory here, or one whose `init` did not finish.
        public static let notInitialised = Code(rawValue: "not_initialised")
        /// `init` would write over what is there.
        public static let wouldOverwrite = Code(rawValue: "would_overwrite")
        /// Others than the owner may read what is secret.
        public static let tooOpen = Code(rawValue: "too_open")
        /// The directory belongs to another user.
        public static let foreignOwner = Code(rawValue: "foreign_owner")
        /// Another process serves this data directory.
        public static let dataInUse = Code(rawValue: "data_in_use")
        /// A file could not be read, or not be written durably.
        public static let fileUnusable = Code(rawValue: "file_unusable")
        /// A certificate or its key is no PEM that we can use, or they do not belong together.
        public static let certificateUnusable = Code(rawValue: "certificate_unusable")
        /// The certificate is not valid now.
        public static let certificateExpired = Code(rawValue: "certificate_expired")
        /// A key, a credential or an authority for push services is none that can be used.
        public static let pushUnusable = Code(rawValue: "push_unusable")
        /// The head lock is not what the relay wrote.
        public static let headLockMalformed = Code(rawValue: "head_lock_malformed")
        /// There are entries and no head lock.
        public static let headLockMissing = Code(rawValue: "head_lock_missing")
        /// The store has lost entries that the relay has signed.
        public static let storeOlder = Code(rawValue: "store_older")
        /// The store holds other entries than the relay has signed.
        public static let storeForked = Code(rawValue: "store_forked")
        /// An address to listen on is taken, not this machine's, or not permitted.
        public static let addressUnusable = Code(rawValue: "address_unusable")
        /// No relay answers on the admin socket.
        public static let relayNotRunning = Code(rawValue: "relay_not_running")
        /// The admin socket's answer did not come in time, or was none.
        public static let adminUnanswered = Code(rawValue: "admin_unanswered")
        /// The relay refused what was asked through the admin socket.
        public static let adminRefused = Code(rawValue: "admin_refused")
        /// The file of founding codes is not what the relay wrote.
        public static let foundingCodesMalformed = Code(rawValue: "founding_codes_malformed")
        /// As many founding codes wait as are kept at all.
        public static let tooManyFoundingCodes = Code(rawValue: "too_many_founding_codes")
    }

    public let code: Code
    /// What is wrong: lower case, no full stop, names the thing.
    public let message: String
    /// What to do about it.
    public let next: String

    public init(_ code: Code, _ message: String, next: String) {
        self.code = code
        self.message = message
        self.next = next
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String { "\(code.rawValue): \(message)" }

    /// The exit code of a command that ends with this error (design section 11).
    public var exitCode: Int32 {
        switch code {
        case .storeOlder, .storeForked: 65
        case .relayNotRunning: 69
        case .wouldOverwrite: 73
        case .dataInUse, .addressUnusable, .adminUnanswered, .tooManyFoundingCodes: 75
        case .tooOpen, .foreignOwner: 77
        case .configurationMalformed, .configurationUnknown, .notInitialised, .certificateUnusable,
            .certificateExpired, .pushUnusable, .headLockMalformed, .headLockMissing, .foundingCodesMalformed:
            78
        default: 1
        }
    }
}
