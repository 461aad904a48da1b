import Membership
import Secrets
import SignerSupport
import Statements
import TransparencyLog

/// An organisation whose roster log the test writes, with a relay that signs whatever it is told to.
final class Practice {
    static let start = Timestamp(Array("2026-11-23T03:07:09.250Z".utf8))!

    /// Who founded it.
    struct Founding: Sendable {
        var admins = ["ana"]
        var quorum: UInt64 = 1
        var recovery: String? = "paper"
        var policy = Policy()

        static let oneAdmin = Founding()
        static let twoAdmins = Founding(admins: ["ana", "max"], quorum: 2)
        static let threeAdmins = Founding(admins: ["ana", "max", "zoe"], quorum: 2)
    }

    let founding: Founding
    let genesis: Genesis
    private let log: LogSigner
    private(set) var roster: Roster
    private(set) var checkpoints: [SignedCheckpoint]
    /// The clock of signers and relay alike.
    var now = Practice.start

    init(_ founding: Founding = .oneAdmin) {
        self.founding = founding
        genesis = Self.genesis(founding)
        log = LogSigner(origin: genesis.origin(of: .roster), key: Signer.key("roster log"))
        let note = SignedNote(genesis.text, by: Self.adminSigners(founding))
        roster = try! Roster(genesis: Entry(time: Practice.start, body: note.bytes))
        checkpoints = [log.sign(size: 1, root: roster.root)]
    }

    static func genesis(_ founding: Founding) -> Genesis {
        Genesis(
            name: .words("Practice"), relay: "relay.test:8443", rosterKey: Signer.key("roster log").verifyingKey,
            activityKey: Signer.key("activity log").verifyingKey, at: start,
            members: founding.admins.map { .init(id: .named($0), name: .words($0)) },
            admins: founding.admins.map {
                .init(
                    member: .named($0), key: Signer.device($0).key.verifyingKey, platform: Platform("linux".utf8)!,
                    label: .words("\($0)'s laptop"))
            }, recovery: founding.recovery.map { .named($0) }, quorum: founding.quorum, policy: founding.policy)
    }

    /// Founding admins in the order of their device ids.
    static func adminSigners(_ founding: Founding) -> [Signer] {
        ordered(founding.admins.map { .device($0) })
    }

    static func ordered(_ signers: [Signer]) -> [Signer] {
        signers.sorted { DeviceID($0.noteName)! < DeviceID($1.noteName)! }
    }

    var organisation: OrganisationID { genesis.organisation }
    var view: RosterView { roster.view(at: now) }
    /// The newest signed tree, as a signer names it.
    var seen: Seen { checkpoints.last!.seen }
    /// What a dishonest relay may sign as well.
    func sign(size: UInt64, root: Digest) -> Seen { log.sign(size: size, root: root).seen }
    /// The quorum's first signers in their order.
    var quorum: [Signer] { Self.ordered(founding.admins.prefix(Int(founding.quorum)).map { .device($0) }) }

    func wait(seconds: Int64) { now = now.adding(seconds: seconds) }

    // MARK: Entries

    func entry(_ statement: some StatementText, by signers: [Signer], at time: Timestamp? = nil) -> Entry {
        Entry(time: time ?? now, body: SignedNote(statement.text, by: signers).bytes)
    }

    /// Which rule an entry would break at the log's end; `nil` when none.
    func verdict(on entry: Entry) -> RuleViolation.Code? {
        var copy = roster
        do {
            try copy.append(entry)
            return nil
        } catch {
            return error.code
        }
    }

    /// Logs an entry that must be in order, and signs the tree.
    @discardableResult
    func log(_ entry: Entry) -> Digest {
        try! roster.append(entry)
        checkpoints.append(log.sign(size: roster.size, root: roster.root))
        return try! SignedNote(parsing: entry.body).hash
    }

    @discardableResult
    func log(_ statement: some StatementText, by signers: [Signer]) -> Digest { log(entry(statement, by: signers)) }
}

extension TextValue {
    static func words(_ text: String) -> TextValue { TextValue(typed: text)! }
}
