import RelayAPI
import Secrets
import Statements
import TransparencyLog

/// An enrolled device whose key the test holds: it asks and signs what the program never would.
final class RawDevice: Sendable {
    let http: RawHTTP
    let organisation: OrganisationID
    let member: MemberID
    /// The name of the key in signatures.
    let keyID: String
    let key: SigningKey

    init(
        http: RawHTTP, organisation: OrganisationID, member: MemberID, keyID: String, key: consuming SigningKey
    ) {
        self.http = http
        self.organisation = organisation
        self.member = member
        self.keyID = keyID
        self.key = key
    }

    var device: DeviceID { DeviceID(key: key.verifyingKey) }

    /// The holder of an invitation who has not joined.
    static func inviter(_ text: String, at relay: RelayUnderTest) throws -> RawDevice {
        let invitation = try InvitationText(parsing: text)
        let key = invitation.key()
        let name = InvitationID(key: key.verifyingKey).description
        return RawDevice(
            http: RawHTTP(address: relay.address), organisation: invitation.organisation, member: .random(),
            keyID: name, key: key)
    }

    /// Joins with an invitation.
    static func join(_ text: String, at relay: RelayUnderTest) async throws -> RawDevice {
        let inviter = try inviter(text, at: relay)
        let roster = try await inviter.statements(of: .roster)
        let invitation = roster.lazy.compactMap { entry -> InvitationStatement? in
            guard let note = try? SignedNote(parsing: entry.body) else { return nil }
            return try? InvitationStatement(parsing: note.text)
        }.first { $0.invitation.description == inviter.keyID }
        guard let invitation, let platform = Platform(Array("test".utf8)), let label = TextValue(typed: "raw") else {
            throw PreparationFailed("the roster does not show the invitation")
        }
        let key = SigningKey()
        let name = DeviceID(key: key.verifyingKey).description
        let text = EnrolStatement(
            organisation: inviter.organisation, seen: try await inviter.checkpoint(of: .roster).seen, at: .now(),
            member: invitation.member, invitation: invitation.invitation, key: key.verifyingKey, platform: platform,
            label: label
        ).text
        let note = SignedNote(
            text: text,
            signatures: [
                SignedNote.signature(of: text, by: key, as: name),
                SignedNote.signature(of: text, by: inviter.key, as: inviter.keyID),
            ])
        let answer = try await inviter.http.send(
            "POST", APIPath.rosterStatements(inviter.organisation), body: note.bytes)
        _ = try answer.shape(LoggedEntry.self)
        return RawDevice(
            http: inviter.http, organisation: inviter.organisation, member: invitation.member, keyID: name, key: key)
    }

    // MARK: Requests

    /// The headers that sign a request.
    func signature(
        _ method: String, _ path: String, query: String = "", body: [UInt8]? = nil, at time: Timestamp = .now(),
        nonce: [UInt8] = randomBytes(16), authority: String? = nil
    ) -> [(String, String)] {
        let components = RequestSignature.Components(
            method: method, authority: authority ?? http.address, path: path, query: query, body: body)
        let signature = RequestSignature(components, keyID: keyID, key: key, created: time, nonce: nonce)
        var headers = [
            ("signature-input", signature.inputHeader(hasBody: body != nil)), ("signature", signature.signatureHeader),
        ]
        if let digest = components.contentDigest { headers.append(("content-digest", digest)) }
        return headers
    }

    /// Asks, signed as it should be.
    func send(_ method: String, _ path: String, query: String = "", body: [UInt8]? = nil) async throws -> RawAnswer {
        try await http.send(
            method, query.isEmpty ? path : "\(path)?\(query)",
            headers: signature(method, path, query: query, body: body), body: body)
    }

    func get(_ path: String, query: String = "") async throws -> RawAnswer {
        try await send("GET", path, query: query)
    }

    // MARK: Logs

    /// The keys of the logs, from genesis.
    func logKey(_ log: LogKind) async throws -> LogKey {
        let bundle = try await get(
            APIPath.tile(organisation, .roster, TilePath(kind: .entries, index: 0, width: 1)))
        let entries = try EntryBundle.decode(bundle.body, count: 1)
        let genesis = try Genesis(parsing: try SignedNote(parsing: try Entry(parsing: entries[0]).body).text)
        guard genesis.organisation == organisation else { throw PreparationFailed("another organisation's genesis") }
        return LogKey(
            origin: genesis.origin(of: log), key: log == .roster ? genesis.rosterKey : genesis.activityKey)
    }

    /// The newest checkpoint, its signature verified.
    func checkpoint(of log: LogKind) async throws -> SignedCheckpoint {
        let answer = try await get(APIPath.checkpoint(organisation, log))
        guard answer.status == 200 else { throw PreparationFailed("checkpoint: status \(answer.status)") }
        return try await logKey(log).verify(checkpoint: answer.body)
    }

    /// Every entry of a log, under its newest checkpoint: the root is computed from them.
    func statements(of log: LogKind) async throws -> [Entry] {
        let checkpoint = try await checkpoint(of: log)
        var entries: [[UInt8]] = []
        for path in TilePath.all(size: checkpoint.size) where path.kind == .entries {
            let answer = try await get(APIPath.tile(organisation, log, path))
            guard answer.status == 200 else { throw PreparationFailed("\(path): status \(answer.status)") }
            entries += try EntryBundle.decode(answer.body, count: path.width)
        }
        guard MerkleTree.root(of: entries.map { MerkleTree.leafHash($0) }[...]) == checkpoint.root else {
            throw PreparationFailed("the entries of the \(log.rawValue) log do not give the root that was signed")
        }
        return try entries.map { try Entry(parsing: $0) }
    }
}
