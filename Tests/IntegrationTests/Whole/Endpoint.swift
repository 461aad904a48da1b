import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import Testing

/// An address of the relay and its method.
struct Endpoint: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    let method: String
    let template: String
    /// Whether an unused invitation may ask here.
    let invitationMayAsk: Bool
    let namesOrganisation: Bool

    init(_ method: String, _ template: String, invitationMayAsk: Bool = false, namesOrganisation: Bool = true) {
        self.method = method
        self.template = template
        self.invitationMayAsk = invitationMayAsk
        self.namesOrganisation = namesOrganisation
    }

    var description: String { "\(method) \(template)" }
    var testDescription: String { description }

    func path(_ guests: Guests.All, organisation: String? = nil) -> String {
        template.replacing("{org}", with: organisation ?? guests.provider.organisation.description)
            .replacing("{message}", with: guests.message)
    }

    /// A body, where one is expected; not a good one.
    var body: [UInt8]? { ["POST", "PUT"].contains(method) ? Array("{}".utf8) : nil }

    /// Bodies that are nearly right.
    var malformed: [[UInt8]] {
        let device = "dev-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        let message = "msg-aaaaaaaaaaaaaaaaaaaaaaaaaa"
        let texts: [String] =
            switch template {
            case "/v1/orgs/{org}/claims":
                [
                    "{\"message\":\"\(message)\",\"devices\":[]}", "{\"message\":\"x\",\"devices\":[\"\(device)\"]}",
                    "{\"message\":\"\(message)\",\"devices\":[\"\(device)\",\"\(device)\"]}",
                    "{\"message\":\"\(message)\",\"devices\":[\"x\"]}",
                    "{\"message\":\"\(message)\",\"devices\":\"\(device)\"}",
                    "{\"message\":\"\(message)\",\"devices\":[\(Array(repeating: "\"\(device)\"", count: 257).joined(separator: ","))]}",
                ]
            case "/v1/orgs/{org}/prekeys":
                [
                    "{\"one_time\":[]}", "{\"one_time\":[{\"text\":\"\",\"signature\":\"\"}]}",
                    "{\"one_time\":[{\"text\":\"nightbell.prekey/v1\\n\",\"signature\":\"AAAA\"}]}",
                    "{\"one_time\":[],\"fallback\":{\"text\":\"\",\"signature\":\"!\"}}",
                    "{\"one_time\":[\(Array(repeating: "{\"text\":\"\",\"signature\":\"\"}", count: 129).joined(separator: ","))]}",
                ]
            case "/v1/orgs":
                ["{\"genesis\":\"\"}", "{\"genesis\":\"nightbell.genesis/v1\\n\"}", "{\"code\":1,\"genesis\":\"\"}"]
            case "/v1/foundings": ["{\"code\":1}", "{\"code\":[]}"]
            default: []
            }
        var bodies = texts.map { Array($0.utf8) }
        if template.hasSuffix("/receipts") || template.hasSuffix("/accesses") || template.hasSuffix("/messages") {
            bodies += [
                [0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1, 0x78], [0, 0, 0, 2, 0x78],
                [0, 0, 0xFD, 0xE9] + [UInt8](repeating: 0x78, count: 65_001),
                [0x7F, 0xFF, 0xFF, 0xFF, 0x78], NoteBatch.encode([Array("x\n".utf8)]) + [0],
                NoteBatch.encode(Array(repeating: Array("x\n".utf8), count: 65)),
            ]
        }
        return bodies
    }
}

/// Those who ask: devices whose keys the tests hold, good and not.
actor Guests {
    static let shared = Guests()

    struct All: Sendable {
        let http: RawHTTP
        let provider: RawDevice
        let auditor: RawDevice
        let intake: RawDevice
        let revoked: RawDevice
        /// Enrolled in another organisation of the same relay.
        let foreigner: RawDevice
        /// With a key that was never enrolled.
        let nobody: RawDevice
        /// The holder of an unused invitation, and of a used one.
        let invitation: RawDevice
        let spentInvitation: RawDevice
        /// A message between others.
        let message: String
    }

    private var making: Task<All, any Error>?

    func all() async throws -> All {
        if making == nil { making = Task { try await Self.make() } }
        return try await making!.value
    }

    private static func make() async throws -> All {
        let practice = try await SharedPractice.shared.practice()
        let relay = practice.relay
        func join(_ name: String, _ role: String) async throws -> RawDevice {
            try await RawDevice.join(try await practice.invite(name, role), at: relay)
        }
        let revoked = try await join("Guest Revoked", "provider")
        try await practice.admin.json("admin", "revoke", revoked.keyID, "--reason", "for a test")
        let other = practice.person("other-admin")
        try await other.json(
            "--ca", relay.authority, "admin", "found", "--relay", relay.address, "--organisation", "Other Practice",
            "--member", "Other Admin")
        let foreign = try await other.json("admin", "invite", "--member", "Guest Foreigner", "--role", "provider")
        let used = try await practice.invite("Guest Spent", "provider")
        _ = try await RawDevice.join(used, at: relay)
        let key = SigningKey()
        let provider = try await join("Guest Provider", "provider")
        return All(
            http: RawHTTP(address: relay.address), provider: provider,
            auditor: try await join("Guest Auditor", "auditor"),
            intake: try await join("Guest Intake", "intake"), revoked: revoked,
            foreigner: try await RawDevice.join(foreign["invitation"]?.string ?? "", at: relay),
            nobody: RawDevice(
                http: provider.http, organisation: provider.organisation, member: provider.member,
                keyID: DeviceID(key: key.verifyingKey).description, key: key),
            invitation: try RawDevice.inviter(try await practice.invite("Guest Invited", "provider"), at: relay),
            spentInvitation: try RawDevice.inviter(used, at: relay), message: try await practice.text("between others"))
    }

    /// A signature header with one bit of the signature changed.
    static func changed(_ header: String) -> String {
        var bytes = Base64.decode(Array(header.utf8.dropFirst(4).dropLast())) ?? []
        if !bytes.isEmpty { bytes[0] ^= 1 }
        return "nb=:\(Base64.encode(bytes)):"
    }
}

/// What every refusal of the relay must be like.
enum ProblemCheck {
    private static let known: Set<Problem.Code> = [
        .malformed, .tooLarge, .unknownType, .unauthorized, .clock, .replayed, .revoked, .notPermitted, .notFound,
        .methodNotAllowed, .conflict, .stale, .recipients, .noDevice, .unclaimed, .brokenChain, .invitationSpent,
        .ruleBroken,
        .foundingCode, .quota, .blobOffset, .blobHash, .blobsMissing,
    ]

    @discardableResult
    static func problem(
        _ answer: RawAnswer, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) -> Problem? {
        let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
        #expect(
            (400..<500).contains(answer.status), "\(what): \(answer.status) \(text)", sourceLocation: sourceLocation)
        guard let problem = answer.problem else {
            Issue.record("\(what): no problem, \(answer.type ?? "untyped") \(text)", sourceLocation: sourceLocation)
            return nil
        }
        #expect(known.contains(problem.code), "\(what): \(problem.type)", sourceLocation: sourceLocation)
        #expect(problem.status == answer.status, "\(what)", sourceLocation: sourceLocation)
        #expect(!problem.detail.isEmpty && !problem.next.isEmpty, "\(what)", sourceLocation: sourceLocation)
        return problem
    }
}
