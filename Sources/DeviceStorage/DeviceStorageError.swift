/// Why a profile's database refuses. Never carries what is stored.
public struct DeviceStorageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind, used in `--json` and logs.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Another process kept the profile's lock for longer than we wait.
        public static let busy = Code(rawValue: "profile_busy")
        /// A sealed value does not open: the row was swapped or changed, or the store key is another one.
        public static let doesNotOpen = Code(rawValue: "stored_value_does_not_open")
        /// The same under keys that the agent made: it may be the agent that is a false one.
        public static let agentKeyDoesNotOpen = Code(rawValue: "agent_key_does_not_open")
        /// The file is missing, damaged or cannot be written.
        public static let unusable = Code(rawValue: "store_unusable")
        /// There is no database where one must be.
        public static let lost = Code(rawValue: "store_lost")
        /// Something else stands in the place of a file.
        public static let notAFile = Code(rawValue: "not_a_file")
        /// A later version of Nightbell wrote this store.
        public static let newerVersion = Code(rawValue: "store_newer_version")
        /// A version before the first release wrote this store.
        public static let olderVersion = Code(rawValue: "store_older_version")
        /// The agent has locked, and gives no key any more.
        public static let locked = Code(rawValue: "locked")
        /// The agent that held the store key is gone.
        public static let agentGone = Code(rawValue: "agent_gone")
        /// This device was revoked, and its store is destroyed.
        public static let erased = Code(rawValue: "store_erased")
        /// The file, or its folder, is open to others than its owner.
        public static let tooOpen = Code(rawValue: "store_too_open")
    }

    public let code: Code
    /// The path or the table that is meant; one of our own words, never a stored value.
    public let place: String

    public init(_ code: Code, place: String) {
        self.code = code
        self.place = place
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String { "\(code.rawValue): \(place)" }
}
