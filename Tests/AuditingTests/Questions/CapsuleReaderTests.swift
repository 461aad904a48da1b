import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

/// Reading capsules for an index: what is new, and what became of each.
@Suite struct CapsuleReaderTests {
    /// A world's logs and capsules, and how often each capsule was asked for.
    private final class Source: LogSource, CapsuleSource {
        private let world: World
        private let memory: MemorySource
        private(set) var asked: [MessageID] = []
        private(set) var begun: [UInt64] = []
        private(set) var taken: [(readings: [CapsuleReading], next: UInt64)] = []
        var isHeld = true

        init(_ world: World) {
            self.world = world
            memory = world.source
        }

        func checkpoint(of log: LogKind) async throws -> [UInt8]? { try await memory.checkpoint(of: log) }
        func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
            try await memory.bundle(path, of: log)
        }
        func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])? {
            asked.append(message)
            return try await world.capsule(of: message)
        }
        func withAuditKey<Result>(
            _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
        ) throws -> Result? { isHeld ? try world.withAuditKey(id, body) : nil }
        func isCapsule(_ plaintext: [UInt8]) -> Bool { world.isCapsule(plaintext) }
        func begin(at first: UInt64) async throws { begun.append(first) }
        func take(_ readings: [CapsuleReading], upTo next: UInt64) throws { taken.append((readings, next)) }
    }

    private static func read(
        _ source: Source, from first: UInt64 = 0, _ world: World
    ) async throws -> ([CapsuleReading], UInt64) {
        var readings: [CapsuleReading] = []
        var end = first
        try await CapsuleReader(source).read(from: first, size: world.activity.size) {
            readings += $0
            end = $1
        }
        return (readings, end)
    }

    @Test func everyMessagesCapsuleIsReadOnceAndOnlyWhatIsNew() async throws {
        let world = World.practice()
        let first = world.send("first")
        let (readings, end) = try await Self.read(Source(world), world)
        #expect(end == world.activity.size)
        #expect(readings.map(\.message) == [first.message])
        #expect(readings.first?.manifest == first.manifest)
        #expect(readings.first?.index == first.index)
        guard case .opened(let plaintext) = readings.first?.outcome else { Issue.record("it is open"); return }
        #expect(String(decoding: plaintext, as: UTF8.self).contains("\"p-1\""))
        let second = world.send("second")
        let source = Source(world)
        let (later, _) = try await Self.read(source, from: end, world)
        #expect(later.map(\.message) == [second.message])
        #expect(source.asked == [second.message])
    }

    @Test func whatDoesNotOpenIsNamedAndNotLeftOut() async throws {
        let world = World.practice()
        let missing = world.send("missing")
        let changed = world.send("changed")
        world.capsules[missing.message] = nil
        world.capsules[changed.message]!.capsule[7] ^= 1
        let source = Source(world)
        let (readings, _) = try await Self.read(source, world)
        #expect(readings.map(\.outcome) == [.broken(.capsuleMissing), .broken(.capsuleChanged)])
        #expect(readings.allSatisfy { $0.sender == .named("ivy") })
        source.isHeld = false
        let (closed, _) = try await Self.read(source, world)
        #expect(closed.map(\.outcome) == [.closed(world.auditKey.publicKey.id), .closed(world.auditKey.publicKey.id)])
        let again = try await CapsuleReader(Source(world)).read(at: changed.index, size: world.activity.size)
        #expect(again?.message == changed.message)
        #expect(try await CapsuleReader(Source(world)).read(at: 0, size: world.activity.size) == nil)
    }

    @Test func aMessageOfBeforeTheAuditKeyHasNone() async throws {
        let world = World()
        world.join("ivy", roles: [.intake])
        world.join("bo", roles: [.provider])
        world.send("first")
        let (readings, _) = try await Self.read(Source(world), world)
        #expect(readings.map(\.outcome) == [.none])
    }

    /// Whoever keeps an index has no need to fetch a second time what an audit fetched.
    @Test func anAuditGivesOnWhatItReadAndAsksOnce() async throws {
        let world = World()
        world.join("ivy", roles: [.intake])
        world.join("bo", roles: [.provider])
        world.send("before the key")
        world.join("udo", roles: [.auditor])
        world.commit(world.admins(), by: World.quorum)
        world.wait(seconds: 60)
        let missing = world.send("missing")
        let first = world.send("first")
        world.capsules[missing.message] = nil
        let store = MemoryAuditStore(isKept: true)
        let source = Source(world)
        _ = try await Audit().run(source, capsules: source, store: store)
        #expect(source.begun == [0])
        #expect(source.taken.last?.next == world.activity.size)
        #expect(source.asked == [missing.message, first.message])
        let (readings, _) = try await Self.read(Source(world), world)
        let taken = source.taken.flatMap { $0.readings }
        #expect(taken.map(\.message) == readings.map(\.message) && taken.map(\.index) == readings.map(\.index))
        #expect(taken.map(\.manifest) == readings.map(\.manifest) && taken.map(\.sender) == readings.map(\.sender))
        #expect(taken.map(\.outcome) == readings.map(\.outcome) && taken.first?.outcome == CapsuleReading.Outcome.none)

        let size = world.activity.size
        let second = world.send("second")
        let later = Source(world)
        _ = try await Audit().run(later, capsules: later, store: store)
        #expect(later.begun == [size])
        #expect(later.taken.flatMap { $0.readings }.map(\.message) == [second.message])
        #expect(later.asked == [second.message])
    }

    @Test func aStretchThatCannotBeHadIsNotPassedOver() async throws {
        let world = World.practice()
        world.send("first")
        await #expect(throws: AuditError(.notTheLog, "")) {
            try await CapsuleReader(Source(world)).read(from: 0, size: world.activity.size + 300) { _, _ in }
        }
    }
}
