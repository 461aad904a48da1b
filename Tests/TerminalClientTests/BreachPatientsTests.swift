import Auditing
import DeviceKit
import Secrets
import Statements
import Testing

@testable import TerminalClient

/// Whom the messages of a lost device are about: each patient once, and nobody passed over.
@Suite struct BreachPatientsTests {
    private static func message(_ number: UInt8) -> MessageID {
        MessageID(bytes: [UInt8](repeating: number, count: 16))
    }

    private static func capsule(_ number: UInt8, _ patient: String?) -> IndexedCapsule {
        let hash = Digest.sha256([number]).hex
        let text = patient.map { "{\"patient\":\"\($0)\",\"sha256\":\"\(hash)\"}" } ?? "{\"sha256\":\"\(hash)\"}"
        return IndexedCapsule(
            message: message(number), index: UInt64(number), manifest: .zero, state: IndexedCapsule.opened,
            content: CapsuleContent(plaintext: Array(text.utf8)))
    }

    /// - Parameter references: Which message answers or carries on which.
    private static func patients(
        _ numbers: ClosedRange<UInt8>, _ capsules: [IndexedCapsule], _ references: [UInt8: UInt8] = [:]
    ) throws -> BreachPatients {
        let known = Dictionary(uniqueKeysWithValues: capsules.map { ($0.message, $0) })
        let chains = ReferenceChains(
            Dictionary(uniqueKeysWithValues: references.map { (message($0.key), message($0.value)) }))
        return try BreachPatients(numbers.map(message), MessageSubjects(chains) { known[$0] })
    }

    @Test func aPatientIsCountedOnceHoweverTheIdentifierWasWritten() throws {
        let patients = try Self.patients(
            1...4,
            [Self.capsule(1, "MRN 7"), Self.capsule(2, "p-2"), Self.capsule(3, " mrn  7"), Self.capsule(4, "p-4")])
        #expect(patients.named.map(\.patient) == ["MRN 7", "p-2", "p-4"])
        #expect(patients.named.map(\.messages) == [[1, 3].map(Self.message), [Self.message(2)], [Self.message(4)]])
        #expect(patients.unknown.isEmpty)
    }

    /// Only an absent patient is nobody: what another program sealed names somebody, though no question finds it.
    @Test func whatNobodyCanAskForIsNamedAllTheSame() throws {
        let long = String(repeating: "x", count: 257)
        let capsules = [Self.capsule(1, long), Self.capsule(2, " "), Self.capsule(3, "p-3")]
        #expect(capsules.allSatisfy { !$0.namesNobody } && Self.capsule(4, nil).namesNobody)
        #expect(
            capsules.compactMap(\.content).map(IndexedCapsule.state) == [
                IndexedCapsule.unsought, IndexedCapsule.unsought, IndexedCapsule.opened,
            ])
        let patients = try Self.patients(1...3, capsules)
        #expect(patients.named.map(\.patient) == [long, " ", "p-3"] && patients.unknown.isEmpty)
    }

    @Test func whatNamesNobodyIsClosedOrWasNeverReadIsUnknown() throws {
        let closed = IndexedCapsule(
            message: Self.message(3), index: 3, manifest: .zero,
            state: IndexedCapsule.closed(PrekeyID(bytes: Array(0..<20))),
            content: nil)
        let patients = try Self.patients(1...4, [Self.capsule(1, "p-1"), Self.capsule(2, nil), closed])
        #expect(patients.named.map(\.patient) == ["p-1"])
        #expect(patients.unknown == [2, 3, 4].map(Self.message))
        #expect(closed.closedKey == PrekeyID(bytes: Array(0..<20)))
        #expect(Self.capsule(1, "p").closedKey == nil)
    }

    /// A reply and a text that was handed on name nobody: they are about whom the message names that they go back to.
    @Test func whatNamesNobodyIsAboutWhomItGoesBackTo() throws {
        let none = IndexedCapsule(
            message: Self.message(3), index: 3, manifest: .zero, state: IndexedCapsule.none, content: nil)
        let patients = try Self.patients(
            1...5,
            [Self.capsule(1, "p-1"), Self.capsule(2, nil), none, Self.capsule(4, "p-4"), Self.capsule(5, nil)],
            [2: 1, 3: 2, 4: 1])
        #expect(patients.named.map(\.patient) == ["p-1", "p-4"])
        #expect(patients.named.map(\.messages) == [[1, 2, 3].map(Self.message), [Self.message(4)]])
        #expect(patients.unknown == [Self.message(5)])
    }

    /// Whoever cannot open a message on the way cannot say whom the ones behind it make it about.
    @Test func whatGoesBackThroughAClosedOneIsUnknown() throws {
        let closed = IndexedCapsule(
            message: Self.message(2), index: 2, manifest: .zero,
            state: IndexedCapsule.closed(PrekeyID(bytes: Array(0..<20))), content: nil)
        let patients = try Self.patients(
            1...4, [Self.capsule(1, "p-1"), closed, Self.capsule(3, nil), Self.capsule(4, nil)], [2: 1, 3: 2, 4: 4])
        #expect(patients.named.map(\.messages) == [[Self.message(1)]])
        #expect(patients.unknown == [2, 3, 4].map(Self.message))
    }
}
