import RelayAPI
import RelayStorage
import SQLiteStorage
import Secrets
import Statements
import TransparencyLog

/// Writes into a stopped relay's database what no honest relay accepts, with true trees and true signatures over it: what
/// remains false is only what the statements themselves say.
struct LyingRelayStore: Sendable {
    let path: String
    let keys: LyingRelayKeys

    /// Logs a message that the rules forbid, and queues it for everyone that it names.
    /// - Returns: What its sender is answered.
    func log(_ envelope: Envelope, senderMember: MemberID) async throws -> LoggedEntry {
        let manifest = envelope.manifest
        let keys = keys
        return try await changing { transaction, time in
            let organisation = keys.organisation
            let place = try Self.append(
                [(envelope.note.bytes, envelope.note.hash, manifest.message)], at: time, keys, transaction)[0]
            let message = StoredMessage(
                id: manifest.message, index: place.index, manifest: envelope.note.hash, sender: manifest.sender,
                senderMember: senderMember, member: manifest.member, expires: manifest.expires,
                recipients: manifest.recipients.map(\.device))
            try transaction.storeMessage(
                message,
                parts: StoredParts(
                    alert: envelope.alert, capsule: envelope.capsule, capsuleSealedKey: envelope.capsuleSealedKey,
                    recoverySealedKey: envelope.recoverySealedKey, content: envelope.content),
                sealedKeys: zip(manifest.recipients, envelope.sealedKeys).map { ($0.device, $1) }, of: organisation)
            for recipient in manifest.recipients {
                // Its books are in order: a prekey that was given away elsewhere is not given away here again.
                _ = try transaction.takePrekey(of: recipient.device, at: time, of: organisation)
                _ = try transaction.enqueue(
                    NewQueueItem(
                        kind: .envelope, index: place.index, leafHash: place.leaf, message: manifest.message,
                        byteCount: UInt64(envelope.content.count), served: false), for: recipient.device,
                    of: organisation)
            }
            return try Self.logged(
                place.index, seen: manifest.seen.activity.size, keys, transaction)
        }
    }

    /// Logs receipts or events as they are, queueing nothing.
    @discardableResult
    func log(_ bodies: [(body: [UInt8], message: MessageID?)]) async throws -> [UInt64] {
        let keys = keys
        return try await changing { transaction, time in
            try Self.append(
                bodies.map { body, message in
                    (body, Digest.sha256((try? SignedNote(parsing: body).text) ?? body), message)
                }, at: time, keys, transaction
            ).map(\.index)
        }
    }

    private func changing<Result: Sendable>(
        _ body: @escaping @Sendable (any RelayTransaction, Timestamp) throws -> Result
    ) async throws -> Result {
        let store = try SQLiteRelayStore(path: path)
        do {
            let result = try await store.write { try body($0, .now()) }
            try store.close()
            return result
        } catch {
            try? store.close()
            throw error
        }
    }

    /// Appends to the activity log and signs the new tree.
    private static func append(
        _ bodies: [(body: [UInt8], hash: Digest, message: MessageID?)], at time: Timestamp, _ keys: LyingRelayKeys,
        _ transaction: any RelayTransaction
    ) throws -> [(index: UInt64, leaf: Digest)] {
        let organisation = keys.organisation
        guard let head = try transaction.head(.activity, of: organisation) else {
            throw StorageError(.broken, part: "head")
        }
        var tree = GrowingTree(size: head.size, edge: head.edge)
        var places: [(index: UInt64, leaf: Digest)] = []
        for (body, hash, message) in bodies {
            let entry = Entry(time: time, body: body)
            places.append((tree.size, entry.leafHash))
            try transaction.append(
                NewEntry(bytes: entry.bytes, leafHash: entry.leafHash, statement: hash, message: message),
                at: tree.size, to: .activity, of: organisation)
            tree.append(entry.leafHash)
        }
        let signed = keys.sign(.activity, size: tree.size, root: tree.root)
        try transaction.advanceHead(
            to: StoredHead(
                size: tree.size, root: tree.root, note: signed.note.bytes, signature: signed.signature.payload,
                edge: tree.edge), from: head.size, of: .activity, of: organisation)
        return places
    }

    private static func logged(
        _ index: UInt64, seen: UInt64, _ keys: LyingRelayKeys, _ transaction: any RelayTransaction
    ) throws -> LoggedEntry {
        let organisation = keys.organisation
        guard let head = try transaction.head(.activity, of: organisation),
            let entry = try transaction.entry(index, in: .activity, of: organisation)
        else { throw StorageError(.broken, part: "entry") }
        let hashes = StoredHashes(tiles: transaction, log: .activity, organisation: organisation)
        let proof = LogProof(
            index: index, path: try hashes.inclusionProof(index: index, size: head.size), checkpoint: head.note)
        return LoggedEntry(
            log: LogKind.activity.rawValue, index: index, entry: String(decoding: entry, as: UTF8.self),
            proof: String(decoding: proof.bytes, as: UTF8.self),
            consistency: try hashes.consistencyProof(from: seen, to: head.size).map { Base64.encode($0.bytes) })
    }
}
