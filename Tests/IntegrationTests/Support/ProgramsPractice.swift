import DeviceKit
import Foundation
import Statements

/// A relay with an organisation: an admin, an intake desk, two clinicians, an auditor, each with a profile of their own.
struct Practice: Sendable {
    /// Everything of it lies here.
    let folder: String
    let relay: RelayUnderTest
    let organisation: String

    var admin: Person { person("admin") }
    var desk: Person { person("desk") }
    var clara: Person { person("clara") }
    var dan: Person { person("dan") }
    var auditor: Person { person("auditor") }

    static let claraName = "Dr. Clara Chen"
    static let danName = "Dr. Dan Diaz"
    static let deskName = "Front Desk"
    static let auditorName = "Olga Audit"

    /// Somebody of this practice, enrolled or not yet.
    func person(_ name: String) -> Person { Person(name: name, folder: folder) }

    /// Founds it at a fresh relay, which runs.
    static func make() async throws -> Practice {
        let folder = try Programs.temporaryFolder()
        let relay = RelayUnderTest(data: folder + "/relay", port: try RelayUnderTest.freePort())
        try await relay.initialise()
        try await relay.start()
        return try await found(in: folder, at: relay)
    }

    /// Founds it at a relay that runs.
    static func found(in folder: String, at relay: RelayUnderTest) async throws -> Practice {
        let founded = try await Person(name: "admin", folder: folder).json(
            "--ca", relay.authority, "admin", "found", "--relay", relay.address, "--organisation",
            "Example Family Practice", "--member", "Ada Admin")
        let practice = Practice(folder: folder, relay: relay, organisation: founded["organisation"]?.string ?? "")
        for (name, member, role) in [
            ("desk", deskName, "intake"), ("clara", claraName, "provider"), ("dan", danName, "provider"),
            ("auditor", auditorName, "auditor"),
        ] {
            try await practice.join(name, as: member, role)
        }
        try await practice.admin.json("admin", "audit-key", "accept")
        return practice
    }

    /// An invitation from the admin.
    func invite(_ member: String, _ role: String) async throws -> String {
        let invitation = try await admin.json("admin", "invite", "--member", member, "--role", role)
        return invitation["invitation"]?.string ?? ""
    }

    /// Lets a device join for a new or existing member.
    @discardableResult
    func join(_ name: String, as member: String, _ role: String) async throws -> JSONValue {
        try await join(name, invitation: try await invite(member, role))
    }

    @discardableResult
    func join(_ name: String, invitation: String) async throws -> JSONValue {
        try await person(name).json("--ca", relay.authority, "join", invitation)
    }

    /// Sends a text from the desk to Clara.
    /// - Returns: The message's id.
    @discardableResult
    func text(
        _ text: String, to member: String = claraName, urgency: String = "urgent", from sender: Person? = nil
    ) async throws -> String {
        let sent = try await (sender ?? desk).json("send", "--to", member, "--urgency", urgency, "--text", text)
        return sent["message"]?.string ?? ""
    }

    /// A call record in a file of this practice.
    func recordFile(_ record: String = Samples.record()) throws -> String {
        let path = "\(folder)/record-\(UUID().uuidString).json"
        try Data(record.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Copies everything into a new folder; the copy's relay has the same address and does not run.
    func copy() throws -> Practice {
        let copy = try Programs.temporaryFolder() + "/practice"
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        return Practice(
            folder: copy, relay: RelayUnderTest(data: copy + "/relay", port: relay.port, settings: relay.settings),
            organisation: organisation)
    }

    /// Stops the relay and removes everything.
    func remove() async throws {
        if relay.isRunning { try await relay.kill() }
        try FileManager.default.removeItem(atPath: folder)
    }
}

/// One practice for all tests that change nothing for each other, founded at its first use.
actor SharedPractice {
    static let shared = SharedPractice()
    /// For the tests of the screen.
    static let screens = SharedPractice()
    /// For those of the watcher and the agent.
    static let watchers = SharedPractice()
    /// For those of whoever audits.
    static let auditors = SharedPractice()
    private var founding: Task<Practice, any Error>?

    func practice() async throws -> Practice {
        if founding == nil { founding = Task { try await Practice.make() } }
        return try await founding!.value
    }
}

/// Contents.
enum Samples {
    /// Times that may be promised: soon enough, and not over before the tests are.
    static let promised = Timestamp.now().adding(seconds: 4 * 3_600).description
    static let promisedLater = Timestamp.now().adding(seconds: 5 * 3_600).description

    /// A call record; each its own record id.
    static func record(id: String = UUID().uuidString.lowercased()) -> String {
        """
        {"schema":"nightbell.call-record/1","record_id":"\(id)",
        "practice":{"id":"efp","name":"Example Family Practice","tz":"America/New_York"},
        "intake":{"status":"complete","method":"human_operator","system":"desk","operator_id":"op-17",\
        "received_at":"2026-11-23T03:07:09Z"},
        "caller":{"name":"Maria Doe","relation":"parent","callback":{"e164":"+12025550123","confirmed":true}},
        "patient":{"family":"Doe","given":"Jamie","dob":"1962-02-28","mrn":{"system":"urn:oid:1.2.3","value":"MRN-4711"},\
        "match":"matched"},
        "request":{"category":"symptom_worse","reason":"Fever 39.8 for three days, now short of breath"},
        "triage":{"urgency":"urgent","classified_by":"operator","confidence":0.9,"red_flags":["dyspnoea"]},
        "content":{"summary":"Mother calls; the child breathes fast."}}
        """
    }
}
