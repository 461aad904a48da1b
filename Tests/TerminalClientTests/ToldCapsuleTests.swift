import DeviceKit
import Secrets
import Statements
import Testing

@testable import TerminalClient

/// What is told of a capsule, opened or not, to people and to programs.
@Suite struct ToldCapsuleTests {
    private static let hash = Digest.sha256([7]).hex

    private static func told(_ state: String, _ text: String? = nil) -> ToldCapsule {
        ToldCapsule(
            IndexedCapsule(
                message: MessageID(bytes: [UInt8](repeating: 1, count: 16)), index: 1, manifest: .zero, state: state,
                content: text.flatMap { CapsuleContent(plaintext: Array($0.utf8)) }))
    }

    @Test func whatItNamesIsTold() {
        let told = Self.told(
            IndexedCapsule.opened,
            #"{"record_id":"r-1","patient":"MRN 7","practice":"efp","operator":"op","sha256":"\#(Self.hash)"}"#)
        #expect(told.document["state"]?.string == "opened" && told.document["patient"]?.string == "MRN 7")
        #expect(told.document["record_id"]?.string == "r-1" && told.document["category"] == .null)
        #expect(told.document["operator"]?.string == "op" && told.document["sha256"]?.string == Self.hash)
        #expect(told.words == "patient MRN 7, record r-1, practice efp, taken by op")
        #expect(told.patient == "MRN 7" && told.practice == "efp")
        let nobody = Self.told(IndexedCapsule.opened, #"{"sha256":"\#(Self.hash)"}"#)
        #expect(nobody.words == "names no patient" && nobody.patient == "(names nobody)")
        #expect(nobody.document["patient"] == .null)
    }

    @Test func whyNobodyCanSayIsTold() {
        let none = Self.told(IndexedCapsule.none)
        #expect(none.document["state"]?.string == "none" && none.words.hasPrefix("none: "))
        #expect(none.patient == "(no capsule)")
        let key = PrekeyID(bytes: Array(0..<20))
        let closed = Self.told(IndexedCapsule.closed(key))
        #expect(closed.document["state"]?.string == "closed" && closed.document["audit_key"]?.string == "\(key)")
        #expect(closed.words.contains("\(key)") && closed.patient == "(closed)")
        let broken = Self.told("capsule_missing")
        #expect(broken.document["state"]?.string == "not_opened")
        #expect(broken.document["code"]?.string == "capsule_missing")
        #expect(broken.words == "does not open: capsule_missing")
        #expect([none, closed, broken].allSatisfy { $0.document["patient"] == nil && $0.practice.isEmpty })
    }
}
