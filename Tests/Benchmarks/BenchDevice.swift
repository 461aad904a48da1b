import DeviceKit
import RelayAPI
import Sealing
import Secrets
import Statements
import Synchronization
import TransparencyLog

/// A device in memory: publishes prekeys, sends what was sealed before the run, receives, opens, receipts.
final class BenchDevice: Sendable {
    /// A prekey's private half, for one message.
    private final class PrivatePrekey: Sendable {
        let key = EncapsulationPrivateKey()
    }

    private struct Chain {
        var number: UInt64 = 0
        var last: Digest?
    }

    /// What the alert of each message says.
    static let alert = "fever"

    let organisation: BenchOrganisation
    let member: MemberID
    let signer: RequestSigner
    let id: DeviceID
    private let prekeys = Mutex<[PrekeyID: PrivatePrekey]>([:])
    private let chain = Mutex(Chain())

    /// Connections of its own: a client keeps at most a handful to one relay.
    private let connection: RelayConnection

    init(organisation: BenchOrganisation, member: MemberID, signer: RequestSigner, connection: RelayConnection) {
        self.organisation = organisation
        self.connection = connection
        self.member = member
        self.signer = signer
        id = DeviceID(signer.keyID)!
    }

    func close() async { await connection.close() }

    /// Opens the stream and tells when the backlog is through; goes on until the relay ends it.
    func idle(onDrained: @Sendable () -> Void) async throws {
        var stream = try await connection.stream(.get(APIPath.stream), signer: signer)
        while let event = try await stream.next() {
            if event.name == StreamEvent.drained.rawValue { onDrained() }
        }
    }

    // MARK: Before the run

    /// Publishes prekeys and returns them in the order in which they will be claimed.
    func publishPrekeys(_ count: Int) async throws -> [SignedPrekey] {
        var published: [SignedPrekey] = []
        for start in stride(from: 0, to: count, by: 64) {
            let batch = (start..<min(start + 64, count)).map { _ in
                let half = PrivatePrekey()
                let prekey = SignedPrekey(
                    PrekeyText(
                        organisation: organisation.id, device: id, purpose: .oneTime,
                        notAfter: Timestamp.now().adding(seconds: 86_400), key: half.key.publicKey),
                    signedBy: signer.key)
                prekeys.withLock { $0[prekey.id] = half }
                return prekey
            }
            _ = try await connection.answer(
                to: .put(
                    APIPath.prekeys(organisation.id),
                    json: PrekeyUpload(
                        oneTime: batch.map {
                            PrekeyShape(
                                text: String(decoding: $0.text, as: UTF8.self), signature: Base64.encode($0.signature))
                        }, fallback: nil)), signer: signer, as: PrekeyCount.self)
            published += batch
        }
        return published
    }

    /// Seals a message of about 1 KiB to the prekey that the claim will give.
    func prepare(to recipient: BenchDevice, prekey: SignedPrekey) throws -> PreparedMessage {
        let id = MessageID.make(at: Timestamp.now())
        let sealer = MessageSealer(
            organisation: organisation.id, message: id, sender: self.id,
            recipients: [.init(device: recipient.id, step: 0, delaySeconds: 0, prekey: prekey.prekey)], recovery: nil,
            audit: nil)
        let text = String(repeating: "fever since yesterday ", count: 46)
        let at = Timestamp.now()
        let key = MessageKey()
        let sealed = try sealer.seal(
            content: Array("{\"schema\":\"nightbell.text/1\",\"text\":\"\(text)\"}".utf8), capsule: [], key: key
        ) { binding in
            let alert = AlertText(
                organisation: organisation.id, message: id, sender: self.id, binding: binding, at: at, urgency: .urgent,
                text: TextValue(typed: Self.alert)!)
            return alert.plaintext(signature: signer.key.signature(for: alert.signedText))
        }
        return PreparedMessage(id: id, recipient: recipient, prekey: prekey, sealed: sealed)
    }

    // MARK: In the run

    /// Claims, signs, posts, verifies the proof.
    /// - Returns: When the envelope went out, and when the relay's word was here that it has it.
    @discardableResult
    func send(
        _ message: PreparedMessage
    ) async throws -> (posted: ContinuousClock.Instant, accepted: ContinuousClock.Instant) {
        let claim = try await connection.answer(
            to: .post(
                APIPath.claims(organisation.id),
                json: ClaimRequest(message: message.id.description, devices: [message.recipient.id.description])),
            signer: signer, as: ClaimAnswer.self)
        guard let shape = claim.prekeys.first?.prekey, shape.text.utf8.elementsEqual(message.prekey.text) else {
            throw BenchFailure.unexpectedPrekey
        }
        let at = Timestamp.now()
        let manifest = Manifest(
            organisation: organisation.id, seen: organisation.seen, message: message.id, sender: id, at: at,
            expires: at.adding(seconds: 3_600), urgency: .urgent, member: message.recipient.member, reference: nil,
            commitment: message.sealed.commitment, recipients: message.sealed.manifestRecipients, without: [],
            recovery: nil, capsule: nil, alert: .init(of: message.sealed.alert),
            content: .init(of: message.sealed.content),
            binding: message.sealed.binding)
        let envelope = try Envelope(
            note: SignedNote(text: manifest.text, signedBy: signer.key, as: signer.keyID), manifest: manifest,
            sealedKeys: message.sealed.sealedKeys, recoverySealedKey: nil, capsuleSealedKey: nil,
            alert: message.sealed.alert, capsule: nil, content: message.sealed.content)
        let posted = ContinuousClock.now
        let logged = try await connection.answer(
            to: .post(
                APIPath.messages(organisation.id), bytes: envelope.bytes, type: "application/octet-stream"),
            signer: nil, as: LoggedEntry.self)
        let accepted = ContinuousClock.now
        try organisation.verify(logged)
        return (posted, accepted)
    }

    // MARK: Pages

    /// Subscribes with an address of Web Push, and proves it by what came there.
    /// - Parameter challenge: The content of the last body that came to the address.
    func subscribe(_ registration: PushRegistration, challenge: () throws -> [UInt8]) async throws {
        let id = SubscriptionID.random()
        let tried = try await connection.answer(
            to: .put(APIPath.subscription(id), json: registration), signer: signer, as: PushTried.self)
        guard tried.outcome == .accepted, let challenge = PushChallenge(parsing: try challenge()) else {
            throw BenchFailure.notSubscribed
        }
        let proof = PushProof(secret: Base64.encode(challenge.secret))
        let proven = try await connection.answer(
            to: .post(APIPath.subscriptionProof(id), json: proof), signer: signer, as: PushSubscription.self)
        guard proven.state == .working else { throw BenchFailure.notSubscribed }
    }

    /// What a page says, opened with this device's prekey and nothing else.
    func alert(of page: Page) -> String? {
        guard let half = prekeys.withLock({ $0[page.prekey] }) else { return nil }
        return page.alert(with: half.key, organisation: organisation.id) { _ in nil }?.text.description
    }

    /// Follows the stream: opens each message, stores it, posts its receipt.
    func receive(_ count: Int, store: SyncedFile?, onReceipted: @Sendable (MessageID) -> Void) async throws {
        var stream = try await connection.stream(.get(APIPath.stream), signer: signer)
        var received = 0
        while received < count, let event = try await stream.next() {
            guard event.name == StreamEvent.item.rawValue else { continue }
            let item = try APIJSON.decode(QueueItem.self, from: event.data)
            let message = try await receipt(item, store: store)
            onReceipted(message)
            received += 1
        }
        guard received == count else { throw BenchFailure.streamEnded }
    }

    private func receipt(_ item: QueueItem, store: SyncedFile?) async throws -> MessageID {
        try organisation.verify(item.entry)
        let entry = try Entry(parsing: Array(item.entry.entry.utf8))
        let note = try SignedNote(parsing: entry.body)
        let manifest = try Manifest(parsing: note.text)
        guard let recipient = manifest.recipient(id), let sealedKey = item.sealedKey.flatMap(Self.bytes),
            let content = item.content.flatMap(Self.bytes),
            let half = prekeys.withLock({ $0.removeValue(forKey: recipient.prekey) })
        else { throw BenchFailure.unexpectedPrekey }
        let key = try MessageOpener.openKey(
            sealedKey, with: half.key, binding: manifest.binding, commitments: .init(manifest))
        store?.append(try MessageOpener.openContent(content, key: key, binding: manifest.binding))
        let batch = chain.withLock { chain in
            let receipt = Receipt(
                organisation: organisation.id, seen: organisation.seen, message: manifest.message, manifest: note.hash,
                device: id, action: .delivered, reason: nil, capsule: CapsuleVerdict.none, at: Timestamp.now(),
                number: chain.number + 1, previous: chain.last, steps: note.hash)
            let signed = SignedNote(text: receipt.text, signedBy: signer.key, as: signer.keyID)
            chain = Chain(number: receipt.number, last: signed.hash)
            return signed.bytes
        }
        let answer = try await connection.answer(
            to: .post(
                APIPath.receipts(organisation.id), bytes: NoteBatch.encode([batch]), type: "application/octet-stream"),
            signer: nil, as: ReceiptsAnswer.self)
        guard let logged = answer.logged.first else { throw BenchFailure.receiptRefused }
        try organisation.verify(logged)
        return manifest.message
    }

    private static func bytes(_ text: String) -> [UInt8]? { Base64.decode(Array(text.utf8)) }
}

/// Sealed before the run, to the prekey that will be claimed.
struct PreparedMessage: Sendable {
    let id: MessageID
    let recipient: BenchDevice
    let prekey: SignedPrekey
    let sealed: SealedMessage
}

enum BenchFailure: Error {
    case unexpectedPrekey
    case streamEnded
    case receiptRefused
    case programFailed
    case noTerminal
    case noLink
    /// What was waited for, and the last of what was painted instead.
    case notPainted([String], String)
    case nothingArrived
    case notSubscribed
    /// A page did not open to the alert that was sent.
    case wrongPage
}
