import DeviceKit
import RelayAPI
import Secrets
import Statements
import Synchronization
import TransparencyLog

/// An organisation for one run: founded and enrolled through the API like any other, its quotas out of the way.
final class BenchOrganisation: Sendable {
    let id: OrganisationID
    let connection: RelayConnection
    private let authority: String
    private let admin: RequestSigner
    private let genesis: Genesis
    private let newest: Mutex<SeenBoth>

    private init(
        connection: RelayConnection, authority: String, admin: RequestSigner, genesis: Genesis, seen: SeenBoth
    ) {
        id = genesis.organisation
        self.connection = connection
        self.authority = authority
        self.admin = admin
        self.genesis = genesis
        newest = Mutex(seen)
    }

    /// Founds.
    static func found(on relay: RelayProcess) async throws -> BenchOrganisation {
        let connection = try relay.connection()
        let offer = try await connection.answer(
            to: .post(APIPath.foundings, json: FoundingRequest(code: nil)), signer: nil, as: FoundingOffer.self)
        let key = SigningKey()
        let member = MemberID.random()
        var policy = Policy()
        policy.claimsPerHourAndClaimant = 1 << 40
        policy.claimsPerHourAndTarget = 1 << 40
        policy.messagesPerHourAndSender = 1 << 40
        policy.queueItems = 1 << 40
        policy.queueBytes = 1 << 50
        let genesis = Genesis(
            name: TextValue(typed: "Benchmark")!, relay: offer.relay,
            rosterKey: VerifyingKey(Base64.decode(Array(offer.rosterKey.utf8))!)!,
            activityKey: VerifyingKey(Base64.decode(Array(offer.activityKey.utf8))!)!, at: Timestamp.now(),
            members: [.init(id: member, name: TextValue(typed: "Admin")!)],
            admins: [
                .init(
                    member: member, key: key.verifyingKey, platform: Platform(Array("linux".utf8))!,
                    label: TextValue(typed: "bench")!)
            ], recovery: nil, quorum: 1, policy: policy)
        let name = DeviceID(key: key.verifyingKey).description
        let note = SignedNote(text: genesis.text, signedBy: key, as: name)
        let answer = try await connection.answer(
            to: .post(
                APIPath.organisations,
                json: FoundingSubmission(code: nil, genesis: String(decoding: note.bytes, as: UTF8.self))),
            signer: nil, as: FoundingAnswer.self)
        let seen = SeenBoth(
            roster: try Self.seen(answer.genesis, genesis, .roster),
            activity: try Self.seen(answer.event, genesis, .activity)
        )
        return BenchOrganisation(
            connection: connection, authority: relay.certificateAuthority, admin: RequestSigner(keyID: name, key: key),
            genesis: genesis, seen: seen)
    }

    /// What a statement made now says that it has seen.
    var seen: SeenBoth { newest.withLock { $0 } }

    /// Verifies a logged entry's proof and takes its checkpoint for the newest.
    func verify(_ logged: LoggedEntry) throws {
        let log = LogKind(rawValue: logged.log)!
        let proof = try LogProof(parsing: Array(logged.proof.utf8))
        let entry = try Entry(parsing: Array(logged.entry.utf8))
        let signed = try proof.verify(entry: entry, key: key(log))
        newest.withLock { seen in
            guard signed.size > seen[log].size else { return }
            seen = SeenBoth(
                roster: log == .roster ? signed.seen : seen.roster,
                activity: log == .activity ? signed.seen : seen.activity)
        }
    }

    func key(_ log: LogKind) -> LogKey {
        LogKey(origin: genesis.origin(of: log), key: log == .roster ? genesis.rosterKey : genesis.activityKey)
    }

    private static func seen(_ logged: LoggedEntry, _ genesis: Genesis, _ log: LogKind) throws -> Seen {
        let key = LogKey(
            origin: genesis.origin(of: log), key: log == .roster ? genesis.rosterKey : genesis.activityKey)
        let proof = try LogProof(parsing: Array(logged.proof.utf8))
        return try proof.verify(entry: try Entry(parsing: Array(logged.entry.utf8)), key: key).seen
    }

    // MARK: Enrolling

    /// Enrols devices, each of a member of its own, many at once.
    func enrol(_ names: [String], role: Role) async throws -> [BenchDevice] {
        let plans = names.map { _ in EnrolmentPlan() }
        try await atOnce(names.count) { index in
            try await self.post(
                MemberStatement(
                    organisation: self.id, seen: self.seen.roster, at: Timestamp.now(), replaces: nil,
                    member: plans[index].member, name: TextValue(typed: names[index])!, roles: [role], status: .active
                ).text, by: [self.admin])
        }
        try await atOnce(names.count) { index in
            let at = Timestamp.now()
            try await self.post(
                InvitationStatement(
                    organisation: self.id, seen: self.seen.roster, at: at, member: plans[index].member,
                    key: plans[index].invitation.key.verifyingKey, expires: at.adding(seconds: 3_600)
                ).text, by: [self.admin])
        }
        try await atOnce(names.count) { index in
            let plan = plans[index]
            try await self.post(
                EnrolStatement(
                    organisation: self.id, seen: self.seen.roster, at: Timestamp.now(), member: plan.member,
                    invitation: InvitationID(key: plan.invitation.key.verifyingKey), key: plan.device.key.verifyingKey,
                    platform: Platform(Array("linux".utf8))!, label: TextValue(typed: "bench")!
                ).text, by: [plan.device, plan.invitation])
        }
        return try plans.map {
            BenchDevice(
                organisation: self, member: $0.member, signer: $0.device,
                connection: try RelayConnection(address: connection.address, certificateAuthority: authority))
        }
    }

    private struct EnrolmentPlan: Sendable {
        let member = MemberID.random()
        let device: RequestSigner
        let invitation: RequestSigner

        init() {
            let key = SigningKey()
            device = RequestSigner(keyID: DeviceID(key: key.verifyingKey).description, key: key)
            let invitationKey = SigningKey()
            invitation = RequestSigner(
                keyID: InvitationID(key: invitationKey.verifyingKey).description, key: invitationKey)
        }
    }

    private func post(_ text: [UInt8], by signers: [RequestSigner]) async throws {
        let note = SignedNote(
            text: text, signatures: signers.map { SignedNote.signature(of: text, by: $0.key, as: $0.keyID) })
        let logged = try await connection.answer(
            to: .post(APIPath.rosterStatements(id), bytes: note.bytes, type: "text/plain"), signer: nil,
            as: LoggedEntry.self)
        try verify(logged)
    }
}

/// Runs `body` for every index, up to 64 at once.
func atOnce(_ count: Int, width: Int = 64, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<count {
            if index >= width { try await group.next() }
            group.addTask { try await body(index) }
        }
        try await group.waitForAll()
    }
}
