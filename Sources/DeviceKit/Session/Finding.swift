public import Statements

/// Something that cannot be if everyone keeps to the protocol: shown loudly, kept as evidence, never a reason to stop
/// receiving.
public struct Finding: Sendable, Equatable {
    /// A stable word for each kind.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The relay signed two trees of one size with different roots.
        public static let contradiction = Code(rawValue: "checkpoints_contradict")
        /// A signed tree that the relay cannot show to continue an earlier signed one.
        public static let inconsistent = Code(rawValue: "not_consistent")
        /// The relay answers with an older tree than it signed before.
        public static let rolledBack = Code(rawValue: "rolled_back")
        /// The roster log holds what its rules forbid, or not what its checkpoint says.
        public static let badRoster = Code(rawValue: "roster_log_invalid")
        /// The relay says that this device was revoked, by a statement that nobody signed who may.
        public static let badRevocation = Code(rawValue: "revocation_untrue")
        /// A signed head that is not what it should be.
        public static let badHead = Code(rawValue: "head_invalid")
        /// Stream after stream on which the relay signs no head.
        public static let headsWithheld = Code(rawValue: "heads_withheld")
        /// A statement's place in the log is not proven.
        public static let unproven = Code(rawValue: "entry_unproven")
        /// Sealed bytes that are not those of the manifest.
        public static let changedBytes = Code(rawValue: "bytes_changed")
        /// A manifest that its own rules forbid.
        public static let badManifest = Code(rawValue: "manifest_invalid")
        /// A manifest that was logged under a roster no longer in force.
        public static let staleRoster = Code(rawValue: "roster_not_in_force")
        /// What a signer had seen is signed, and is no prefix of what we saw.
        public static let seenContradicts = Code(rawValue: "seen_contradicts")
        /// A receipt or event on our own message that its rules forbid.
        public static let badNotice = Code(rawValue: "notice_invalid")
        /// Items of the queue do not add up to what the signed head says.
        public static let queueDiffers = Code(rawValue: "queue_differs")
        /// Items of the queue that the relay did not give.
        public static let queueGap = Code(rawValue: "queue_gap")
        /// A prekey that is not one of ours.
        public static let foreignPrekey = Code(rawValue: "prekey_not_ours")
        /// The fallback prekey was handed out while one-time prekeys were left.
        public static let fallbackAbused = Code(rawValue: "fallback_while_keys_left")
        /// The sender's capsule names something else than its message.
        public static let capsuleDiffers = Code(rawValue: "capsule_differs")
        /// The sealed alert says something else than the manifest.
        public static let badAlert = Code(rawValue: "alert_invalid")
        /// A page that is not the message's own.
        public static let pageDiffers = Code(rawValue: "page_differs")
        /// A message that was handed on with another content, or another sender, than it had.
        public static let falseOriginal = Code(rawValue: "original_untrue")
        /// A message that does not open.
        public static let undecryptable = Code(rawValue: "undecryptable")
        /// The relay says that our recipients are wrong, and the signed roster says that they are right.
        public static let falseRefusal = Code(rawValue: "refusal_untrue")
        /// The relay handed out a prekey that its device never signed.
        public static let badPrekey = Code(rawValue: "prekey_invalid")
        /// The relay holds receipts of this device that we did not write.
        public static let receiptChain = Code(rawValue: "receipt_chain_differs")

        /// What the relay's own signatures, or a statement that it logged, convict it of for good: no later answer takes it back.
        /// The gravest first.
        static let convicting: [Code] = [.contradiction, .inconsistent, .seenContradicts, .rolledBack]
    }

    public let code: Code
    /// One sentence in our own words.
    public let sentence: String
    /// The file with the signed proof.
    public let evidence: String
    /// The log that it is about, where it is about one.
    public let log: LogKind?

    public init(_ code: Code, _ sentence: String, evidence: String, log: LogKind? = nil) {
        self.code = code
        self.sentence = sentence
        self.evidence = evidence
        self.log = log
    }

    /// What a one-shot command fails with.
    public var error: DeviceKitError {
        DeviceKitError(
            DeviceKitError.Code(rawValue: code.rawValue), .verification, sentence,
            next: next)
    }

    /// Whether the file convicts only together with an export: the trees in it are of two sizes, and that the larger one does not
    /// continue the smaller one shows in a history's entries alone.
    public var needsExport: Bool { code == .inconsistent && log != nil }

    /// What to do with the evidence, for whoever keeps it: an auditor has nobody else to show it to.
    public var next: String {
        if needsExport {
            return
                "keep \"\(evidence)\" and show it to your administrator and an auditor now: it convicts the relay together with an export of "
                + "the history that it shows now, which an auditor makes with \"nightbell audit export DIR\". Keep both; \"nightbell audit "
                + "compare \(evidence) --export DIR\" says what they prove"
        }
        let next = "keep \"\(evidence)\" and show it to your administrator and an auditor"
        return code == .contradiction
            ? "\(next), who sees what it proves with \"nightbell audit compare \(evidence)\"" : next
    }
}

/// Hears of what a session does, as it becomes durable.
public protocol SessionObserver: Sendable {
    /// Lines that were added to the step log.
    func logged(_ lines: [StepLine])
    /// A finding, just recorded.
    func found(_ finding: Finding)
    /// Something that a person should know and that is no finding.
    func remark(_ sentence: String)
    /// A file has come further on its way.
    func transferred(_ progress: TransferProgress)
}

extension SessionObserver {
    public func transferred(_ progress: TransferProgress) {}
}

/// Hears and says nothing.
public struct SilentObserver: SessionObserver {
    public init() {}
    public func logged(_ lines: [StepLine]) {}
    public func found(_ finding: Finding) {}
    public func remark(_ sentence: String) {}
}
