import DeviceStorage
import Membership
import RelayAPI
import Secrets
import Statements

extension DeviceSession {
    /// A manifest that this device signed, received, or was told of because it carries on a message of its member.
    func knownManifest(_ id: MessageID, in store: some StoreReading) throws -> (manifest: Manifest, note: SignedNote)? {
        let text = id.description
        if let bytes = try store.sent(text)?.envelope, let envelope = try? Envelope(parsing: bytes) {
            return (envelope.manifest, envelope.note)
        }
        if let row = try store.message(text), let item = try? APIJSON.decode(QueueItem.self, from: row.envelope) {
            return Self.manifest(inEntry: Array(item.entry.entry.utf8))
        }
        return try store.notices(on: text).lazy.compactMap { Self.manifest(inEntry: $0.entry) }.first
    }

    static func manifest(inEntry bytes: [UInt8]) -> (manifest: Manifest, note: SignedNote)? {
        guard let entry = try? Entry(parsing: bytes),
            case .manifest(let manifest, let note)? = try? ActivityStatement(parsing: entry.body)
        else { return nil }
        return (manifest, note)
    }

    /// What this device can say of what a manifest refers to: a client is shown only what concerns its member.
    func reference(of manifest: Manifest, in store: some StoreReading) throws -> Reference {
        guard let id = manifest.reference?.message else { return .absent }
        guard let known = try knownManifest(id, in: store)?.manifest, known.message != manifest.message,
            let senders = try senders(of: known, in: store)
        else { return .notShown }
        return .logged(ReferredMessage(known, senders: senders))
    }

    /// The members that sent a message and what it carries on, as far back as there is anything; `nil` when that cannot be
    /// told here.
    func senders(of manifest: Manifest, in store: some StoreReading) throws -> [MemberID]? {
        var senders: [MemberID] = []
        var next: Manifest? = manifest
        while let current = next {
            guard let sender = view.device(current.sender)?.member,
                senders.count <= ReferredMessage.maximumForwards
            else { return nil }
            senders.append(sender)
            guard case .forwardOf(let carried)? = current.reference else { return senders }
            next = try knownManifest(carried, in: store)?.manifest
        }
        return nil
    }
}
