import DeviceKit
import DeviceStorage
import Foundation
import Statements
import Testing

/// A practice as it was founded: its relay's data directory, everyone's profile, and who is who.
struct LiePractice: Sendable {
    /// Of the name that the relay bears for ever.
    let port: Int
    let folder: String
    let keys: LyingRelayKeys
    let devices: [Who: DeviceID]
    let members: [Who: MemberID]

    /// Founds it with the real programs: invitations, everyone's joining, the audit key.
    static func found() async throws -> LiePractice {
        let folder = try Programs.temporaryFolder()
        let port = try RelayUnderTest.freePort()
        try await RelayUnderTest(data: folder + "/relay", port: port).initialise()
        let relay = RelayUnderTest(data: folder + "/relay", port: port)
        try await relay.start()
        let authority = relay.authority
        try await Person(name: Who.ada.rawValue, folder: folder).json(
            "admin", "found", "--relay", relay.address, "--organisation", "Practice", "--member", Who.ada.member,
            "--ca", authority)
        let admin = Person(name: Who.ada.rawValue, folder: folder)
        for who in Who.allCases.dropFirst() {
            let invite = try await admin.json("admin", "invite", "--member", who.member, "--role", who.role)
            let invitation = try #require(invite["invitation"]?.string)
            try await Person(name: who.rawValue, folder: folder).json("join", invitation, "--ca", authority)
        }
        try await admin.json("admin", "audit-key", "accept")
        for who in Who.allCases { try await Person(name: who.rawValue, folder: folder).json("status") }
        try await relay.stop()
        return try read(folder, port: port)
    }

    private static func read(_ folder: String, port: Int) throws -> LiePractice {
        var devices: [Who: DeviceID] = [:]
        var members: [Who: MemberID] = [:]
        var genesis: Genesis?
        for who in Who.allCases {
            let person = Person(name: who.rawValue, folder: folder)
            let profile = try Profile.open(person.profile, unlock: .keyFile(person.keyFile))
            let identity = try profile.enrolledIdentity()
            devices[who] = identity.device
            members[who] = identity.member
            genesis = try profile.store.look { try $0.rosterEntries().first }.map {
                try Genesis(parsing: SignedNote(parsing: Entry(parsing: $0).body).text)
            }
        }
        return LiePractice(
            port: port, folder: folder,
            keys: try LyingRelayKeys(data: folder + "/relay", genesis: try #require(genesis)), devices: devices,
            members: members)
    }
}

/// Practices to lend: two at once, for each has its own address and there are two cores.
actor LiePractices {
    static let shared = LiePractices(count: 2)

    /// For a test that borrows one: all of them begin together, and most of this the last one waits for its turn.
    static let timeLimit = TimeLimitTrait.Duration.minutes(40)

    private let count: Int
    private var inUse = 0
    private var free: [LiePractice] = []
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private init(count: Int) { self.count = count }

    /// Lends a practice to one test at a time; it is founded when it is needed first.
    func lend(_ body: @Sendable (LiePractice) async throws -> Void) async throws {
        while inUse == count { await withCheckedContinuation { waiting.append($0) } }
        inUse += 1
        defer {
            inUse -= 1
            if !waiting.isEmpty { waiting.removeFirst().resume() }
        }
        let practice =
            if let known = free.popLast() { known } else { try await LiePractice.found() }
        defer { free.append(practice) }
        try await body(practice)
    }
}
