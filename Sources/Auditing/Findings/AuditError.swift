import Statements

/// Why an audit cannot go on at all.
public struct AuditError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A directory that holds no export.
        public static let noExport = Code(rawValue: "no_export")
        /// What is to be written exists already.
        public static let wouldOverwrite = Code(rawValue: "would_overwrite")
        /// A file or folder could not be written durably.
        public static let unwritable = Code(rawValue: "unwritable")
        /// What the relay gave is not what its checkpoint covers: nothing was kept.
        public static let notTheLog = Code(rawValue: "not_the_log")
        /// More about one message than a file of evidence holds.
        public static let tooMuch = Code(rawValue: "too_much_evidence")
        /// A message's capsule that cannot be opened, or is not there.
        public static let noCapsule = Code(rawValue: "no_capsule")
        /// What earlier audits kept cannot be read.
        public static let storeDamaged = Code(rawValue: "audit_store_damaged")
        /// What an audit keeps cannot be written.
        public static let storeUnusable = Code(rawValue: "audit_store_unusable")
        /// What stands in the place of what an audit keeps is no plain file.
        public static let storeNotAFile = Code(rawValue: "audit_store_not_a_file")
        /// Another audit works with what is kept.
        public static let storeBusy = Code(rawValue: "audit_store_busy")
        /// A folder that holds no witness.
        public static let noWitness = Code(rawValue: "no_witness")
        /// Another process serves this witness.
        public static let witnessInUse = Code(rawValue: "witness_in_use")
        /// A witness whose memory is gone: it must not sign again.
        public static let witnessStateLost = Code(rawValue: "witness_state_lost")
        /// A witness's memory that is not what it wrote.
        public static let witnessStateDamaged = Code(rawValue: "witness_state_damaged")
        /// A key file that is too open, missing or another's, or a log's key that is the witness's own.
        public static let witnessKeyUnfit = Code(rawValue: "witness_key_unfit")
        /// More logs or keys than a witness holds.
        public static let witnessFull = Code(rawValue: "witness_full")
        /// A log of which nothing can be kept so that it is read again.
        public static let logUnfit = Code(rawValue: "log_unfit")
    }

    public let code: Code
    /// Which entry, file or part, in our words.
    public let part: String

    public init(_ code: Code, _ part: String) {
        self.code = code
        self.part = part
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String { "\(code.rawValue): \(part)" }
}
