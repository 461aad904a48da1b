import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

/// What a sender sealed to the auditors, and what the relay makes of it.
@Suite struct CapsuleFindingTests {
    @Test func everyCapsuleIsOpened() async throws {
        let world = World.practice()
        world.send("first")
        world.send("second")
        let verdict = try await world.audit()
        #expect(verdict.findings.isEmpty)
        #expect(verdict.capsulesOpened == 2)
    }

    @Test func aCapsuleThatTheRelayDoesNotGiveIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first")
        world.capsules = [:]
        try await world.audit().expect(.capsuleMissing, at: [sent.index])
    }

    /// Else a relay that answers for capsules alone in some wrong way would be told of no lie. One that is given later was late,
    /// and nothing more is said of it.
    @Test(arguments: [true, false])
    func aCapsuleThatCannotBeHadHidesNothing(_ isAnswered: Bool) async throws {
        let world = World.practice()
        let sent = world.send("first")
        let lie = world.serve(sent, to: "udo")
        world.wait(seconds: 1)
        let second = world.send("second")
        let relay = Withholding(world, CapsuleNotGiven(isAnswered: isAnswered, "status 500"))
        var audit = Audit()
        audit.organisation = world.organisation
        let store = MemoryAuditStore(isKept: true)
        for _ in 0..<2 {
            let verdict = try await audit.run(world.source, capsules: relay, store: store)
            let told = verdict.findings.filter { $0.code != .servedToStranger }
            #expect(verdict.findings.contains { $0.code == .servedToStranger && $0.entries == [lie] })
            #expect(told.map(\.code) == Array(repeating: isAnswered ? .capsuleMissing : .capsuleUnavailable, count: 2))
            #expect(told.map(\.entries) == [[sent.index], [second.index]])
            #expect(told.allSatisfy { $0.severity == (isAnswered ? .brokenPromise : .note) })
            #expect(told.allSatisfy { $0.sentence.contains("status 500") } && verdict.capsulesOpened == 0)
        }
        // Who does not answer is not asked for the next one.
        #expect(relay.asked == (isAnswered ? 4 : 2))
        for _ in 0..<2 {
            let verdict = try await audit.run(world.source, capsules: world, store: store)
            #expect(verdict.findings.map(\.code) == [.servedToStranger] && verdict.capsulesOpened == 2)
        }
    }

    /// A relay that answers something else than a capsule, or nothing.
    private final class Withholding: CapsuleSource {
        private let world: World
        private let cause: CapsuleNotGiven
        private(set) var asked = 0

        init(_ world: World, _ cause: CapsuleNotGiven) {
            self.world = world
            self.cause = cause
        }

        func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])? {
            asked += 1
            throw cause
        }

        func withAuditKey<Result>(
            _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
        ) throws -> Result? { try world.withAuditKey(id, body) }

        func isCapsule(_ plaintext: [UInt8]) -> Bool { true }
    }

    @Test(arguments: [true, false])
    func otherBytesThanTheManifestNamesAreFound(_ isKey: Bool) async throws {
        let world = World.practice()
        let sent = world.send("first")
        if isKey {
            world.capsules[sent.message]?.sealedKey[100] ^= 1
        } else {
            world.capsules[sent.message]?.capsule[100] ^= 1
        }
        try await world.audit().expect(.capsuleChanged, at: [sent.index], naming: "relay")
    }

    /// The sender sealed noise, and its manifest names the noise.
    @Test func aCapsuleThatDoesNotOpenConvictsItsSender() async throws {
        let world = World.practice()
        let noise = [UInt8](repeating: 3, count: 1_064)
        let sent = world.send("first") { draft in
            let capsule = draft.capsule!
            draft.capsule = .init(
                key: capsule.key, commitment: capsule.commitment, sealedKeyHash: capsule.sealedKeyHash,
                blob: .init(of: noise))
        }
        world.capsules[sent.message]?.capsule = noise
        try await world.audit().expect(.capsuleUnopened, at: [sent.index], naming: "ivy")
    }

    @Test func aSealedKeyThatDoesNotOpenConvictsItsSender() async throws {
        let world = World.practice()
        let noise = [UInt8](repeating: 3, count: 1_216)
        let sent = world.send("first") { draft in
            let capsule = draft.capsule!
            draft.capsule = .init(
                key: capsule.key, commitment: capsule.commitment, sealedKeyHash: .sha256(noise), blob: capsule.blob)
        }
        world.capsules[sent.message]?.sealedKey = noise
        try await world.audit().expect(.capsuleUnopened, at: [sent.index], naming: "ivy")
    }

    /// Another key went to the auditors than the one that the recipients have.
    @Test func aKeyThatDoesNotGiveTheCommitmentConvictsItsSender() async throws {
        let world = World.practice()
        // The commitment is a part of the binding, under which the key is sealed.
        let key = MessageKey()
        let other = MessageKey()
        var sealed: (key: [UInt8], capsule: [UInt8])?
        let sent = world.send("first") { draft in
            draft.capsule = .init(
                key: world.auditKey.publicKey.id, commitment: HandMadeCapsule.commitment(of: other),
                sealedKeyHash: .zero,
                blob: .init(of: []))
            draft.binding = draft.manifest.bindingText.hash
            let made = HandMadeCapsule.seal(key, of: "first", to: world.auditKey.publicKey, binding: draft.binding)
            sealed = made
            draft.capsule = .init(
                key: world.auditKey.publicKey.id, commitment: HandMadeCapsule.commitment(of: other),
                sealedKeyHash: .sha256(made.key), blob: .init(of: made.capsule))
        }
        world.capsules[sent.message] = (try #require(sealed).key, try #require(sealed).capsule)
        try await world.audit().expect(.capsuleCommitment, at: [sent.index], naming: "ivy")
    }

    @Test(arguments: [
        "no JSON", "[]", "{}", #"{"sha256":"short"}"#, #"{"sha256":"HASH","note":"hello"}"#,
        #"{"sha256":"HASH","patient":7}"#,
        // What other readers of JSON take, each as it likes.
        #"{"patient":"p-1","patient":"p-2","sha256":"HASH"}"#,
        #"{"patient":"p-1","p\u0061tient":"p-2","sha256":"HASH"}"#,
        #"{"patient":"p-1","sha256":"HASH",}"#, "\u{FEFF}{\"sha256\":\"HASH\"}",
        #"{"patient":"\ud800","sha256":"HASH"}"#,
        #"{'patient':'p-1',"sha256":"HASH"}"#, "{\"sha256\":\"HASH\"}\u{0C}", #"{"patient":null,"sha256":"HASH"}"#,
    ])
    func whatIsNoCapsuleConvictsItsSender(_ text: String) async throws {
        let world = World.practice()
        let sent = world.send("first", capsule: text)
        try await world.audit().expect(.capsuleMalformed, at: [sent.index], naming: "ivy")
    }

    @Test func capsulesOfAnAuditKeyThatIsNotHeldAreLeftClosed() async throws {
        let world = World.practice()
        world.send("first")
        let verdict = try await Audit().run(world.source, capsules: KeylessAuditor())
        verdict.expect(
            .capsulesClosed, .note, log: nil, at: [],
            naming: "1 capsule was left closed: the audit key that it is sealed to is not held here")
        #expect(verdict.capsulesClosed == 1)
        #expect(verdict.messages.first?.isSound == true)
    }

    /// Who audits on a device that made no audit key.
    private struct KeylessAuditor: CapsuleSource {
        func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])? { nil }
        func withAuditKey<Result>(
            _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
        ) throws -> Result? { nil }
        func isCapsule(_ plaintext: [UInt8]) -> Bool { false }
    }
}
