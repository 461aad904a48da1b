public import Membership
public import Statements

/// Something in the logs that is not as it should be, or that a reader should know.
public struct AuditFinding: Hashable, Sendable {
    /// How bad it is.
    public enum Severity: String, Sendable {
        /// Somebody broke what was promised: the verdict is not `ok`.
        case brokenPromise = "broken_promise"
        /// The copy at hand is not what was exported: it proves nothing and convicts nobody, and the verdict is not `ok` either.
        case damagedCopy = "damaged_copy"
        /// From there on nothing was judged: that convicts nobody, and the verdict is not `ok` either.
        case unjudged
        /// Worth knowing; by itself it convicts nobody.
        case note
    }

    /// A stable word for each kind, used in `--json`. A broken rule of a statement has the rule's own word.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        /// The word of a rule that `Membership` found broken.
        public init(_ rule: RuleViolation.Code) { rawValue = rule.rawValue }
    }

    public let code: Code
    public let severity: Severity
    /// The log that `entries` lie in; `nil` when no entry is meant.
    public let log: LogKind?
    /// Indexes in that log, ascending: the entries that show it.
    public let entries: [UInt64]
    /// The message that it is about.
    public let message: MessageID?
    /// One sentence: the thing, what is wrong with it, and whose fault it can be.
    public let sentence: String

    public init(
        _ code: Code, severity: Severity = .brokenPromise, log: LogKind? = nil, entries: [UInt64] = [],
        message: MessageID? = nil, _ sentence: String
    ) {
        self.code = code
        self.severity = severity
        self.log = log
        self.entries = entries
        self.message = message
        self.sentence = sentence
    }

    /// The same, told again by an audit that did not find it itself.
    var foundEarlier: AuditFinding {
        AuditFinding(
            code, severity: severity, log: log, entries: entries, message: message,
            "found earlier, of what the relay showed then: \(sentence)")
    }
}

extension AuditFinding.Code {
    // MARK: The logs themselves

    /// A checkpoint that cannot be read, or is not by the log's key.
    public static let checkpointInvalid = Self(rawValue: "checkpoint_invalid")
    /// Neither log is ever empty.
    public static let logEmpty = Self(rawValue: "log_empty")
    /// Entries that the checkpoint covers cannot be had.
    public static let entriesMissing = Self(rawValue: "entries_missing")
    /// The entries do not give the root that was signed.
    public static let rootDiffers = Self(rawValue: "root_differs")
    /// A later version wrote what this one does not know: it is never skipped.
    public static let updateNeeded = Self(rawValue: "update_needed")
    /// A log does not continue what an earlier audit read of it.
    public static let notContinued = Self(rawValue: "not_continued")
    /// What earlier audits kept cannot be used.
    public static let keptUnusable = Self(rawValue: "kept_unusable")
    /// A hash tile of an export is not what its entries give.
    public static let tileDiffers = Self(rawValue: "tile_differs")
    /// A file of an export that is missing, or that has no place there.
    public static let wrongFiles = Self(rawValue: "wrong_files")
    /// The relay's answers contradict what it signed before; the device that asked keeps the evidence.
    public static let relayContradicts = Self(rawValue: "relay_contradicts_itself")

    // MARK: Between the logs

    /// Roster statements without an event that puts them in force, or an activity log that does not begin with one.
    public static let rosterEventMissing = Self(rawValue: "roster_event_missing")
    /// A `roster` event that does not name the next true roster.
    public static let rosterEventFalse = Self(rawValue: "roster_event_false")
    /// A `roster` event of another time than the statements that it puts in force: they were held back.
    public static let rosterEventLate = Self(rawValue: "roster_event_late")

    // MARK: Messages

    /// An event or receipt about a message that is not logged before it.
    public static let unknownMessage = Self(rawValue: "unknown_message")
    /// An event that names a device which was never enrolled.
    public static let unknownDevice = Self(rawValue: "unknown_device")
    /// A receipt of a device to which the message was never logged as served: log before release was broken.
    public static let notServed = Self(rawValue: "not_served")
    /// Sealed bytes went to a device that is no recipient.
    public static let servedToStranger = Self(rawValue: "served_to_stranger")
    /// Sealed bytes went to a device that was revoked or suspended.
    public static let servedToRevoked = Self(rawValue: "served_to_revoked")
    /// A message that could not reach a device, and nothing says so.
    public static let undeliverableMissing = Self(rawValue: "undeliverable_missing")
    /// An `undeliverable` event without its cause.
    public static let undeliverableUntrue = Self(rawValue: "undeliverable_untrue")
    /// A message that expired without an answer, and nothing says so.
    public static let unansweredMissing = Self(rawValue: "unanswered_missing")
    /// An `unanswered` event too early, twice, or on an answered message.
    public static let unansweredUntrue = Self(rawValue: "unanswered_untrue")
    /// A receipt's own time lies far from its entry's.
    public static let receiptTime = Self(rawValue: "receipt_time")
    /// A recipient says that a message did not open.
    public static let undecryptable = Self(rawValue: "undecryptable")
    /// A recipient says that the sealed key does not give the sender's commitment.
    public static let undecryptableCommitment = Self(rawValue: "undecryptable_commitment")
    /// A recipient says that the capsule names something else than the message.
    public static let capsuleDiffers = Self(rawValue: "capsule_differs")
    /// A recipient judges a capsule that the manifest does not name, or says that there is none where it names one.
    public static let capsuleVerdictUntrue = Self(rawValue: "capsule_verdict_untrue")

    // MARK: Pages and prekeys

    /// A page to a device that proved no subscription over this transport.
    public static let pushedUnsubscribed = Self(rawValue: "pushed_unsubscribed")
    /// A page of a message that was answered, declined or over.
    public static let pagedAfterEnd = Self(rawValue: "paged_after_end")
    /// No page went out where the policy wants one.
    public static let notPaged = Self(rawValue: "not_paged")
    /// A subscription that was proven or ended, and never added.
    public static let subscriptionUntrue = Self(rawValue: "subscription_untrue")
    /// A one-time prekey that two messages are sealed to.
    public static let prekeyAgain = Self(rawValue: "prekey_again")
    /// A fallback prekey that no event gives out for the message.
    public static let fallbackMissing = Self(rawValue: "fallback_missing")
    /// A device that was left out for a full queue, which it cannot have had.
    public static let queueFullUntrue = Self(rawValue: "queue_full_untrue")
    /// A device receipts its delivery of a message anew.
    public static let deliveredTwice = Self(rawValue: "delivered_twice")

    // MARK: Capsules

    /// The relay does not give a capsule that the manifest names.
    public static let capsuleMissing = Self(rawValue: "capsule_missing")
    /// A capsule that could not be asked for, for the relay did not answer.
    public static let capsuleUnavailable = Self(rawValue: "capsule_unavailable")
    /// The relay gives other bytes than the manifest names.
    public static let capsuleChanged = Self(rawValue: "capsule_changed")
    /// The capsule does not open with the audit key that it was sealed to.
    public static let capsuleUnopened = Self(rawValue: "capsule_unopened")
    /// The capsule's key does not give the manifest's commitment.
    public static let capsuleCommitment = Self(rawValue: "capsule_commitment")
    /// The capsule opens, and holds no capsule.
    public static let capsuleMalformed = Self(rawValue: "capsule_malformed")
    /// Capsules were left closed, for this device does not hold their audit key.
    public static let capsulesClosed = Self(rawValue: "capsules_not_opened")

    // MARK: Heads that devices kept

    /// A head whose signature is true and whose words are not.
    public static let falseHead = Self(rawValue: "false_head")
    /// What claims to be a head and is not the relay's word.
    public static let headUnsigned = Self(rawValue: "head_unsigned")
    /// A head of a longer log than the one at hand.
    public static let headBeyond = Self(rawValue: "head_beyond")

    // MARK: What witnesses cosigned

    /// What is shown as a cosignature and is none: not by the witness's key, or of no checkpoint of the log.
    public static let cosignatureInvalid = Self(rawValue: "cosignature_invalid")
    /// The relay signed, and a witness cosigned, a tree that is no part of the log at hand.
    public static let cosignedOtherHistory = Self(rawValue: "cosigned_other_history")
    /// A witness cosigned a longer log than the one at hand.
    public static let cosignedBeyond = Self(rawValue: "cosigned_beyond")
    /// A witness vouched for two trees that no log has both of.
    public static let witnessContradicts = Self(rawValue: "witness_contradicts_itself")
    /// Fewer witnesses than the roster demands have cosigned a log for 24 hours.
    public static let cosignaturesMissing = Self(rawValue: "cosignatures_missing")

    /// There were more findings of a kind than are listed.
    public static let more = Self(rawValue: "more_findings")
}
