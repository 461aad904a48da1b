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

    @Test func aPatientIsCountedOnceHoweverTheIdentifierWasWritten() {
        let patients = BreachPatients(
            (1...4).map(Self.message),
            capsules: [
                Self.capsule(1, "MRN 7"), Self.capsule(2, "p-2"), Self.capsule(3, " mrn  7"), Self.capsule(4, "p-4"),
            ])
        #expect(patients.named.map(\.patient) == ["MRN 7", "p-2", "p-4"])
        #expect(patients.named.map(\.messages) == [[1, 3].map(Self.message), [Self.message(2)], [Self.message(4)]])
        #expect(patients.unknown.isEmpty)
    }

    @Test func whatNamesNobodyIsClosedOrWasNeverReadIsUnknown() {
        let closed = IndexedCapsule(
            message: Self.message(3), index: 3, manifest: .zero,
            state: IndexedCapsule.closed(PrekeyID(bytes: Array(0..<20))),
            content: nil)
        let patients = BreachPatients(
            (1...4).map(Self.message), capsules: [Self.capsule(1, "p-1"), Self.capsule(2, nil), closed])
        #expect(patients.named.map(\.patient) == ["p-1"])
        #expect(patients.unknown == [2, 3, 4].map(Self.message))
        #expect(closed.closedKey == PrekeyID(bytes: Array(0..<20)))
        #expect(Self.capsule(1, "p").closedKey == nil)
    }
}
