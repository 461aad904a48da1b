import FuzzSupport
import RelayAPI
import Testing

/// Every parser of what a stranger can send to the relay, or a relay to a client, over its corpus and mutations of it.
@Suite struct RelayAPIFuzzTests {
    @Test func envelopes() throws {
        let report = try Fuzzer(parser: "envelope", cost: 3).run { try? Envelope(parsing: $0).bytes }
        #expect(report.findings.isEmpty)
    }

    @Test func noteBatches() throws {
        let report = try Fuzzer(parser: "note-batch").run { NoteBatch.decode($0, maximum: 4).map(NoteBatch.encode) }
        #expect(report.findings.isEmpty)
    }

    @Test(arguments: [true, false]) func requestSignatures(hasBody: Bool) throws {
        let parser = hasBody ? "request-signature-with-body" : "request-signature"
        let report = try Fuzzer(parser: parser).run { bytes in
            // The two header values, a line each: neither can hold a line feed.
            let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
            guard lines.count == 2, let input = String(validating: lines[0], as: UTF8.self),
                let header = String(validating: lines[1], as: UTF8.self),
                let signature = RequestSignature(input: input, signature: header, hasBody: hasBody)
            else { return nil }
            return Array((signature.inputHeader(hasBody: hasBody) + "\n" + signature.signatureHeader).utf8)
        }
        #expect(report.findings.isEmpty)
    }

    /// JSON may be written in many ways: here it only must never trap, hang or be half read.
    @Test func shapes() throws {
        let report = try Fuzzer(parser: "api-json").run { bytes in
            let isRead =
                (try? APIJSON.decode(InboxAnswer.self, from: bytes)) != nil
                || (try? APIJSON.decode(ClaimRequest.self, from: bytes)) != nil
                || (try? APIJSON.decode(Problem.self, from: bytes)) != nil
                || (try? APIJSON.decode(PrekeyUpload.self, from: bytes)) != nil
            return isRead ? bytes : nil
        }
        #expect(report.findings.isEmpty)
    }
}
