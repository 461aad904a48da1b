import DeviceStorage
import Membership
import RelayAPI
import Secrets
import Sealing
public import Statements
import TransparencyLog

/// What a founding gave.
public struct Founded: Sendable {
    public let identity: Identity
    /// The recovery secret as it is printed, once: base32 of 32 bytes in groups. `nil` when an earlier command has told
    /// it: then it is no longer kept.
    public let recovery: String?
}

/// Founds an organisation: this device becomes its first admin.
///
/// Everything that the relay will be told is stored before it is told, so that a repeated command after a crash posts
/// the same bytes and founds nothing twice.
public struct Founding {
    /// What the founder asks for.
    public struct Request: Sendable {
        public let relay: String
        public let organisation: TextValue
        public let member: TextValue
        public let label: TextValue
        /// The operator's one-time code.
        public let code: String?

        public init(relay: String, organisation: TextValue, member: TextValue, label: TextValue, code: String?) {
            self.relay = relay
            self.organisation = organisation
            self.member = member
            self.label = label
            self.code = code
        }

        var document: JSONValue {
            [
                "founding": .string(relay), "organisation": .text(organisation), "member": .text(member),
                "label": .text(label),
            ]
        }
    }

    private let profile: Profile
    private let observer: any SessionObserver

    public init(profile: Profile, observer: any SessionObserver) {
        self.profile = profile
        self.observer = observer
    }

    /// Founds, or finishes a founding that was interrupted. What was founded and told already stays as it is.
    /// - Throws: ``DeviceKitError`` or ``RelayRefusal``.
    public func run(_ request: Request) async throws -> Founded {
        let secret = try begin(request)
        if let identity = try profile.identity() {
            // Founded before; when the secret is still here, its founder has not seen it.
            try profile.publishIdentity()
            return Founded(identity: identity, recovery: secret)
        }
        let connection = try RelayConnection(
            address: request.relay, certificateAuthority: profile.certificateAuthorityPath)
        do {
            let founded = try await found(request, over: connection)
            await connection.close()
            return Founded(identity: founded, recovery: secret)
        } catch {
            await connection.close()
            throw error
        }
    }

    /// The founder has the secret: it is no longer kept.
    public func forgetRecoverySecret() throws {
        try profile.store.step { step in try step.set(.recoverySecret, to: nil) }
    }

    /// Makes and stores keys before the first word to the relay.
    /// - Returns: The recovery secret, unless its founder has it.
    private func begin(_ request: Request) throws -> String? {
        var timer = StepTimer()
        let (text, lines) = try profile.store.step { step -> (String?, [StepLine]) in
            let intent = request.document.bytes
            if let begun = try step.setting(.intent) {
                guard begun == intent else { throw try Intent.conflict(begun) }
                let secret = try step.setting(.recoverySecret)
                // It is forgotten only when everything is done and told.
                guard try secret != nil || step.setting(.identity) != nil else { throw try Intent.conflict(begun) }
                return (secret.map { String(decoding: $0, as: UTF8.self) }, [])
            }
            guard try step.setting(.identity) == nil else { throw Intent.enrolled() }
            let key = SigningKey()
            try step.setSecret(.deviceKey, to: key.seed())
            let secret = SecretBytes(random: RecoveryKey.secretByteCount)
            let text = RecoveryText.text(of: secret)
            try step.set(.recoverySecret, to: Array(text.utf8))
            try step.set(.intent, to: intent)
            timer.note(.keysMade, "device \(DeviceID(key: key.verifyingKey)) and a recovery key were made")
            return (text, try StepLog.append(timer.take(), at: .now(), to: step).lines)
        }
        observer.logged(lines)
        return text
    }

    private func found(_ request: Request, over connection: RelayConnection) async throws -> Identity {
        let (note, answer) = try await submit(request, over: connection)
        let genesis = try Genesis(parsing: note.text)
        var timer = StepTimer()
        // Everything that the answer claims, checked: both entries, both proofs, our genesis, the event about it.
        let (first, rosterPoint) = try Self.verified(answer.genesis, key: LogKey(genesis, .roster))
        let (event, activityPoint) = try Self.verified(answer.event, key: LogKey(genesis, .activity))
        let roster = try Roster(genesis: first, organisation: genesis.organisation)
        guard first.body == note.bytes, rosterPoint.size == 1, rosterPoint.root == roster.root,
            case .event(let logged) = try ActivityStatement(parsing: event.body),
            logged.kind == .roster(size: 1, root: roster.root), logged.organisation == genesis.organisation
        else { throw Self.notOurs() }
        let identity = Identity(
            organisation: genesis.organisation, member: genesis.members[0].id, device: genesis.admins[0].device,
            relay: connection.address)
        timer.note(.enrolled, "genesis is entry 0 of the roster log; its hash is the organisation's id")
        let entry = first.bytes
        let notes = timer.take()
        let time = connection.clock.now()
        let lines = try profile.store.step { step in
            try step.addRosterEntries([entry], from: 0)
            try step.set(.rosterCheckpoint, to: rosterPoint.note.bytes)
            try step.set(.activityCheckpoint, to: activityPoint.note.bytes)
            try step.set(.identity, to: identity.document.bytes)
            return try StepLog.append(notes, at: time, to: step).lines
        }
        observer.logged(lines)
        try profile.publishIdentity()
        return identity
    }

    /// What shows that a genesis was not founded, and never will be: its offer, its time or its code is over, or it cannot
    /// be read. One that was founded is answered with its founding, whatever became of its code.
    private static let neverFounded: Set<Problem.Code> = [.stale, .clock, .malformed, .foundingCode]

    /// Posts the genesis. One that was signed before and is known not to be founded makes room for a new one, once.
    ///
    /// Any other refusal leaves it here: a relay that has no time now may have founded it and lost its answer.
    private func submit(
        _ request: Request, over connection: RelayConnection
    ) async throws -> (SignedNote, FoundingAnswer) {
        let isSecondTry = try profile.store.look { try $0.setting(.genesisNote) } != nil
        let note = try await genesis(request, over: connection)
        let submission = FoundingSubmission(code: request.code, genesis: String(decoding: note.bytes, as: UTF8.self))
        do {
            return (
                note,
                try await connection.answer(
                    to: .post(APIPath.organisations, json: submission), signer: nil, as: FoundingAnswer.self)
            )
        } catch let refusal as RelayRefusal where Self.neverFounded.contains(refusal.problem.code) {
            try profile.store.step { step in try step.set(.genesisNote, to: nil) }
            guard isSecondTry else { throw refusal }
            return try await submit(request, over: connection)
        }
    }

    /// The genesis note: the one that was signed before, or a new one for the relay's offer.
    private func genesis(_ request: Request, over connection: RelayConnection) async throws -> SignedNote {
        if let stored = try profile.store.look({ try $0.setting(.genesisNote) }) {
            return try SignedNote(parsing: stored)
        }
        let offer = try await connection.answer(
            to: .post(APIPath.foundings, json: FoundingRequest(code: request.code)), signer: nil, as: FoundingOffer.self
        )
        guard let rosterKey = Base64.decode(Array(offer.rosterKey.utf8)).flatMap({ VerifyingKey($0) }),
            let activityKey = Base64.decode(Array(offer.activityKey.utf8)).flatMap({ VerifyingKey($0) }),
            InvitationText.isRelayAddress(offer.relay)
        else { throw Self.notOurs() }
        return try profile.store.step { step in
            let note = try step.withSecret(.deviceKey) { seed in
                let key = SigningKey(seed: seed.duplicate())
                let secret = try step.setting(.recoverySecret).flatMap(RecoveryText.secret)
                guard let secret else { throw Self.notOurs() }
                let member = MemberID.random()
                let genesis = Genesis(
                    name: request.organisation, relay: offer.relay, rosterKey: rosterKey, activityKey: activityKey,
                    at: connection.clock.now(), members: [.init(id: member, name: request.member)],
                    admins: [
                        .init(member: member, key: key.verifyingKey, platform: ThisPlatform.word, label: request.label)
                    ], recovery: RecoveryKey(secret: secret).publicKey, quorum: 1, policy: Policy())
                let signer = DeviceID(key: key.verifyingKey).description
                return SignedNote(text: genesis.text, signedBy: key, as: signer)
            }
            guard let note else { throw Self.notOurs() }
            try step.set(.genesisNote, to: note.bytes)
            return note
        }
    }

    private static func verified(_ logged: LoggedEntry, key: LogKey) throws -> (Entry, SignedCheckpoint) {
        let entry = try Entry(parsing: Array(logged.entry.utf8))
        return (entry, try LogProof(parsing: Array(logged.proof.utf8)).verify(entry: entry, key: key))
    }

    private static func notOurs() -> DeviceKitError {
        DeviceKitError(
            "founding_untrue", .verification, "the relay's answer to the founding is not what was asked for",
            next: "found the organisation at another relay, with a new profile")
    }
}

extension LogKey {
    fileprivate init(_ genesis: Genesis, _ log: LogKind) {
        self.init(origin: genesis.origin(of: log), key: log == .roster ? genesis.rosterKey : genesis.activityKey)
    }
}
