import Membership
import Secrets
import Statements
import TransparencyLog

/// The roster log from its first entry: `Membership.Roster` decides, and the replay goes on behind what it refuses.
struct RosterReplay {
    /// A device's end, by the entry that brought it.
    struct Revocation {
        let index: UInt64
        let device: DeviceID
    }

    /// A member's status, by the entry that gave it.
    struct Standing {
        let index: UInt64
        let member: MemberID
        let status: MemberStatus
    }

    private let expected: OrganisationID?
    /// `nil` until a genesis was accepted: nothing can be judged without one.
    private(set) var roster: Roster?
    /// Each entry's time; of one that has none, the time before.
    private(set) var times: [Timestamp] = []
    private(set) var revocations: [Revocation] = []
    private(set) var standings: [Standing] = []
    /// The names of the keys that signed each entry that was accepted.
    private(set) var signers: [UInt64: [String]] = [:]
    private(set) var roots = PrefixRoots()
    /// The first entry that a later version wrote: from there on entries are only counted.
    private(set) var later: UInt64?
    /// How many signatures were verified: of what the roster took, each signer's and the log's on what was seen.
    private(set) var verifications = 0

    /// - Parameter expected: The organisation that is known from elsewhere.
    init(expected: OrganisationID?) { self.expected = expected }

    var size: UInt64 { roots.size }
    var root: Digest { roots.root }
    /// Whether a further entry can be judged: behind what is no genesis there is nothing to judge, however much of it there is.
    var canGoOn: Bool { size == 0 || roster != nil }

    mutating func take(_ bytes: [UInt8], into findings: inout FindingList) {
        let index = roots.size
        let leaf = MerkleTree.leafHash(bytes)
        roots.append(leaf)
        let entry = try? Entry(parsing: bytes)
        times.append(entry?.time ?? times.last ?? Timestamp(milliseconds: 0))
        guard later == nil else {
            roster?.passOver(leafHash: leaf, time: entry?.time)
            return
        }
        do throws(RuleViolation) {
            guard let entry else { throw RuleViolation(.malformed, "it is no entry") }
            if roster == nil, index == 0 {
                roster = try begin(entry)
                verifications += roster?.genesis.admins.count ?? 0
                signers[index] = (try? SignedNote(parsing: entry.body))?.signatures.map(\.name)
            } else if let (statement, note) = try roster?.append(entry) {
                verifications += note.signatures.count + 1
                signers[index] = note.signatures.map(\.name)
                self.note(statement, at: index)
            }
        } catch {
            roster?.passOver(leafHash: leaf, time: entry?.time)
            guard error.code != .unknownType else {
                later = index
                return findings.add(
                    AuditFinding(
                        .updateNeeded, severity: .unjudged, log: .roster, entries: [index],
                        "a later version of Nightbell wrote entry \(index) of the roster log: from there on it was not judged, nor"
                            + " what was logged once it was in force; that takes an update"))
            }
            findings.add(
                AuditFinding(
                    .init(error.code), log: .roster, entries: [index],
                    another(entry, at: index)
                        ?? "entry \(index) of the roster log breaks a rule, and the relay accepted it: \(error.part)"))
        }
    }

    private func begin(_ entry: Entry) throws(RuleViolation) -> Roster {
        guard let expected else { return try Roster(genesis: entry) }
        return try Roster(genesis: entry, organisation: expected)
    }

    /// That the log is of another organisation than the one that is known from elsewhere: nothing in it need be wrong.
    private func another(_ entry: Entry?, at index: UInt64) -> String? {
        guard index == 0, let expected, let entry, let found = (try? Roster(genesis: entry))?.organisation,
            found != expected
        else { return nil }
        return "the logs are those of \(found), not of \(expected), which is the one that was asked for"
    }

    private mutating func note(_ statement: RosterStatement, at index: UInt64) {
        switch statement {
        case .revoke(let revoke):
            guard case .device(let device) = revoke.target else { return }
            revocations.append(Revocation(index: index, device: device))
        case .member(let statement):
            standings.append(Standing(index: index, member: statement.member, status: statement.status))
        default: break
        }
    }
}
