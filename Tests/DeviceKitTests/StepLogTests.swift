import DeviceKit
import DeviceStorage
import Foundation
import Secrets
import StoreKeying
import Statements
import Testing

@Suite struct StepLogTests {
    private let folder: TemporaryFolder
    private let store: DeviceStore
    private let time = Timestamp(milliseconds: 1_700_000_000_123)

    init() throws {
        folder = try TemporaryFolder()
        store = try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: SecretBytes(random: 32)))
    }

    private func append(_ steps: [StepName]) throws {
        var timer = StepTimer(message: MessageID.make(at: time))
        for step in steps { timer.note(step, "established by \(step.rawValue)") }
        let notes = timer.take()
        _ = try store.step { step in try StepLog.append(notes, at: time, to: step) }
    }

    @Test func linesHangTogetherFromZeros() throws {
        try append([.page, .roster])
        try append([.manifest])
        let lines = try store.look { try $0.steps() }.compactMap { StepLine(parsing: $0.line) }
        #expect(lines.map(\.number) == [1, 2, 3])
        #expect(lines[0].previous == .zero)
        #expect(lines[1].previous == lines[0].hash)
        #expect(lines[2].previous == Digest.sha256(lines[1].bytes))
        #expect(try store.look { try StepLog.head(in: $0) } == lines[2].hash)
    }

    @Test func theLastLinesAndThoseAboutAMessageAreFound() throws {
        try append([.page, .roster])
        try append([.manifest])
        try append([.sealedKey, .content])
        let all = try store.look { try $0.steps() }
        #expect(try store.look { try $0.lastSteps(limit: 2) }.map(\.number) == [4, 5])
        #expect(try store.look { try $0.lastSteps(limit: 9) }.map(\.number) == [1, 2, 3, 4, 5])
        let messages = all.compactMap { StepLine(parsing: $0.line)?.message?.description }
        #expect(try store.look { try $0.steps(naming: messages[0]) }.map(\.number) == [1, 2])
        #expect(try store.look { try $0.steps(naming: messages[2]) }.map(\.number) == [3])
        #expect(try store.look { try $0.steps(naming: String(messages[0].dropLast())) }.isEmpty)
    }

    @Test func theCopyIsTheTableAndIsHealed() throws {
        let path = URL(fileURLWithPath: folder.path + "/steps.ndjson")
        func expected() throws -> [UInt8] { try store.look { try $0.steps() }.flatMap { $0.line + [10] } }
        try append([.page, .roster, .manifest])
        #expect(try [UInt8](Data(contentsOf: path)) == expected())
        // A crash between the commit and the copy: the last line is missing, or half there.
        let whole = try Data(contentsOf: path)
        for kept in [whole.count - 20, whole.dropLast().lastIndex(of: 10)! + 1, 0] {
            try whole.prefix(kept).write(to: path)
            try append([.content])
            #expect(try [UInt8](Data(contentsOf: path)) == expected())
        }
    }

    @Test func aLineHasOneWriting() throws {
        let line = StepLine(
            number: 7, previous: .zero, at: time, step: .sealedKey, message: nil, microseconds: 1_042,
            established: "with \"quotes\" and é")
        let text = String(decoding: line.bytes, as: UTF8.self)
        #expect(
            text
                == "{\"number\":7,\"previous\":\"\(Digest.zero.hex)\",\"at\":\"\(time)\",\"step\":\"sealed_key\",\"message\":null,"
                + "\"milliseconds\":1.042,\"established\":\"with \\\"quotes\\\" and \\u00e9\"}")
        #expect(StepLine(parsing: line.bytes) == line)
        #expect(StepLine(parsing: line.bytes + [32]) == nil)
        #expect(StepLine(parsing: Array(text.replacing("sealed_key", with: "guessed").utf8)) == nil)
        #expect(StepLine(parsing: Array(text.replacing("1.042", with: "1.0420").utf8)) == nil)
    }

    @Test func receiptsNameHeadsThatExistedInOrder() throws {
        try append([.page, .stored, .proof])
        let lines = try store.look { try $0.steps() }.map(\.line)
        func receipt(_ number: UInt64, _ steps: Digest) -> [UInt8] {
            let key = SigningKey()
            let seen = Seen(
                size: 1, root: .zero,
                signature: SeenSignature(bytes: Array(repeating: 0, count: SeenSignature.byteCount)))
            let receipt = Receipt(
                organisation: OrganisationID(bytes: [UInt8](repeating: 1, count: 20)),
                seen: SeenBoth(roster: seen, activity: seen), message: MessageID.make(at: time), manifest: .zero,
                device: DeviceID(key: key.verifyingKey), action: .read, reason: nil, capsule: nil, at: time,
                number: number, previous: number == 1 ? nil : .zero, steps: steps)
            return SignedNote(text: receipt.text, signedBy: key, as: DeviceID(key: key.verifyingKey).description).bytes
        }
        let first = Digest.sha256(lines[0])
        let second = Digest.sha256(lines[1])
        let good = StepLogVerification(lines: lines, receipts: [receipt(1, first), receipt(2, second)])
        #expect(good.holds && good.lines == 3 && good.receipts == 2)
        #expect(!StepLogVerification(lines: lines, receipts: [receipt(1, second), receipt(2, first)]).holds)
        #expect(!StepLogVerification(lines: lines, receipts: [receipt(1, .zero)]).holds)
        #expect(!StepLogVerification(lines: [lines[0], lines[2]], receipts: []).holds)
        #expect(!StepLogVerification(lines: Array(lines.dropFirst()), receipts: []).holds)
        var changed = lines
        changed[1] = Array(String(decoding: lines[1], as: UTF8.self).replacing("stored", with: "content").utf8)
        #expect(!StepLogVerification(lines: changed, receipts: []).holds)
    }

    @Test func theCopyMustSayTheSame() throws {
        try append([.page, .stored, .proof])
        let lines = try store.look { try $0.steps() }.map(\.line)
        func holds(_ copy: [UInt8]) -> Bool { StepLogVerification(lines: lines, receipts: [], copy: copy).holds }
        let copy: [UInt8] = lines.flatMap { $0 + [10] }
        #expect(holds(copy))
        // As it is while a line is being written, and before the first.
        #expect(holds(copy.dropLast(30)))
        #expect(holds([]))
        for place in copy.indices.dropLast(lines[2].count + 1) {
            var changed = copy
            changed[place] ^= 1
            #expect(!holds(changed), "\(place)")
        }
        #expect(!holds(copy + lines[2] + [10]))
        #expect(!holds(lines[1] + [10]))
    }
}
