import Secrets
import Statements
import Testing

@testable import DeviceKit

@Suite struct PushFrameTests {
    private let id = SubscriptionID(bytes: Array(0..<16))

    @Test func aLineIsReadAsItIsWritten() throws {
        for frame in [
            PushFrame(subscription: id, body: [1, 2, 3]), PushFrame(subscription: nil, body: [0]),
            PushFrame(subscription: id, body: [UInt8](repeating: 7, count: 4_096)),
        ] {
            let line = frame.line
            #expect(line.last == 10)
            #expect(try PushFrame(parsing: Array(line.dropLast())) == frame)
        }
        #expect(
            PushFrame(subscription: id, body: [UInt8](repeating: 7, count: 4_096)).line.count
                == PushFrame.maximumLineByteCount + 1)
    }

    @Test func whatIsNoLineIsRefusedByName() {
        func refusal(_ text: String) -> PushFrame.Refusal? {
            do {
                _ = try PushFrame(parsing: Array(text.utf8))
                return nil
            } catch { return error }
        }
        #expect(refusal("") == .noBody)
        #expect(refusal("\(id) ") == .noBody)
        #expect(refusal("AA==\r") == .noBody)
        #expect(refusal("sub-x AA==") == .noSubscription)
        #expect(refusal(" AA==") == .noSubscription)
        #expect(refusal(Base64.encode([UInt8](repeating: 0, count: 4_097))) == .tooLong)
        #expect(refusal(String(repeating: "A", count: 9_000)) == .tooLong)
    }

    @Test func linesDoNotDependOnPieces() {
        let frames = [PushFrame(subscription: id, body: [1]), PushFrame(subscription: nil, body: [2, 3])]
        let bytes = frames[0].line + Array("no sense\n".utf8) + frames[1].line
        var whole = PushFrameReader()
        let expected: [Result<PushFrame, PushFrame.Refusal>] = [
            .success(frames[0]), .failure(.noSubscription), .success(frames[1]),
        ]
        #expect(whole.take(bytes) == expected)
        #expect(!whole.isInLine)
        var parts = PushFrameReader()
        #expect(bytes.flatMap { parts.take([$0]) } == expected)
    }

    /// A writer without an end costs one line's memory, and the line behind it is read.
    @Test func anEndlessLineIsPassedOver() {
        var reader = PushFrameReader()
        var found: [Result<PushFrame, PushFrame.Refusal>] = []
        for _ in 0..<1_000 { found += reader.take([UInt8](repeating: 65, count: 100)) }
        #expect(found == [.failure(.tooLong)])
        #expect(reader.isInLine)
        let frame = PushFrame(subscription: nil, body: [9])
        #expect(reader.take([10] + frame.line) == [.success(frame)])
        #expect(reader.end() == nil)
        _ = reader.take([65])
        #expect(reader.end() == .unfinished)
        #expect(!reader.isInLine)
    }
}
