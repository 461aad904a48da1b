import DeviceKit
import Foundation

extension RelayStory {
    /// Claim, message, served, receipts of every kind, prekeys, further devices, a revocation, the relay's stop.
    static let messages = RelayStory(
        name: "relay: an evening",
        begin: {
            let practice = try await Practice.make()
            for (file, member) in [("dan2", Practice.danName), ("clara2", Practice.claraName)] {
                let invitation = try await practice.invite(member, "provider")
                try Data(invitation.utf8).write(to: URL(fileURLWithPath: "\(practice.folder)/invitation-\(file)"))
            }
            for number in 1...2 {
                try Data(Samples.record().utf8).write(
                    to: URL(fileURLWithPath: "\(practice.folder)/record-\(number).json"))
            }
            try await practice.relay.stop()
            return practice
        },
        acts: [
            Act("join of a device", by: "dan2", keep: ["device": "dan2"]) { practice, _ in try joining(practice, "dan2")
            },
            Act("send of a record", by: "desk", keep: ["message": "first"]) { practice, _ in
                sending(to: Practice.claraName) + ["--record", "\(practice.folder)/record-1.json"]
            },
            Act("inbox", by: "clara") { _, _ in ["inbox"] },
            Act("read", by: "clara") { _, story in ["read", story["first"] ?? ""] },
            Act("ack", by: "clara") { _, story in ["ack", story["first"] ?? ""] },
            Act("sent", by: "desk") { _, _ in ["sent"] },
            Act("join of a further device", by: "clara2", keep: ["device": "clara2"]) { practice, _ in
                try joining(practice, "clara2")
            },
            Act("send to two devices", by: "desk", keep: ["message": "second"]) { _, _ in
                sending(to: Practice.claraName) + ["--text", "second"]
            },
            Act("inbox of the further device", by: "clara2") { _, _ in ["inbox"] },
            Act("decline", by: "clara2") { _, story in ["decline", story["second"] ?? ""] },
            Act("close", by: "clara") { _, story in ["close", story["first"] ?? ""] },
            Act("send before a revocation", by: "desk", keep: ["message": "third"]) { _, _ in
                sending(to: Practice.danName) + ["--text", "third"]
            },
            Act("revoke", by: "admin") { _, story in ["admin", "revoke", story["dan2"] ?? "", "--reason", "lost"] },
            Act("send of another record", by: "desk", keep: ["message": "fourth"]) { practice, _ in
                sending(to: Practice.danName) + ["--record", "\(practice.folder)/record-2.json"]
            },
        ],
        people: ["admin", "desk", "clara", "clara2", "dan", "auditor"],
        check: { practice, story in
            var faults: [String] = []
            let expected: [(person: String, inbox: [String: String])] = [
                // What one device of a member says is every device's state.
                ("clara", ["first": "closed", "second": "declined"]), ("clara2", ["second": "declined"]),
                ("dan", ["third": "delivered", "fourth": "delivered"]),
            ]
            for (person, inbox) in expected {
                let found = try await states(of: practice.person(person))
                let wanted = inbox.map { "\(story[$0.key] ?? "") \($0.value)" }.sorted()
                if found != wanted { faults.append("\(person)'s inbox is \(found), not \(wanted)") }
            }
            let receipts = [
                "first": ["acknowledged", "closed", "delivered", "read"],
                "second": ["declined", "delivered", "delivered"], "third": ["delivered", "undeliverable"],
                "fourth": ["delivered"],
            ]
            for (name, wanted) in receipts {
                let sent = try await practice.desk.json("sent", story[name] ?? "")
                let found = (sent["states"]?.array ?? []).compactMap { $0["action"]?.string }.sorted()
                if found != wanted { faults.append("the desk knows of the \(name) message \(found), not \(wanted)") }
            }
            let devices = try await practice.admin.json("admin", "devices")["devices"]?.array ?? []
            if devices.count != 7 { faults.append("\(devices.count) devices are enrolled") }
            let sent = try await practice.desk.json("sent")["messages"]?.array ?? []
            if sent.count != 4 { faults.append("\(sent.count) messages were sent") }
            return faults
        })

    /// From the relay's first start: founding with the operator's code, members, the audit key, the first message.
    static let founding = RelayStory(
        name: "relay: a founding",
        begin: {
            let folder = try Programs.temporaryFolder()
            let relay = RelayUnderTest(data: folder + "/relay", port: try RelayUnderTest.freePort())
            try await relay.initialise()
            let configuration = try String(contentsOfFile: relay.data + "/relay.yaml", encoding: .utf8)
            try Data(configuration.replacingOccurrences(of: "\n  open: true", with: "\n  open: false").utf8)
                .write(to: URL(fileURLWithPath: relay.data + "/relay.yaml"))
            let issued = try await Programs.run(Programs.relay, ["founding-code", "--data", relay.data, "--json"])
            let code = try issued.json()["code"]?.string ?? ""
            try Data(code.utf8).write(to: URL(fileURLWithPath: folder + "/code"))
            return Practice(folder: folder, relay: relay, organisation: "")
        },
        acts: [
            Act("admin found", by: "admin", keep: ["organisation": "organisation", "device": "admin"]) { practice, _ in
                [
                    "--ca", practice.relay.authority, "admin", "found", "--relay", practice.relay.address,
                    "--organisation", "Example", "--member", "Ada Admin", "--code", try text(practice, "code"),
                ]
            },
            Act("invite of an auditor", by: "admin", keep: ["invitation": "auditor"]) { _, _ in
                ["admin", "invite", "--member", Practice.auditorName, "--role", "auditor"]
            },
            Act("join of an auditor", by: "auditor") { practice, story in
                ["--ca", practice.relay.authority, "join", story["auditor"] ?? ""]
            },
            Act("audit-key accept", by: "admin", keep: ["audit_key": "key"]) { _, _ in ["admin", "audit-key", "accept"]
            },
            Act("invite of a clinician", by: "admin", keep: ["invitation": "clara"]) { _, _ in
                ["admin", "invite", "--member", Practice.claraName, "--role", "provider"]
            },
            Act("join of a clinician", by: "clara") { practice, story in
                ["--ca", practice.relay.authority, "join", story["clara"] ?? ""]
            },
            Act("send by the admin", by: "admin", keep: ["message": "message"]) { _, _ in
                sending(to: Practice.claraName) + ["--text", "the first"]
            },
            Act("inbox", by: "clara") { _, _ in ["inbox"] },
        ],
        people: ["admin", "clara", "auditor"],
        check: { practice, story in
            let shown = try await practice.admin.json("admin", "audit-key", "show")
            let devices = try await practice.admin.json("admin", "devices")["devices"]?.array ?? []
            let inbox = try await states(of: practice.clara)
            return [
                shown["audit_key"]?.string == story["key"] ? nil : "another audit key is in force",
                devices.count == 3 ? nil : "\(devices.count) devices are enrolled",
                devices.first?["device"]?.string == story["admin"] ? nil : "another device founded",
                inbox == ["\(story["message"] ?? "") delivered"] ? nil : "the inbox is \(inbox)",
            ].compactMap { $0 }
        })

    /// Several at a time: what they post shares transactions, and each is told of its own.
    static let crowd = RelayStory(
        name: "relay: a crowd",
        begin: {
            let practice = try await Practice.make()
            try await practice.relay.stop()
            return practice
        },
        rounds: [
            [
                Act("sends at once", by: "desk", keep: ["message": "a"]) { _, _ in
                    sending(to: Practice.claraName) + ["--text", "a"]
                },
                Act("send", by: "desk", keep: ["message": "b"]) { _, _ in
                    sending(to: Practice.danName) + ["--text", "b"]
                },
                Act("send", by: "clara", keep: ["message": "c"]) { _, _ in
                    sending(to: Practice.danName) + ["--text", "c"]
                },
                Act("send", by: "dan", keep: ["message": "d"]) { _, _ in
                    sending(to: Practice.claraName) + ["--text", "d"]
                },
                Act("invite", by: "admin") { _, _ in ["admin", "invite", "--member", "New One", "--role", "provider"] },
            ],
            [
                Act("answers at once", by: "clara") { _, story in ["ack", story["a"] ?? ""] },
                Act("decline", by: "dan") { _, story in ["decline", story["b"] ?? ""] },
                Act("send", by: "desk", keep: ["message": "e"]) { _, _ in
                    sending(to: Practice.danName) + ["--text", "e"]
                },
                Act("audit", by: "auditor") { _, _ in ["audit", "verify"] },
            ],
            [
                Act("reads at once", by: "clara") { _, story in ["read", story["d"] ?? ""] },
                Act("close", by: "dan") { _, story in ["close", story["c"] ?? ""] },
                Act("sent", by: "desk") { _, _ in ["sent"] },
            ],
        ],
        people: ["admin", "desk", "clara", "dan", "auditor"],
        check: { practice, story in
            var faults: [String] = []
            let expected: [(person: String, inbox: [String: String])] = [
                ("clara", ["a": "acknowledged", "d": "read"]),
                ("dan", ["b": "declined", "c": "closed", "e": "delivered"]),
            ]
            for (person, inbox) in expected {
                let found = try await states(of: practice.person(person))
                let wanted = inbox.map { "\(story[$0.key] ?? "") \($0.value)" }.sorted()
                if found != wanted { faults.append("\(person)'s inbox is \(found), not \(wanted)") }
            }
            for (person, count) in [("desk", 3), ("clara", 1), ("dan", 1)] {
                let sent = try await practice.person(person).json("sent")["messages"]?.array ?? []
                if sent.count != count { faults.append("\(person) sent \(sent.count) messages") }
            }
            return faults
        })

    /// A message that expired while the relay was away: its sender is told so, once.
    static let expiry = RelayStory(
        name: "relay: an expiry",
        begin: {
            let practice = try await Practice.make()
            let words = ["send", "--to", Practice.claraName, "--urgency", "urgent", "--text", "late", "--expires", "1"]
            let sent = try await practice.desk.json(words)
            try Data((sent["message"]?.string ?? "").utf8).write(to: URL(fileURLWithPath: practice.folder + "/message"))
            try await practice.relay.stop()
            return practice
        },
        acts: [
            Act(
                "sent, until it is unanswered", by: "desk", keep: ["message": "message"],
                until: { $0["states"]?.array?.isEmpty == false }
            ) { practice, _ in ["sent", try text(practice, "message")] }
        ],
        people: ["admin", "desk", "clara", "auditor"],
        // Not at each of the many answers until then.
        classes: KillMatrix.classes.filter { $0 != "send" },
        check: { practice, _ in
            let sent = try await practice.desk.json("sent", try text(practice, "message"))
            let found = (sent["states"]?.array ?? []).compactMap { $0["action"]?.string }
            return found == ["unanswered"] ? [] : ["the desk knows of \(found)"]
        })

    private static func joining(_ practice: Practice, _ name: String) throws -> [String] {
        ["--ca", practice.relay.authority, "join", try text(practice, "invitation-\(name)")]
    }

    private static func text(_ practice: Practice, _ file: String) throws -> String {
        try String(contentsOfFile: "\(practice.folder)/\(file)", encoding: .utf8)
    }

    private static func sending(to member: String) -> [String] { ["send", "--to", member, "--urgency", "urgent"] }

    private static func states(of person: Person) async throws -> [String] {
        let inbox = try await person.json("inbox")
        return (inbox["messages"]?.array ?? []).map { "\($0["message"]?.string ?? "") \($0["state"]?.string ?? "")" }
            .sorted()
    }
}
