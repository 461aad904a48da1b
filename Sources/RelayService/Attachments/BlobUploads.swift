import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements
import Synchronization

/// Takes sealed attachments in before their message: piece by piece, each durable before it is answered for.
///
/// An upload is its device's alone until a message names it: nobody can spoil, or take, what another has begun.
final class BlobUploads: Sendable {
    /// Pieces of a device in an hour: 1 GiB.
    private static let piecesPerHour: UInt64 = 4_096

    private struct Key: Hashable {
        let device: DeviceID
        let hash: Digest
    }

    private let store: any RelayStore
    private let blobs: any BlobStore
    private let quota = HourlyQuota<DeviceID>()
    /// What a request is writing to now.
    private let busy = Mutex<Set<Key>>([])

    init(store: any RelayStore, blobs: any BlobStore) {
        self.store = store
        self.blobs = blobs
    }

    /// How far an upload has come.
    /// - Throws: ``Problem``, `not_found` when it was not begun, or given up since.
    func state(of hash: Digest, by device: DeviceID, of organisation: OrganisationID) async throws -> BlobState {
        guard let blob = try await store.read({ try $0.upload(hash, by: device, of: organisation) }) else {
            throw Problems.notFound("upload of this hash")
        }
        return BlobState(size: blob.size, received: blob.received, complete: blob.isComplete)
    }

    /// Takes the next piece; the first begins the upload, and of the last the whole hash is checked.
    /// - Throws: ``Problem``.
    func take(
        _ piece: [UInt8], at offset: UInt64, of size: UInt64, _ hash: Digest, by device: DeviceID,
        of organisation: OrganisationID, now: Timestamp
    ) async throws -> BlobState {
        guard ManifestRules.attachmentChunkCount(size: size) != nil else { throw Problems.malformed("size") }
        guard !piece.isEmpty, offset < size, UInt64(piece.count) <= size - offset else {
            throw Problems.malformed("offset")
        }
        let key = Key(device: device, hash: hash)
        guard busy.withLock({ $0.insert(key).inserted }) else { throw Problems.busy }
        defer { _ = busy.withLock { $0.remove(key) } }
        let blob = try await blob(hash, size: size, at: offset, by: device, of: organisation, now: now)
        guard blob.size == size else { throw Problems.malformed("size") }
        if blob.isComplete { return BlobState(size: size, received: size, complete: true) }
        guard offset == blob.received else { throw Problems.blobOffset(blob.received) }
        guard quota.take(device, limit: Self.piecesPerHour, at: now) else {
            throw Problems.quota("This device has sent its hour's quota of attachments.", retryAfter: 600)
        }
        try await blobs.write(piece, at: offset, of: blob.number)
        let received = offset + UInt64(piece.count)
        let isComplete = received == size
        if isComplete, try await blobs.hash(count: size, of: blob.number) != hash {
            try await store.write { try $0.removeUpload(blob.number) }
            try await blobs.remove(blob.number)
            throw Problems.blobHash
        }
        try await store.write {
            try $0.noteReceived(received, isComplete: isComplete, of: blob.number, at: now)
        }
        return BlobState(size: size, received: received, complete: isComplete)
    }

    private func blob(
        _ hash: Digest, size: UInt64, at offset: UInt64, by device: DeviceID, of organisation: OrganisationID,
        now: Timestamp
    ) async throws -> StoredBlob {
        if let known = try await store.read({ try $0.upload(hash, by: device, of: organisation) }) { return known }
        guard offset == 0 else { throw Problems.blobOffset(0) }
        return try await store.write { transaction in
            let (count, byteCount) = try transaction.uploads(by: device, of: organisation)
            guard count < APILimits.looseBlobs, byteCount + size <= APILimits.looseBlobByteCount else {
                throw Problems.quota("Too many attachments of this device wait for their message.", retryAfter: 600)
            }
            return try transaction.beginUpload(hash, size: size, by: device, at: now, of: organisation)
        }
    }
}

extension Problems {
    static func blobOffset(_ received: UInt64) -> Problem {
        var problem = Problem(
            .blobOffset, status: 409, detail: "The piece does not begin where the relay's part of the attachment ends.",
            next: "Go on from byte \(received).")
        problem.received = received
        return problem
    }

    static let blobHash = Problem(
        .blobHash, status: 422,
        detail: "The uploaded bytes do not have the hash that they are named by; they are dropped.",
        next: "Upload the attachment again from its first byte.")

    static func blobsMissing(_ hashes: [Digest]) -> Problem {
        var problem = Problem(
            .blobsMissing, status: 409, detail: "The relay does not hold every attachment that the manifest names.",
            next: "Upload the missing ones, then send the same message again.")
        problem.missing = hashes.map(\.hex)
        return problem
    }
}
