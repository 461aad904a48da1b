import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@testable import Auditing

/// What is wrong with a log as a log: its checkpoint, its root, its entries' form, order and time.
@Suite struct LogFindingTests {
    @Test(arguments: LogKind.allCases)
    func aCheckpointByAnotherKeyIsFound(_ log: LogKind) async throws {
        let world = World.practice()
        world.send("first", served: ["bo"])
        let verdict = try await world.audit { source in
            let genuine = log == .roster ? world.roster.checkpoint : world.activity.checkpoint
            let forged = SignedNote(
                text: genuine.note.text, signedBy: Signer.key("thief"), as: genuine.checkpoint.origin)
            source.checkpoints[log] = forged.bytes
        }
        verdict.expect(.checkpointInvalid, log: log, at: [])
        #expect(!verdict.isWhole)
    }

    @Test(arguments: LogKind.allCases)
    func aCheckpointThatCannotBeReadIsFound(_ log: LogKind) async throws {
        let verdict = try await World.practice().audit { $0.checkpoints[log] = Array("noise\n".utf8) }
        verdict.expect(.checkpointInvalid, log: log, at: [])
        #expect(!verdict.isWhole)
    }

    @Test(arguments: LogKind.allCases)
    func aMissingCheckpointIsFound(_ log: LogKind) async throws {
        let verdict = try await World.practice().audit { $0.checkpoints[log] = nil }
        verdict.expect(.checkpointInvalid, log: log, at: [])
    }

    @Test func anEmptyLogIsFound() async throws {
        let world = World.practice()
        let empty = TestLog(.activity, origin: world.genesis.origin(of: .activity))
        let verdict = try await world.audit { $0.checkpoints[.activity] = empty.checkpoint.note.bytes }
        verdict.expect(.logEmpty, at: [])
    }

    @Test func anEntryThatWasChangedAfterItWasSignedIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first")
        let verdict = try await world.audit { source in
            // Another salt: everything that the event says stays true.
            let event = RelayEvent(
                organisation: world.organisation,
                kind: .fallback(.named("bo"), sent.message, world.auditKey.publicKey.id))
            source.entries[.activity]?[Int(sent.index)] = Entry(time: world.now, body: event.text).bytes
        }
        verdict.expect(.rootDiffers, at: [])
        #expect(!verdict.isWhole)
    }

    @Test func aRosterEntryThatWasChangedAfterItWasSignedIsFound() async throws {
        let world = World.practice()
        let verdict = try await world.audit { source in
            let last = source.entries[.roster]!.count - 1
            source.entries[.roster]![last][200] ^= 1
        }
        #expect(verdict.findings.contains { $0.code == .rootDiffers && $0.log == .roster })
        #expect(!verdict.ok)
    }

    @Test(arguments: LogKind.allCases)
    func entriesThatCannotBeHadAreFound(_ log: LogKind) async throws {
        let world = World.practice()
        let verdict = try await world.audit { $0.entries[log]?.removeLast() }
        #expect(verdict.findings.contains { $0.code == .entriesMissing && $0.log == log && $0.entries == [0] })
        #expect(!verdict.isWhole)
    }

    @Test func anEntryThatIsNoneIsFoundAndPassedOver() async throws {
        let world = World.practice()
        let index = world.activity.append(Array("noise".utf8))
        world.deliver(world.send("first"), to: "bo")
        try await world.audit().expect(.init(.malformed), at: [index])
    }

    @Test func aStatementThatCannotBeReadIsFoundAndPassedOver() async throws {
        let world = World.practice()
        let body = Array("nightbell.receipt/v1\norg \(world.organisation)\n\n— x AAAAAAA=\n".utf8)
        let index = world.activity.append(Entry(time: world.now, body: body))
        world.deliver(world.send("first"), to: "bo")
        try await world.audit().expect(.init(.malformed), at: [index])
    }

    @Test func entryTimesThatDecreaseAreFoundOnce() async throws {
        let world = World.practice()
        world.wait(seconds: 120)
        world.log(.fallback(.named("bo"), .named("never sent"), world.auditKey.publicKey.id))
        world.wait(seconds: -60)
        let sent = world.send("first")
        world.wait(seconds: 1)
        world.deliver(sent, to: "bo")
        try await world.audit().expect(.init(.timeOrder), at: [sent.index])
    }

    @Test func theSameStatementTwiceIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first")
        let first = world.serve(sent, to: "bo")
        let again = world.activity.append(world.activity.entries[Int(first)])
        let verdict = try await world.audit()
        verdict.expect(.init(.duplicate), at: [again], naming: "event")
        #expect(verdict.messages.first?.isSound == false)
    }

    @Test func aThousandOfAKindAreListedAndTheRestCounted() async throws {
        let world = World.practice()
        for _ in 0..<1_005 { world.activity.append(Array("noise".utf8)) }
        let verdict = try await world.audit()
        #expect(verdict.findings.count { $0.code == .init(.malformed) } == 1_000)
        #expect(verdict.findings.last?.code == .more)
        #expect(verdict.findings.last?.sentence.contains("5 more") == true)
        #expect(!verdict.ok)
    }

    /// Receipts of devices that were long without a connection, over the years.
    @Test func manyNotesConvictNobody() {
        var list = FindingList()
        for index in 0..<UInt64(1_005) {
            list.add(
                AuditFinding(.receiptTime, severity: .note, log: .activity, entries: [index], "signed long before"))
        }
        let findings = list.complete
        #expect(findings.count == 1_001 && findings.last?.code == .more)
        #expect(findings.last?.sentence == "5 more findings of the kind receipt_time are not listed")
        #expect(findings.allSatisfy { $0.severity == .note })
    }
}
