import Sealing
import Secrets
import Statements
import TransparencyLog

/// A small practice: Ana administers, Ivy takes calls, Dr Bo has two devices, Udo audits. Its statements, in their logs,
/// are the file's vectors; each names the checkpoints that its signer had seen.
final class Story {
    static let start = Timestamp(Array("2026-11-23T03:07:09.250Z".utf8))!

    static let genesis: Genesis = {
        var policy = Policy()
        policy.retentionDays = 2_500
        return Genesis(
            name: TextValue(typed: "Praxis Grünwald · Night line")!, relay: InvitationKeys.relay,
            rosterKey: Fixed.verifyingKey("roster log"), activityKey: Fixed.verifyingKey("activity log"), at: start,
            members: [
                Genesis.Member(id: Fixed.member("ana"), name: TextValue(typed: "Ana Schröder")!),
                Genesis.Member(id: Fixed.member("max"), name: TextValue(typed: "Max Liu 刘")!),
            ],
            admins: [
                Genesis.Admin(
                    member: Fixed.member("ana"), key: Fixed.verifyingKey("device ana"),
                    platform: Platform("linux".utf8)!,
                    label: TextValue(typed: "Ana's laptop")!),
                Genesis.Admin(
                    member: Fixed.member("max"), key: Fixed.verifyingKey("device max"),
                    platform: Platform("linux".utf8)!,
                    label: TextValue(typed: "Max at the front desk")!),
            ],
            recovery: Fixed.recoveryKey().publicKey, quorum: 2, policy: policy)
    }()

    let roster = StoryLog(.roster)
    let activity = StoryLog(.activity)
    /// What stands in no log: a revocation of each kind, heads, an offer.
    var loose: [StatementVector] = []
    private(set) var now = Story.start

    var organisation: OrganisationID { Self.genesis.organisation }
    var rosterSeen: Seen { roster.newest.seen }
    var seen: SeenBoth { SeenBoth(roster: roster.newest.seen, activity: activity.newest.seen) }

    /// Tells the whole story around the sealed message.
    init(_ message: SealedStory) {
        foundAndEnrol()
        setAuditKey()
        sendAndReceive(message)
        look(message)
        revoke()
        addHeads()
        addEvidence()
    }

    /// Lets time pass.
    func wait(seconds: Int64, milliseconds: Int64 = 7) {
        now = now.adding(seconds: seconds).adding(milliseconds: milliseconds)
    }

    /// A batch of the roster log, and the event that puts it in force.
    func commit(roster vectors: [StatementVector]) {
        roster.append(vectors, at: now)
        let kind = RelayEvent.Kind.roster(size: roster.newest.size, root: roster.newest.root)
        activity.append([event("roster \(roster.newest.size)", kind)], at: now)
    }

    func event(_ name: String, _ kind: RelayEvent.Kind) -> StatementVector {
        StatementVector(
            "event: \(name)",
            RelayEvent(
                organisation: organisation, kind: kind, salt: Fixed.seed("salt \(name)", RelayEvent.saltByteCount)),
            signers: [])
    }
}
