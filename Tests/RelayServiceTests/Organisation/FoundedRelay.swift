import Foundation
import Logging
import Membership
import RelayAPI
import RelayStorage
import SQLiteStorage
import Secrets
import Statements
import Synchronization
import SystemPackage
import TransparencyLog

@testable import RelayService

/// A founded organisation on a store of its own, without network: what sequencer tests submit to.
final class FoundedRelay: Sendable {
    let folder: String
    let adminSeed = SecretBytes(copying: [UInt8](repeating: 9, count: 32))
    private let opened: Mutex<SQLiteRelayStore>
    let keys: OrganisationKeys
    let state: OrganisationState
    let hub = StreamHub()
    private let member = MemberID(bytes: [UInt8](repeating: 1, count: 10))

    var store: SQLiteRelayStore { opened.withLock { $0 } }

    init() async throws {
        folder = NSTemporaryDirectory() + "nightbell-relay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder + "/keys", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let store = try SQLiteRelayStore(path: folder + "/relay.sqlite")
        opened = Mutex(store)
        let founding = Founding(
            relayName: "relay.example.org:443", keyFiles: LogKeyFiles(directory: .init(folder + "/keys")),
            codes: try FoundingCodes(.init(folder + "/founding-codes")), isOpen: { $0 == "127.0.0.1" })
        let now = Timestamp.now()
        let offer = try founding.offer(FoundingRequest(code: nil), from: "127.0.0.1", now: now)
        let admin = SigningKey(seed: adminSeed.duplicate())
        let genesis = Genesis(
            name: TextValue(typed: "Example Clinic")!, relay: offer.relay,
            rosterKey: VerifyingKey(Base64.decode(Array(offer.rosterKey.utf8))!)!,
            activityKey: VerifyingKey(Base64.decode(Array(offer.activityKey.utf8))!)!, at: now,
            members: [.init(id: member, name: TextValue(typed: "Ada")!)],
            admins: [
                .init(
                    member: member, key: admin.verifyingKey, platform: Platform(Array("linux".utf8))!,
                    label: TextValue(typed: "desk")!)
            ], recovery: nil, quorum: 1, policy: Policy())
        let note = SignedNote(text: genesis.text, signedBy: admin, as: DeviceID(key: admin.verifyingKey).description)
        (state, keys) = try await founding.found(
            FoundingSubmission(code: nil, genesis: String(decoding: note.bytes, as: UTF8.self)), from: "127.0.0.1",
            store: store, now: now)
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Changes the closed database from outside, as a broken disk or another program would, and opens it again.
    func change(_ sql: String) throws {
        try store.close()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sqlite3,sys;c=sqlite3.connect(sys.argv[1]);c.executescript(sys.argv[2]);c.commit()",
            folder + "/relay.sqlite", sql,
        ]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw StorageError(.failed, part: "change from outside") }
        let reopened = try SQLiteRelayStore(path: folder + "/relay.sqlite")
        opened.withLock { $0 = reopened }
    }

    /// The organisation's first device, and whose it is.
    var admin: (device: Statements.DeviceID, member: MemberID) {
        (Statements.DeviceID(key: SigningKey(seed: adminSeed.duplicate()).verifyingKey), member)
    }

    /// A sequencer on the store as it is now.
    func sequencer() -> Sequencer {
        Sequencer(
            state: state, keys: keys, store: store, hub: hub, clock: BatchClock(after: state.lastTime),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onCommit: { _ in })
    }

    /// Runs `body` beside a running sequencer.
    func running<Result: Sendable>(
        _ sequencer: Sequencer, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sequencer.run() }
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    /// A signed statement that makes a new member.
    func newMember(_ name: String, seen: Seen? = nil) -> [UInt8] {
        let admin = SigningKey(seed: adminSeed.duplicate())
        let text = MemberStatement(
            organisation: state.organisation, seen: seen ?? state.rosterHead.seen, at: Timestamp.now(), replaces: nil,
            member: MemberID.random(), name: TextValue(typed: name)!, roles: [.provider], status: .active
        ).text
        return SignedNote(text: text, signedBy: admin, as: DeviceID(key: admin.verifyingKey).description).bytes
    }
}

extension Sequencer {
    /// Submits a roster statement as the route does.
    func accept(_ note: [UInt8]) async throws -> LoggedEntry {
        let acceptance = try RosterAcceptance(note)
        return try await submit(isRoster: true) { batch in
            try acceptance.write(to: &batch)
        } answer: { written, batch in
            try acceptance.answer(written, batch)
        }
    }
}
