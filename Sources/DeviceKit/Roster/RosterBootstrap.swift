import Membership
import RelayAPI
import Secrets
import Statements
import TransparencyLog

/// The first look at an organisation's roster, by someone who knows nothing of it but its id.
struct RosterBootstrap {
    let roster: Roster
    let entries: [[UInt8]]
    let times: [Timestamp]
    let checkpoints: [LogKind: SignedCheckpoint]
    let head: [UInt8]

    /// Fetches the roster log, checks genesis against the id, replays it under every rule, and checks the root, the head
    /// and both checkpoints with the keys that genesis names.
    /// - Throws: ``DeviceKitError`` of category `verification`, or what the connection throws.
    static func fetch(
        _ organisation: OrganisationID, connection: RelayConnection, signer: RequestSigner
    ) async throws -> RosterBootstrap {
        let answer = try await connection.answer(
            to: .get(APIPath.head(organisation)), signer: signer, as: HeadAnswer.self)
        guard let note = try? SignedNote(parsing: Array(answer.head.utf8)), let claimed = try? Head(parsing: note.text),
            (1...(1 << 24)).contains(claimed.roster.size)
        else { throw untrue("its head cannot be read") }
        var replay = Replay(organisation: organisation)
        try await DeviceSession.rosterEntries(
            organisation, from: 0, to: claimed.roster.size, connection: connection, signer: signer
        ) { bundle in try replay.append(bundle) }
        guard let roster = replay.roster else { throw untrue("its roster log is empty") }
        let head: Head
        var checkpoints: [LogKind: SignedCheckpoint] = [:]
        do {
            head = try roster.logKey(.activity).verify(head: Array(answer.head.utf8))
            checkpoints[.roster] = try roster.logKey(.roster).verify(checkpoint: Array(answer.roster.utf8))
            checkpoints[.activity] = try roster.logKey(.activity).verify(checkpoint: Array(answer.activity.utf8))
        } catch {
            throw untrue("its signatures are not by the keys of this organisation's genesis (\(error))")
        }
        guard head.organisation == organisation, let point = checkpoints[.roster], point.size == roster.size,
            point.root == roster.root, head.roster == Head.Tree(size: roster.size, root: roster.root),
            let activity = checkpoints[.activity],
            head.activity == Head.Tree(size: activity.size, root: activity.root)
        else { throw untrue("the roster log does not give the root that it signed") }
        connection.clock.learn(head.time)
        return RosterBootstrap(
            roster: roster, entries: replay.entries, times: replay.times, checkpoints: checkpoints,
            head: Array(answer.head.utf8))
    }

    /// The roster, as far as its log was given.
    private struct Replay {
        let organisation: OrganisationID
        var roster: Roster?
        var entries: [[UInt8]] = []
        var times: [Timestamp] = []

        mutating func append(_ bundle: ArraySlice<[UInt8]>) throws(DeviceKitError) {
            do {
                for bytes in bundle {
                    let entry = try Entry(parsing: bytes)
                    if roster == nil {
                        roster = try Roster(genesis: entry, organisation: organisation)
                    } else {
                        try roster?.append(entry)
                    }
                    entries.append(bytes)
                    times.append(entry.time)
                }
            } catch let violation as RuleViolation where violation.code == .unknownType {
                throw DeviceKitError(
                    "update_needed", .configuration, "the roster holds a statement that this version does not know",
                    next: "update nightbell")
            } catch {
                throw untrue("its roster log breaks a rule (\(error))")
            }
        }
    }

    private static func untrue(_ cause: String) -> DeviceKitError {
        DeviceKitError(
            "roster_untrue", .verification, "what the relay says about this organisation is not true: \(cause)",
            next: "do not use this relay; ask the person who invited you, by telephone")
    }
}
