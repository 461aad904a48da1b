import DeviceKit
import Foundation

extension ClientAct {
    /// Everything that a person's program does durably.
    static let all =
        [
            found, invite, join, auditKey, revoke, sendRecord, sendText, inbox, read, acknowledge, acknowledgeUnfetched,
            decline, close, promise, reply, handOff, sent, export, verify,
        ] + files

    static let found = ClientAct("admin found") { stage in
        let founder = stage.practice.person(stage.fresh("founder"))
        let relay = stage.practice.relay
        let words = [
            "--ca", relay.authority, "admin", "found", "--relay", relay.address, "--organisation", founder.name,
            "--member", "Founder",
        ]
        return Prepared(person: founder, arguments: words) { outcome in
            let told = try outcome.json()
            let status = try await founder.json("status")
            let again = try await founder.json(words)
            return [
                again["organisation"] == told["organisation"] && again["device"] == told["device"]
                    ? nil : "the repeated command tells of another founding",
                again["recovery"] == .null ? nil : "the recovery secret was not forgotten when it was told",
                status["organisation"] == told["organisation"]
                    ? nil : "another organisation than the one that was told",
                (told["recovery"]?.string?.count ?? 0) > 40 ? nil : "no recovery secret",
                status["roster"]?["size"]?.integer == 1 ? nil : "more than genesis in the roster",
            ].compactMap { $0 }
        }
    }

    static let invite = ClientAct("admin invite") { stage in
        let name = stage.fresh("invited")
        return Prepared(
            person: stage.practice.admin, arguments: ["admin", "invite", "--member", name, "--role", "provider"]
        ) { outcome in
            let members = try await stage.practice.admin.json("admin", "members")["members"]?.array ?? []
            let invitation = try outcome.json()["invitation"]?.string ?? ""
            let joined = try await stage.practice.join(stage.fresh("invitee"), invitation: invitation)
            return [
                members.count { $0["name"]?.string == name } == 1 ? nil : "the member is not there once",
                members.contains { $0["member"] == joined["member"] } ? nil : "the invitation is for somebody else",
            ].compactMap { $0 }
        }
    }

    static let join = ClientAct("join") { stage in
        let newcomer = stage.practice.person(stage.fresh("newcomer"))
        let invitation = try await stage.practice.invite(newcomer.name, "provider")
        return Prepared(
            person: newcomer, arguments: ["--ca", stage.practice.relay.authority, "join", invitation]
        ) { outcome in
            let joined = try outcome.json()
            let devices = try await stage.practice.admin.json("admin", "devices")["devices"]?.array ?? []
            let status = try await newcomer.json("status")
            return [
                devices.count { $0["member"] == joined["member"] } == 1 ? nil : "the member has not one device",
                devices.contains { $0["device"] == joined["device"] }
                    ? nil : "another device was enrolled than was told",
                status["one_time_prekeys"]?.integer == 64 ? nil : "prekeys: \(status["one_time_prekeys"] ?? .null)",
            ].compactMap { $0 }
        }
    }

    /// A further auditor's key: it replaces the first one's, and waits for its 72 hours.
    static let auditKey = ClientAct("admin audit-key accept") { stage in
        let admin = stage.practice.admin
        let before = try await admin.json("admin", "audit-key", "show")
        let auditor = stage.practice.person(stage.fresh("auditor"))
        let joined = try await stage.practice.join(auditor.name, as: auditor.name, "auditor")
        let statements = try await admin.json("status")["roster"]?["size"]?.integer ?? 0
        let words = ["admin", "audit-key", "accept", joined["device"]?.string ?? ""]
        return Prepared(person: admin, arguments: words) { outcome in
            let told = try outcome.json()
            let shown = try await admin.json("admin", "audit-key", "show")
            let size = try await admin.json("status")["roster"]?["size"]?.integer ?? 0
            return [
                shown["audit_key"] == before["audit_key"] ? nil : "the key in force was replaced at once",
                shown["pending"]?["key"] == told["audit_key"] && shown["pending"]?["effective"] == told["effective"]
                    ? nil : "what was told is not what waits: \(shown)",
                size == statements + 1 ? nil : "\(size - statements) statements were made",
            ].compactMap { $0 }
        }
    }

    static let revoke = ClientAct("admin revoke") { stage in
        let lost = stage.practice.person(stage.fresh("lost"))
        let device = try await stage.practice.join(lost.name, as: lost.name, "provider")["device"]?.string ?? ""
        return Prepared(
            person: stage.practice.admin, arguments: ["admin", "revoke", device, "--reason", "lost"]
        ) { _ in
            let devices = try await stage.practice.admin.json("admin", "devices")["devices"]?.array ?? []
            let found = devices.filter { $0["device"]?.string == device }.map { $0["status"]?.string ?? "" }
            return found == ["revoked"] ? [] : ["the device is \(found)"]
        }
    }

    static let sendRecord = ClientAct("send --record", isIdempotent: false) { stage in
        let file = try stage.practice.recordFile()
        return try await sending(stage, ["--record", file])
    }

    static let sendText = ClientAct("send --text", isIdempotent: false) { stage in
        try await sending(stage, ["--text", stage.fresh("text")])
    }

    private static func sending(_ stage: KillStage, _ content: [String]) async throws -> Prepared {
        let before = try await stage.practice.clara.json("inbox")["messages"]?.array?.count ?? 0
        return Prepared(
            person: stage.practice.desk,
            arguments: ["send", "--to", Practice.claraName, "--urgency", "urgent"] + content
        ) { outcome in
            let message = try outcome.json()["message"]?.string ?? ""
            let after = try await stage.practice.clara.json("inbox")["messages"]?.array?.count ?? 0
            let inbox = try await stage.inbox(message)
            return [
                inbox == ["delivered"] ? nil : "in the inbox: \(inbox)",
                after == before + 1 ? nil : "\(after - before) messages arrived",
            ].compactMap { $0 }
        }
    }

    static let inbox = ClientAct("inbox") { stage in
        let messages = [
            try await stage.practice.text("one"), try await stage.practice.text("two", urgency: "emergent"),
        ]
        return Prepared(person: stage.practice.clara, arguments: ["inbox"]) { _ in
            var faults: [String] = []
            for message in messages {
                let inbox = try await stage.inbox(message)
                let told = try await stage.told(on: message)
                if inbox != ["delivered"] || told != ["delivered"] { faults.append("\(inbox), receipts \(told)") }
            }
            return faults
        }
    }

    static let read = answer("read", ["read"], ["delivered", "read"], "read")
    static let acknowledge = answer(
        "ack", ["ack", "--reason", "will_call_by"], ["delivered", "acknowledged"], "acknowledged")
    static let decline = answer("decline", ["decline"], ["delivered", "declined"], "declined")
    static let close = answer("close", ["close"], ["delivered", "closed"], "closed")

    private static func answer(
        _ name: String, _ words: [String], _ receipts: [String], _ state: String
    ) -> ClientAct {
        ClientAct(name) { stage in
            let message = try await stage.received()
            return Prepared(person: stage.practice.clara, arguments: words + [message]) { _ in
                let inbox = try await stage.inbox(message)
                let told = try await stage.told(on: message)
                return inbox == [state] && told == receipts ? [] : ["\(inbox), receipts \(told)"]
            }
        }
    }

    /// A receipt with words to it: neither is lost or doubled, and the receipt is logged first.
    static let promise = ClientAct("ack --by") { stage in
        let message = try await stage.received()
        return Prepared(
            person: stage.practice.clara, arguments: ["ack", message, "--by", Samples.promised]
        ) { outcome in
            let told = try await stage.told(on: message)
            let sent = try await stage.practice.desk.json("sent", message)
            let replies = sent["replies"]?.array ?? []
            return [
                told == ["delivered", "acknowledged"] ? nil : "receipts \(told)",
                replies.count == 1 && replies[0]["promised_at"]?.string == Samples.promised
                    ? nil : "replies \(replies)",
                try outcome.json()["reply"]?["message"] == replies.first?["message"] ? nil : "another reply was told",
            ].compactMap { $0 }
        }
    }

    static let reply = ClientAct("reply", isIdempotent: false) { stage in
        let message = try await stage.received()
        return Prepared(
            person: stage.practice.clara, arguments: ["reply", message, "--text", stage.fresh("words")]
        ) { _ in
            let replies = try await stage.practice.desk.json("sent", message)["replies"]?.array ?? []
            return replies.count == 1 ? [] : ["replies \(replies)"]
        }
    }

    /// The new message is accepted before the old one is handed off: one of each, in this order.
    static let handOff = ClientAct("hand-off") { stage in
        let message = try await stage.received()
        return Prepared(
            person: stage.practice.clara, arguments: ["hand-off", message, "--to", Practice.danName]
        ) { outcome in
            let told = try await stage.told(on: message)
            let handed = try outcome.json()
            let sent = try await stage.practice.desk.json("sent", message)
            let forwards = sent["forwards"]?.array ?? []
            let dan = try await stage.practice.dan.json("inbox")["messages"]?.array ?? []
            return [
                told == ["delivered", "handed_off"] ? nil : "receipts \(told)",
                forwards.count == 1 && forwards[0]["message"] == handed["forward"]?["message"]
                    ? nil : "forwards \(forwards)",
                dan.count { $0["forward_of"]?.string == message && $0["verified"]?.bool == true } == 1
                    ? nil : "the new one has not exactly one of it",
                (handed["forward"]?["index"]?.integer ?? .max) < (handed["index"]?.integer ?? 0)
                    ? nil : "it was handed off before anybody had it",
            ].compactMap { $0 }
        }
    }

    static let acknowledgeUnfetched = ClientAct("ack, not fetched") { stage in
        let message = try await stage.practice.text("not fetched")
        return Prepared(person: stage.practice.clara, arguments: ["ack", message]) { _ in
            let inbox = try await stage.inbox(message)
            let told = try await stage.told(on: message)
            return inbox == ["acknowledged"] && told == ["delivered", "acknowledged"]
                ? [] : ["\(inbox), receipts \(told)"]
        }
    }

    static let export = ClientAct("audit export", isIdempotent: false) { stage in
        let folder = stage.practice.folder + "/" + stage.fresh("export")
        return Prepared(
            person: stage.practice.auditor, arguments: ["audit", "export", folder],
            // Ended after it had moved the whole export to its place: then nothing is written over it.
            isRefused: { $0.status == ExitCode.wouldOverwrite }
        ) { _ in
            let verified = try await stage.practice.auditor.run("audit", "verify", "--from", folder)
            return verified.status == 0 ? [] : ["the export: \(verified.out)\(verified.err)"]
        }
    }

    /// Goes on from what it kept, or begins with nothing: the same is told as by one that believes nothing that was kept.
    static let verify = ClientAct("audit verify") { stage in
        let auditor = stage.practice.auditor
        _ = try await auditor.json("audit", "verify")
        let message = try await stage.received()
        return Prepared(person: auditor, arguments: ["audit", "verify"]) { outcome in
            let told = try outcome.json()
            let again = try await auditor.json("audit", "verify")
            let anew = try await auditor.json("audit", "verify", "--anew")
            let found = try await auditor.json("audit", "message", message)
            return [
                told["ok"]?.bool == true && anew["ok"]?.bool == true ? nil : "findings: \(told), \(anew)",
                again["messages"] == anew["messages"] && again["days"] == anew["days"]
                    && again["capsules"] == anew["capsules"] && again["activity"] == anew["activity"]
                    ? nil : "what was kept tells \(again), and the logs \(anew)",
                found["verified"]?.bool == true ? nil : "the message is not verified: \(found)",
            ].compactMap { $0 }
        }
    }

    static let sent = ClientAct("sent") { stage in
        let message = try await stage.received()
        try await stage.practice.clara.json("ack", message)
        return Prepared(person: stage.practice.desk, arguments: ["sent", message]) { outcome in
            let told = try await stage.told(on: message)
            return told == ["delivered", "acknowledged"] ? [] : ["receipts \(told)"]
        }
    }
}
