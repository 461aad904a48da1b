import DeviceKit
import Foundation
import Testing

/// What the tests of lies expect, again and again.
extension LieWorld {
    /// Someone lied: the command says so with its exit code, and tells these findings.
    func expectCaught(_ outcome: Outcome, _ findings: String..., at location: SourceLocation = #_sourceLocation) {
        #expect(outcome.status == 65, "\(outcome)", sourceLocation: location)
        for finding in findings {
            #expect(outcome.findings.contains(finding), "\(outcome)", sourceLocation: location)
        }
    }

    /// These devices ask for the present, and have nothing to object to.
    func expectNothingSeen(by people: Who..., at location: SourceLocation = #_sourceLocation) async throws {
        for who in people {
            let outcome = try await nightbell(who, "status")
            #expect(outcome.status == 0, "\(who): \(outcome)", sourceLocation: location)
            #expect(
                try outcome.json()["findings"]?.array?.isEmpty == true, "\(who): \(outcome)", sourceLocation: location)
        }
    }

    /// An auditor's replay of both logs finds nothing: the lie is in neither.
    func expectNothingInTheLogs(at location: SourceLocation = #_sourceLocation) async throws {
        // From nothing: what an earlier audit was shown by a liar, it tells for ever.
        let replay = try await nightbell(.vera, "audit", "verify", "--anew")
        #expect(replay.status == 0, "\(replay)", sourceLocation: location)
        let document = try replay.json()
        #expect(document["ok"]?.bool == true, "\(replay)", sourceLocation: location)
        #expect(document["findings"]?.array?.isEmpty == true, "\(replay)", sourceLocation: location)
    }

    /// The evidence of a finding is kept in the profile, and carries these parts.
    func expectEvidence(
        _ code: String, by who: Who, of parts: String..., at location: SourceLocation = #_sourceLocation
    ) throws {
        let folder = person(who).profile + "/evidence"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let name = try #require(names.first { $0.hasPrefix(code) }, "\(names)", sourceLocation: location)
        let bytes = try #require(FileManager.default.contents(atPath: folder + "/" + name), sourceLocation: location)
        let evidence = try JSONParser.parse([UInt8](bytes))
        #expect(evidence["finding"]?.string == code, sourceLocation: location)
        for part in parts {
            #expect(evidence["parts"]?[part] != nil, "no part \(part)", sourceLocation: location)
        }
    }

    /// Reads a message, and every promise of it is kept.
    func expectVerified(
        _ message: String, text: String, by who: Who, at location: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await nightbell(who, "read", message)
        #expect(outcome.status == 0, "\(outcome)", sourceLocation: location)
        let read = try? outcome.json()
        #expect(read?["content"]?["text"]?.string == text, "\(outcome)", sourceLocation: location)
        #expect(read?["verified"]?.bool == true, "\(outcome)", sourceLocation: location)
    }

    /// The lie is over and nothing was lost: the message is there, once, and its sender learns of one delivery.
    func expectDeliveredOnce(
        _ message: String, text: String, to who: Who = .clara, sender: Who = .ina,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let inbox = try await nightbell(who, "inbox")
        #expect(inbox.status == 0, "\(inbox)", sourceLocation: location)
        let listed = try inbox.json()["messages"]?.array?.filter { $0["message"]?.string == message } ?? []
        #expect(listed.count == 1, "\(inbox)", sourceLocation: location)
        // The member's other device may have read it already.
        let states: Set = ["delivered", "read"]
        #expect(
            listed.first?["state"]?.string.map(states.contains) == true, "\(inbox)", sourceLocation: location)
        try await expectVerified(message, text: text, by: who, at: location)
        let receipts = try await receipts(on: message, sender: sender)
        #expect(
            receipts.count { $0 == "delivered \(device(who))" } == 1, "\(receipts)", sourceLocation: location)
    }

    /// The message does not open: it waits apart, its receipt is signed, and nobody reads it.
    func expectQuarantined(
        _ message: String, as reason: String, by who: Who, at location: SourceLocation = #_sourceLocation
    ) async throws {
        let inbox = try await nightbell(who, "inbox")
        let state = try inbox.json()["messages"]?.array?.first { $0["message"]?.string == message }?["state"]?.string
        #expect(state == "quarantined", "\(inbox)", sourceLocation: location)
        let read = try await nightbell(who, "read", message)
        #expect(read.status == 65 && read.code == "quarantined", "\(read)", sourceLocation: location)
        #expect(
            read.error?["message"]?.string?.contains("(\(reason))") == true, "\(read)", sourceLocation: location)
        try expectEvidence("undecryptable", by: who, of: "entry", "proof", at: location)
    }
}
