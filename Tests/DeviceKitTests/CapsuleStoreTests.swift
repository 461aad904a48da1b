import DeviceStorage
import Foundation
import Secrets
import Statements
import StoreKeying
import Testing

@testable import DeviceKit

/// An auditor's looks and index of capsules, as the profile's store keeps them.
@Suite final class CapsuleStoreTests {
    private let folder: TemporaryFolder
    private let key = SecretBytes(random: 32)

    init() throws { folder = try TemporaryFolder() }

    private func store() throws -> DeviceStore {
        try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: key))
    }

    private func row(_ message: String, _ index: UInt64, patient: UInt8? = 1, content: String? = "S3CRET") -> CapsuleRow
    {
        CapsuleRow(
            message: message, index: index, manifest: [UInt8](repeating: UInt8(index), count: 32),
            state: content == nil ? "none" : "opened", patient: patient.map { [UInt8](repeating: $0, count: 32) },
            content: content.map { Array($0.utf8) })
    }

    @Test func capsulesAreFoundByPatientMessageAndState() throws {
        let store = try store()
        try store.step { step in
            for row in [row("msg-c", 3), row("msg-a", 1), row("msg-b", 2, patient: nil), row("msg-d", 4, content: nil)]
            {
                try step.put(row)
            }
        }
        try store.look { (store: StoreSnapshot) throws -> Void in
            #expect(
                try store.capsules(of: [UInt8](repeating: 1, count: 32)).map(\.message) == ["msg-a", "msg-c", "msg-d"])
            #expect(try store.capsules(of: [UInt8](repeating: 2, count: 32)).isEmpty)
            #expect(try store.capsules(ofMessages: ["msg-b", "msg-x"]).map(\.index) == [2])
            #expect(try store.capsules(in: ["none"]).map(\.message) == ["msg-d"])
            #expect(try store.countOfCapsules() == ["opened": 3, "none": 1])
            #expect(try store.messagesWithoutPatient(in: "opened") == ["msg-b"])
            #expect(try store.capsuleManifests()["msg-a"] == [UInt8](repeating: 1, count: 32))
        }
        try store.step { try $0.put(row("msg-a", 9)) }
        #expect(try store.look { try $0.capsules(ofMessages: ["msg-a"]) }.map(\.index) == [9])
        try store.step { try $0.removeCapsules() }
        #expect(try store.look { try $0.countOfCapsules() }.isEmpty)
    }

    /// What a capsule names lies sealed in the file, and opens in its own row alone.
    @Test func contentsAreSealedForTheirRow() throws {
        try store().step { step in
            try step.put(row("msg-a", 1, content: "S3CRET-a"))
            try step.put(row("msg-b", 2, content: "S3CRET-b"))
        }
        let file = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/store.sqlite"))
        #expect(file.range(of: Data("S3CRET".utf8)) == nil)
        try folder.sqlite(
            "UPDATE capsule SET content = (SELECT content FROM capsule WHERE message = 'msg-a') WHERE message = 'msg-b'"
        )
        let store = try store()
        #expect(throws: DeviceStorageError(.doesNotOpen, place: "")) {
            try store.look { try $0.capsules(ofMessages: ["msg-b"]) }
        }
    }

    @Test func aLookWaitsUntilItIsProvenOrTakenBack() throws {
        let store = try store()
        let first = try store.step { try $0.add(access: [1]) }
        let second = try store.step { try $0.add(access: [2]) }
        #expect(try store.look { try $0.unprovenAccesses(limit: 9) }.map(\.note) == [[1], [2]])
        try store.step { try $0.markProven(access: first, index: 7, proof: [3]) }
        #expect(try store.look { try $0.unprovenAccesses(limit: 9) }.map(\.number) == [second])
        // What is proven was a look, for ever.
        try store.step { try $0.remove(access: first) }
        try store.step { try $0.remove(access: second) }
        #expect(try store.look { try $0.unprovenAccesses(limit: 9) }.isEmpty)
        #expect(try store.step { try $0.add(access: [4]) } == first + 1)
    }
}

/// A patient's identifier as it is sought.
@Suite struct PatientNameTests {
    @Test(arguments: ["MRN 4711", "mrn 4711", "  Mrn\t 4711\n", "ＭＲＮ　４７１１", "mrn\u{a0}4711"])
    func capitalsWidthAndBlanksMakeNoDifference(_ text: String) {
        #expect(PatientName("mrn 4711") != nil)
        #expect(PatientName(text) == PatientName("mrn 4711"))
    }

    @Test func whatDiffersIsAnother() {
        #expect(PatientName("mrn 4711") != PatientName("mrn 4712"))
        #expect(PatientName("mrn4711") != PatientName("mrn 4711"))
        #expect(PatientName("e\u{301}") == PatientName("\u{e9}"))
    }

    @Test func nothingAndTooMuchIsNone() {
        for text in ["", " \n\t", String(repeating: "x", count: 257), String(repeating: " ", count: 5_000)] {
            #expect(PatientName(text) == nil)
        }
        #expect(PatientName(String(repeating: "x", count: 256)) != nil)
    }

    /// What is sealed can be asked for: a text's patient is refused by the same rule, and a record whose number is blank names
    /// nobody, for its message must go.
    @Test(arguments: ["", " \n\t", String(repeating: "x", count: 257)])
    func whatNobodyCouldSeekIsNotSent(_ patient: String) throws {
        func draft(_ content: MessageContent, _ patient: String?) throws -> Draft {
            try Draft(
                member: MemberID.random(), urgency: .routine, lifeSeconds: nil, content: content, patient: patient,
                files: [])
        }
        let text = try MessageContent(text: "words")
        #expect(throws: DeviceKitError.self) { try draft(text, patient) }
        #expect(try draft(text, nil).patient == nil && draft(text, "MRN 7").patient == "MRN 7")
        if patient.utf8.count <= 64 {
            let written = patient.unicodeScalars.map { _ in " " }.joined()
            let record = try MessageContent(recordFile: CallRecordTests.record([("MRN-4711", written)]))
            let capsule = try CapsuleContent(of: draft(record, nil).content, patient: nil)
            #expect(capsule.patient == nil)
        }
    }

    @Test func itPrintsAsNothing() throws {
        let name = try #require(PatientName("S3CRET"))
        #expect(!"\(name) \(String(reflecting: name)) \(Look.patient(name))".contains("s3cret"))
        #expect(!String(reflecting: Look.patient(name)).lowercased().contains("s3cret"))
    }
}
