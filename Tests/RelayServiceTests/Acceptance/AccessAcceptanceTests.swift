import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements
import Synchronization
import Testing
import TransparencyLog

@testable import RelayService

/// What the relay does with an auditor's looks: each is logged once, and those that break a rule never.
@Suite struct AccessAcceptanceTests {
    private static func access(
        _ relay: FoundedRelay, kind: AccessKind = .report, subject: Access.Subject = .none, at: Timestamp = .now(),
        seen: SeenBoth? = nil
    ) -> [UInt8] {
        let admin = SigningKey(seed: relay.adminSeed.duplicate())
        let access = Access(
            organisation: relay.state.organisation,
            seen: seen
                ?? SeenBoth(roster: relay.state.rosterHead.seen, activity: relay.state.activityHead.seen),
            signer: .device(relay.admin.device), kind: kind, subject: subject, reason: .routineReview, at: at)
        return SignedNote(text: access.text, signedBy: admin, as: relay.admin.device.description).bytes
    }

    /// Makes the only member an auditor as well.
    private static func letLook(_ relay: FoundedRelay, _ sequencer: Sequencer) async throws {
        let view = relay.state.view(at: .now())
        let member = try #require(view.member(relay.admin.member))
        let statement = MemberStatement(
            organisation: relay.state.organisation, seen: relay.state.rosterHead.seen, at: .now(),
            replaces: member.statement, member: member.id, name: member.name, roles: [.auditor], status: .active)
        let admin = SigningKey(seed: relay.adminSeed.duplicate())
        _ = try await sequencer.accept(
            SignedNote(text: statement.text, signedBy: admin, as: relay.admin.device.description).bytes)
    }

    private static func submit(
        _ notes: [[UInt8]], to sequencer: Sequencer, limit: UInt64 = 240
    ) async throws -> ReceiptsAnswer {
        let taken = Mutex<UInt64>(0)
        let acceptance = try AccessAcceptance(notes, view: sequencer.published.current.view(at: .now())) { _, _ in
            taken.withLock { taken in
                taken += 1
                return taken <= limit
            }
        }
        return try await sequencer.submit { batch in
            try acceptance.write(to: &batch)
        } answer: { written, batch in
            try acceptance.answer(written, batch)
        }
    }

    @Test func aLookIsLoggedOnceHoweverOftenItIsPosted() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        try await relay.running(sequencer) {
            try await Self.letLook(relay, sequencer)
            let note = Self.access(relay)
            let first = try await Self.submit([note], to: sequencer)
            let again = try await Self.submit([note], to: sequencer)
            #expect(first.refused == nil && again.refused == nil)
            #expect(first.logged.map(\.index) == again.logged.map(\.index))
            #expect(first.logged.map(\.entry) == again.logged.map(\.entry))
            let entry = try Entry(parsing: Array(try #require(first.logged.first).entry.utf8))
            #expect(entry.body == note)
        }
    }

    @Test func whoIsNoAuditorIsRefusedAndNothingIsLogged() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        try await relay.running(sequencer) {
            let before = sequencer.published.current.activityHead.size
            let answer = try await Self.submit([Self.access(relay)], to: sequencer)
            #expect(answer.refused?.code == .notPermitted)
            #expect(answer.logged.isEmpty)
            #expect(sequencer.published.current.activityHead.size == before)
        }
    }

    @Test func theFirstRefusedLookRefusesThoseAfterIt() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        try await relay.running(sequencer) {
            try await Self.letLook(relay, sequencer)
            let message = MessageID(bytes: Array(1...16))
            let answer = try await Self.submit(
                [
                    Self.access(relay), Self.access(relay, kind: .message, subject: .message(message)),
                    Self.access(relay, kind: .capsules),
                ], to: sequencer)
            #expect(answer.logged.count == 1)
            #expect(answer.refused?.code == .ruleBroken)
            #expect(answer.refused?.accepted == 1)
            let late = try await Self.submit(
                [Self.access(relay, at: .now().adding(seconds: -400))], to: sequencer)
            #expect(late.refused?.code == .clock)
            let forked = Seen(
                size: 1, root: .zero, signature: relay.state.activityHead.seen.signature)
            let fork = try await Self.submit(
                [Self.access(relay, seen: SeenBoth(roster: relay.state.rosterHead.seen, activity: forked))],
                to: sequencer)
            #expect(fork.refused?.code == .ruleBroken)
        }
    }

    @Test func looksBeyondTheQuotaAreRefusedAndRepetitionsAreFree() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        try await relay.running(sequencer) {
            try await Self.letLook(relay, sequencer)
            let first = Self.access(relay)
            _ = try await Self.submit([first], to: sequencer)
            let again = try await Self.submit([first], to: sequencer, limit: 0)
            #expect(again.refused == nil)
            let another = try await Self.submit([Self.access(relay, kind: .capsules)], to: sequencer, limit: 0)
            #expect(another.refused?.code == .quota)
        }
    }

    /// Of two organisations on one relay neither takes the other's: their recovery keys have one name.
    @Test func aQuotaIsOfOneOrganisation() async throws {
        let relay = try await FoundedRelay()
        let sequencer = relay.sequencer()
        try await relay.running(sequencer) {
            try await Self.letLook(relay, sequencer)
            let lookers = Mutex<Set<Looker>>([])
            let acceptance = try AccessAcceptance(
                [Self.access(relay)], view: sequencer.published.current.view(at: .now())
            ) { looker, _ in lookers.withLock { $0.insert(looker).inserted } }
            _ = try await sequencer.submit { batch in
                try acceptance.write(to: &batch)
            } answer: { written, batch in
                try acceptance.answer(written, batch)
            }
            let looker = Looker(organisation: relay.state.organisation, signer: .device(relay.admin.device))
            #expect(lookers.withLock { $0 } == [looker])
        }
        let quota = HourlyQuota<Looker>()
        for number in 1...2 as ClosedRange<UInt8> {
            let other = OrganisationID(bytes: [UInt8](repeating: number, count: 20))
            #expect(quota.take(Looker(organisation: other, signer: .recovery), limit: 1, at: .now()))
        }
    }

    @Test func aForgedLookAndOneOfAnotherSignerAreNeverTaken() async throws {
        let relay = try await FoundedRelay()
        let view = relay.state.view(at: .now())
        let thief = SigningKey()
        let access = try Access(parsing: SignedNote(parsing: Self.access(relay)).text)
        let forged = SignedNote(text: access.text, signedBy: thief, as: relay.admin.device.description).bytes
        #expect(throws: RuleViolation(.badSignature, "")) {
            try AccessAcceptance([forged], view: view) { _, _ in true }
        }
        let other = Access(
            organisation: access.organisation, seen: access.seen, signer: .recovery, kind: .report, subject: .none,
            reason: .operations, at: access.at)
        let mixed = SignedNote(text: other.text, signedBy: thief, as: "recovery").bytes
        #expect(throws: RuleViolation(.notPermitted, "")) {
            try AccessAcceptance([Self.access(relay), mixed], view: view) { _, _ in true }
        }
    }
}
