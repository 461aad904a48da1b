import DeviceKit
import Testing

@Suite struct EventParserTests {
    private func events(_ text: String, chunk: Int = Int.max) throws -> [ServerEvent] {
        var parser = EventParser()
        var events: [ServerEvent] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: min(chunk, max(bytes.count, 1))) {
            events += try parser.take(bytes[start..<min(start + min(chunk, bytes.count), bytes.count)])
        }
        return events
    }

    @Test(arguments: [1, 2, 3, 7, Int.max]) func cutsEventsWhateverTheChunks(_ chunk: Int) throws {
        let text = "event: item\nid: 7\ndata: {\"a\":\ndata: 1}\n\n: comment\n\nevent:keep-alive\r\n\r\ndata: x\r\r"
        #expect(
            try events(text, chunk: chunk) == [
                ServerEvent(name: "item", id: "7", data: Array("{\"a\":\n1}".utf8)),
                ServerEvent(name: "keep-alive", id: nil, data: []),
                ServerEvent(name: "message", id: nil, data: Array("x".utf8)),
            ])
    }

    @Test func anEventThatWasCutOffIsNone() throws {
        #expect(try events("event: item\ndata: 1\n") == [])
    }

    @Test func anEndlessLineIsRefused() {
        var parser = EventParser()
        #expect(throws: EventParser.Failure.self) {
            _ = try parser.take(repeatElement(UInt8(ascii: "a"), count: EventParser.maximumByteCount + 1))
        }
        var lines = EventParser()
        let line = Array("data: ".utf8) + [UInt8](repeating: 0x61, count: 65_536) + [10]
        #expect(throws: EventParser.Failure.self) { for _ in 0..<17 { _ = try lines.take(line) } }
    }
}
