import Foundation
import Sealing
import SignerSupport
import Statements
import Testing

@testable import Auditing

/// FHIR R4 `AuditEvent`: which code each thing has, and what every event says. The shape is checked against another
/// implementation's model by Config/reports.
@Suite struct AuditEventTests {
    private struct Event {
        let object: [String: Any]

        func coding(_ key: String) -> String? { (object[key] as? [String: Any])?["code"] as? String }
        var word: String? { ((object["subtype"] as? [[String: Any]])?.last)?["code"] as? String }
        var agents: [[String: Any]] { object["agent"] as? [[String: Any]] ?? [] }
        func text(_ key: String) -> String? { object[key] as? String }
    }

    /// Everything that can happen to a message, each once at least.
    private static func events() async throws -> [Event] {
        let world = World.practice()
        world.log(.fallback(.named("tablet"), .named("all"), world.auditKey.publicKey.id))
        let all = world.send("all", served: ["bo"])
        for (attempt, outcome) in PageOutcome.allCases.enumerated() {
            world.log(.pushed(.named("tablet"), all.message, .apns, attempt: UInt64(attempt + 1), outcome))
        }
        for action in ReceiptAction.allCases where action != .handedOff { world.receipt(action, of: all, by: "bo") }
        world.send("carried", from: "bo", to: "bo", carrying: all)
        world.receipt(.handedOff, of: all, by: "bo")
        world.log(.served(.named("ivy"), all.message, .notice))
        world.send("without", without: "tablet")
        _ = world.play("expired", .emergent, life: 60, delivered: nil, read: nil, answered: nil, closed: nil)
        world.look(.patient)
        world.revoke("tablet")
        let (report, verdict) = try await world.report()
        var events: [Event] = []
        try AuditEventLines(report).write(verdict) { line in
            events.append(
                Event(object: try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])))
        }
        return events
    }

    @Test func everyThingHasItsCodes() async throws {
        let events = try await Self.events()
        let expected: [(word: String, type: String, action: String, outcomes: Set<String>)] = [
            ("manifest", "transmit", "C", ["0"]), ("served", "transmit", "R", ["0"]),
            ("delivered", "receive", "C", ["0"]), ("read", "access", "R", ["0"]),
            ("acknowledged", "attest", "U", ["0"]), ("declined", "attest", "U", ["4"]),
            ("handed_off", "disclose", "R", ["0"]), ("closed", "attest", "U", ["0"]),
            ("filed", "archive", "C", ["0"]), ("disclosed", "disclose", "R", ["0"]),
            ("undecryptable", "decrypt", "E", ["8"]), ("fallback", "encrypt", "E", ["0"]),
            ("pushed", "transmit", "E", ["0", "4", "8"]), ("undeliverable", "transmit", "E", ["8"]),
            ("unanswered", "attest", "E", ["8"]), ("member_added", "110113", "C", ["0"]),
            ("look_patient", "110101", "R", ["0"]),
            ("device_enrolled", "110113", "C", ["0"]),
            ("device_revoked", "110113", "D", ["0"]), ("invitation_issued", "110113", "C", ["0"]),
            ("audit_key_set", "110113", "U", ["0"]),
        ]
        #expect(Set(events.map(\.word)) == Set(expected.map(\.word)))
        for (word, type, action, outcomes) in expected {
            let those = events.filter { $0.word == word }
            #expect(Set(those.map { $0.coding("type") }) == [type], "\(word)")
            #expect(Set(those.map { $0.text("action") }) == [action], "\(word)")
            #expect(Set(those.map { $0.text("outcome") }) == outcomes, "\(word)")
            // Whatever failed says how.
            for event in those { #expect((event.text("outcome") == "0") == (event.text("outcomeDesc") == nil)) }
        }
    }

    /// One key for two purposes, or members whose ids end alike: whoever stores events by their ids keeps both.
    @Test func twoEventsOfOneEntryHaveTwoIDs() async throws {
        let world = World.practice()
        let (made, verdict) = try await world.report()
        var report = made
        let change = try #require(report.changes.first)
        report.changes = [change, change] + report.changes.filter { $0.index > change.index }
        var ids: [String] = []
        try AuditEventLines(report).write(verdict) { line in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            ids.append(try #require(object["id"] as? String))
        }
        #expect(ids.count == Set(ids).count && ids.starts(with: ["roster-0-0", "roster-0-1"]))
    }

    @Test func everyEventSaysWhoDidItAndWhereTheProofIs() async throws {
        let events = try await Self.events()
        #expect(Set(events.map { $0.text("id") }).count == events.count)
        for event in events {
            #expect(event.text("resourceType") == "AuditEvent")
            #expect(event.agents.count { $0["requestor"] as? Bool == true } == 1, "\(event.object)")
            #expect(event.agents.allSatisfy { $0["requestor"] is Bool })
            let entity = try #require((event.object["entity"] as? [[String: Any]])?.first)
            let details = try #require(entity["detail"] as? [[String: String]])
            let types = details.compactMap { $0["type"] }
            #expect(Set(types).isSuperset(of: ["log", "log-index", "checkpoint-size", "checkpoint-root"]))
            #expect(details.allSatisfy { !($0["valueString"] ?? "").isEmpty })
            let source = try #require(event.object["source"] as? [String: Any])
            #expect(source["observer"] != nil)
            let id = try #require(event.text("id"))
            #expect(
                id.utf8.count <= 64
                    && id.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        }
        // A receipt is its device's deed, what was served the relay's.
        let delivered = try #require(events.first { $0.word == "delivered" })
        #expect(delivered.agents.count == 1)
        #expect(delivered.agents[0]["altId"] as? String == "\(MemberID.named("bo"))")
        let served = try #require(events.first { $0.word == "served" })
        #expect(served.agents.map { $0["requestor"] as? Bool } == [true, false])
    }
}
