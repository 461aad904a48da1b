import Auditing
package import Sealing
package import Statements
import TransparencyLog

/// A kind of lie: who can tell it, and how it is told in the middle of an honest story.
///
/// Whoever lies signs with the keys that he holds and no other: the relay with the logs' keys, a sender, recipient or admin
/// with the key of its device. Everybody else goes on honestly on what he is then shown, so that later statements name the
/// trees in which the lie stands.
package struct Lie: Sendable {
    package enum Liar: String, CaseIterable, Codable, Sendable {
        case relay, admin, sender, recipient, auditor, witness
    }

    enum Moment: Sendable {
        /// Before the first roster is in force, in the place of that.
        case founding
        case midway
        /// After the last honest entry.
        case end
    }

    /// Names the kind, and its folder.
    package let name: String
    package let liar: Liar
    /// One line: the lie.
    package let summary: String
    let moment: Moment
    /// Whether a reader finds it that opens no capsule and knows no kept head, and judges no page and no silence: the
    /// independent one in `Clients/verify`.
    package var showsInExport: Bool { !Self.ours.contains(name) }
    let tell: @Sendable (Telling) -> Void

    /// What the independent reader does not judge: README.md there says so.
    private static let ours: Set<String> = [
        "capsule-changed", "capsule-key-changed", "capsule-key-of-noise",
        "capsule-not-given", "capsule-of-another-key", "capsule-of-another-message", "capsule-of-noise",
        "capsule-of-something-else", "capsule-said-to-differ", "clock-of-a-recipient",
        "commitment-said-to-be-wrong", "cut-off-behind-a-witness", "delivered-twice", "fallback-for-another",
        "fallback-in-silence",
        "given-up-for-another-reason", "given-up-in-silence", "given-up-untruly", "head-before-its-time",
        "head-of-a-longer-log", "head-of-a-longer-roster", "head-of-another-history",
        "head-of-another-roster", "left-out-in-silence", "log-that-shrank",
        "page-after-a-refusal", "page-after-the-answer", "page-after-the-end",
        "page-kept-back", "page-to-a-stranger", "page-to-the-revoked", "page-to-the-suspended",
        "one-time-as-fallback", "page-without-a-subscription", "prekey-twice", "queue-item-dropped", "queue-never-full",
        "queue-reordered", "receipt-hidden-from-sender", "revocation-below-quorum",
        "revocation-hidden", "roster-held-back", "served-to-a-stranger", "served-to-the-revoked",
        "served-to-the-suspended", "subscription-invented", "suspension-below-quorum", "tail-cut-off",
        "tail-withheld", "told-to-a-stranger", "two-heads-of-one-size",
        "unanswered-at-the-end", "unanswered-in-silence",
        "unanswered-late", "unanswered-though-answered", "unanswered-too-early", "unanswered-twice",
    ]

    init(
        _ liar: Liar, _ name: String, _ summary: String, moment: Moment = .midway,
        tell: @escaping @Sendable (Telling) -> Void
    ) {
        self.liar = liar
        self.name = name
        self.summary = summary
        self.moment = moment
        self.tell = tell
    }
}

/// What an auditor is shown: both logs, and what devices kept.
package struct Shown: Sendable {
    package var source: MemorySource
    /// Signed heads.
    package var heads: [[UInt8]]
    package var capsules: [MessageID: SealedCapsule]
    /// The logs' keys, as an honest export names them.
    let keys: [LogKind: LogKey]
    /// The organisation as the auditor knows it.
    package var organisation: OrganisationID
    /// Whether this is what the relay shows now, or an export of some day.
    package var isPresent = true
    /// Files of the export that are written otherwise; `nil` for one that is left out.
    package var files: [String: [UInt8]?] = [:]

    init(_ telling: Telling) {
        source = telling.world.source
        heads = telling.heads
        capsules = telling.world.capsules.mapValues { SealedCapsule(sealedKey: $0.sealedKey, capsule: $0.capsule) }
        keys = [.roster: telling.world.roster.key, .activity: telling.world.activity.key]
        organisation = telling.world.organisation
    }
}

/// What the relay keeps of a message for auditors.
package struct SealedCapsule: Hashable, Sendable {
    package var sealedKey: [UInt8]
    package var capsule: [UInt8]

    package init(sealedKey: [UInt8], capsule: [UInt8]) {
        self.sealedKey = sealedKey
        self.capsule = capsule
    }
}

/// An auditor with the practice's audit key and what was shown to it.
package struct CorpusAuditor: CapsuleSource {
    let capsules: [MessageID: SealedCapsule]

    package func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])? {
        capsules[message].map { ($0.sealedKey, $0.capsule) }
    }

    package func withAuditKey<Result>(
        _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
    ) throws -> Result? {
        let key = EncapsulationPrivateKey.named("audit")
        return id == key.publicKey.id ? body(key) : nil
    }
}
