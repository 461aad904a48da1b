/// Which rule a statement breaks. The relay refuses with it, a client stops with it, an auditor reports it.
public struct RuleViolation: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each rule: problem type on the wire, code of a finding.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The statement cannot be read.
        public static let malformed = Code(rawValue: "malformed")
        /// A type that this version does not know: update before going on.
        public static let unknownType = Code(rawValue: "unknown_type")
        /// The statement is of another organisation, or the genesis does not hash to the organisation's id.
        public static let wrongOrganisation = Code(rawValue: "wrong_organisation")
        /// Entry times decrease.
        public static let timeOrder = Code(rawValue: "time_order")
        /// The signer's time and the log's differ by more than the rule permits.
        public static let clock = Code(rawValue: "clock")
        /// A signature is missing, superfluous, out of order or false.
        public static let badSignature = Code(rawValue: "bad_signature")
        /// The signer may not say this.
        public static let notPermitted = Code(rawValue: "not_permitted")
        /// The signer is revoked or its member suspended.
        public static let signerRevoked = Code(rawValue: "signer_revoked")
        /// What the signer had seen was never signed by this log.
        public static let seenUnsigned = Code(rawValue: "seen_unsigned")
        /// What the signer had seen is signed and contradicts this log: two histories.
        public static let seenContradicts = Code(rawValue: "seen_contradicts")
        /// The statement replaces one that is no longer current.
        public static let stale = Code(rawValue: "stale")
        /// The same statement, key, name or id a second time.
        public static let duplicate = Code(rawValue: "duplicate")
        /// A member, device, invitation or statement that is not in the roster.
        public static let unknown = Code(rawValue: "unknown")
        /// An invitation that was used, revoked or has expired.
        public static let invitationSpent = Code(rawValue: "invitation_spent")
        /// The change would leave fewer live admin members than the quorum.
        public static let tooFewAdmins = Code(rawValue: "too_few_admins")
        /// The recipients are not exactly the devices that the roster requires.
        public static let wrongRecipients = Code(rawValue: "wrong_recipients")
        /// A lifetime, size or count outside what policy and protocol permit.
        public static let outOfBounds = Code(rawValue: "out_of_bounds")
        /// The binding, recovery or capsule line is not what the roster and the fields give.
        public static let wrongBinding = Code(rawValue: "wrong_binding")
        /// A receipt that does not continue its device's chain.
        public static let brokenChain = Code(rawValue: "broken_chain")
        /// A receipt about another manifest, or by a device that the message was not sealed to.
        public static let wrongMessage = Code(rawValue: "wrong_message")
        /// A reply or a hand-off, or the receipt of one, or a look, whose message is not logged or does not let this signer refer to it.
        public static let badReference = Code(rawValue: "bad_reference")
    }

    public let code: Code
    /// The part that is meant, in our own words; never what came from outside.
    public let part: String

    public init(_ code: Code, _ part: String) {
        self.code = code
        self.part = part
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String { "\(code.rawValue): \(part)" }
}
