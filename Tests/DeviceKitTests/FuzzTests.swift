import DeviceKit
import FuzzSupport
import Testing

/// Every parser of outside bytes in the device kit. JSON has many writings of one value: there an accepted value must
/// come back from its own writing; what has one writing must be written so.
@Suite struct FuzzTests {
    @Test func jsonIsReadStrictly() throws {
        let report = try Fuzzer(parser: "json").run { bytes in
            guard let value = try? JSONParser.parse(bytes) else { return nil }
            let isSame =
                (try? JSONParser.parse(value.bytes)) == value
                && (try? JSONParser.parse(Array(value.ascii.utf8))) == value
            return isSame ? bytes : []
        }
        #expect(report.findings.isEmpty)
    }

    @Test func callRecordsSatisfyTheirSchemaAgain() throws {
        let report = try Fuzzer(parser: "call-record", cost: 3).run { bytes in
            guard let record = try? CallRecord(parsing: bytes) else { return nil }
            let again = try? CallRecord(parsing: record.document.bytes)
            return again == record ? bytes : []
        }
        #expect(report.findings.isEmpty)
    }

    @Test func contentComesBackFromItsPlaintext() throws {
        let report = try Fuzzer(parser: "message-content", cost: 3).run { bytes in
            guard let content = MessageContent(plaintext: bytes) else { return nil }
            _ = AlertSummary.text(of: content)
            return MessageContent(plaintext: content.plaintext) == content ? bytes : []
        }
        #expect(report.findings.isEmpty)
    }

    @Test func capsulesComeBackFromTheirPlaintext() throws {
        let report = try Fuzzer(parser: "capsule-content").run { bytes in
            guard let capsule = CapsuleContent(plaintext: bytes) else { return nil }
            _ = capsule.verdict(on: bytes)
            return CapsuleContent(plaintext: capsule.plaintext) == capsule ? bytes : []
        }
        #expect(report.findings.isEmpty)
    }

    @Test func stepLinesHaveOneWriting() throws {
        let report = try Fuzzer(parser: "step-line").run { bytes in StepLine(parsing: bytes)?.bytes }
        #expect(report.findings.isEmpty)
    }

    @Test func pushFramesHaveOneWriting() throws {
        let report = try Fuzzer(parser: "push-frame").run { bytes in
            guard let frame = try? PushFrame(parsing: bytes) else { return nil }
            var reader = PushFrameReader()
            return reader.take(frame.line) == [.success(frame)] ? Array(frame.line.dropLast()) : []
        }
        #expect(report.findings.isEmpty)
    }

    @Test func eventsDoNotDependOnChunks() throws {
        let report = try Fuzzer(parser: "event-stream", cost: 4).run { bytes in
            var whole = EventParser()
            guard let events = try? whole.take(bytes) else { return nil }
            var parts = EventParser()
            var again: [ServerEvent] = []
            for start in stride(from: 0, to: bytes.count, by: 5) {
                guard let some = try? parts.take(bytes[start..<min(start + 5, bytes.count)]) else { return [] }
                again += some
            }
            return again == events ? bytes : []
        }
        #expect(report.findings.isEmpty)
    }
}
