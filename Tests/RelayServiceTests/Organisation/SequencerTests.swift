import Membership
import RelayAPI
import RelayStorage
import SQLiteStorage
import Secrets
import Statements
import Testing
import TransparencyLog

@testable import RelayService

@Suite struct SequencerTests {
    @Test func anAnswerCarriesAProofUnderASignedCheckpoint() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        let note = relay.newMember("Dr Lee")
        let logged = try await relay.running(sequencer) { try await sequencer.accept(note) }
        let entry = try Entry(parsing: Array(logged.entry.utf8))
        let signed = try LogProof(parsing: Array(logged.proof.utf8))
            .verify(entry: entry, key: relay.keys.logKey(.roster))
        #expect(entry.body == note)
        #expect(logged.index == 1)
        #expect(signed.size == 2)
        #expect(
            Proofs.isConsistent(
                first: 1, firstRoot: relay.state.rosterHead.root, second: 2, secondRoot: signed.root,
                proof: logged.consistency.map { Digest(Base64.decode(Array($0.utf8))!)! }))
    }

    @Test func theRosterEventStandsInTheSameTransaction() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        let note = relay.newMember("Dr Lee")
        _ = try await relay.running(sequencer) { try await sequencer.accept(note) }
        let organisation = relay.state.organisation
        let last = try await relay.store.read { reader in
            try reader.entry(try reader.head(.activity, of: organisation)!.size - 1, in: .activity, of: organisation)!
        }
        let event = try RelayEvent(parsing: try Entry(parsing: last).body)
        let roster = sequencer.published.current.roster
        #expect(event.kind == .roster(size: 2, root: roster.root))
    }

    @Test func theSameStatementTwiceKeepsItsPlace() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        let note = relay.newMember("Dr Lee")
        let (first, second) = try await relay.running(sequencer) {
            (try await sequencer.accept(note), try await sequencer.accept(note))
        }
        #expect(first.index == second.index)
        #expect(first.entry == second.entry)
        #expect(sequencer.published.current.roster.size == 2)
    }

    @Test func manyAtOnceShareBatchesAndAllStand() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        let notes = (0..<40).map { relay.newMember("Member \($0)") }
        let indexes = try await relay.running(sequencer) {
            try await withThrowingTaskGroup(of: UInt64.self) { group in
                for note in notes { group.addTask { try await sequencer.accept(note).index } }
                return try await group.reduce(into: Set<UInt64>()) { $0.insert($1) }
            }
        }
        #expect(indexes == Set(1...40))
        let state = sequencer.published.current
        #expect(state.roster.size == 41)
        // One checkpoint a batch: far fewer signed trees than statements would mean nothing was shared.
        #expect(try await LogCheck.run(relay.store).problems.isEmpty)
    }

    @Test func aRefusedSubmissionDoesNotHurtItsBatch() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        let good = relay.newMember("Dr Lee")
        let bad = relay.newMember("Ada")
        let problem = try await relay.running(sequencer) {
            async let accepted = sequencer.accept(good)
            async let refused = Self.problem { _ = try await sequencer.accept(bad) }
            _ = try await accepted
            return await refused
        }
        #expect(problem?.code == .ruleBroken)
        #expect(sequencer.published.current.roster.size == 2)
    }

    @Test func anEntryThatIsNotReadBackAsItWasWrittenIsNeverSigned() async throws {
        let relay = try await FoundedRelay()
        // Every stored entry loses a bit, as on the disk that spoiled a real log.
        try relay.change(
            """
            CREATE TRIGGER rot AFTER INSERT ON entries BEGIN
                UPDATE entries SET bytes = CAST(substr(NEW.bytes, 1, length(NEW.bytes) - 1) || x'0B' AS BLOB) WHERE id = NEW.id;
            END;
            """)
        let sequencer = relay.sequencer()
        let note = relay.newMember("Dr Lee")
        let problem = try await relay.running(sequencer) { await Self.problem { _ = try await sequencer.accept(note) } }
        #expect(problem?.code == .unavailable)
        let organisation = relay.state.organisation
        let head = try await relay.store.read { try $0.head(.roster, of: organisation) }
        #expect(head?.size == 1)
        #expect(sequencer.published.current.roster.size == 1)
    }

    @Test func aSecondWriterIsStoppedByTheHead() async throws {
        let relay = try await FoundedRelay()
        let first = relay.sequencer()
        let second = relay.sequencer()
        let (one, two) = (relay.newMember("Dr Lee"), relay.newMember("Dr Kim"))
        _ = try await relay.running(first) { try await first.accept(one) }
        let problem = try await relay.running(second) { await Self.problem { _ = try await second.accept(two) } }
        #expect(problem?.code == .unavailable)
        #expect(try await LogCheck.run(relay.store).problems.isEmpty)
    }

    @Test func checkFindsAChangedEntry() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        let note = relay.newMember("Dr Lee")
        _ = try await relay.running(sequencer) { try await sequencer.accept(note) }
        try relay.change("UPDATE entries SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'0B' AS BLOB)")
        let codes = try await LogCheck.run(relay.store).problems.map(\.code)
        #expect(codes.contains("root_differs"))
    }

    private static func problem(_ body: () async throws -> Void) async -> Problem? {
        do { try await body() } catch { return error as? Problem }
        return nil
    }
}
