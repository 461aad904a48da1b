import Logging
import RelayAPI
import RelayStorage
import ServiceLifecycle
import Statements

/// Removes sealed attachments that no message took within an hour, and what a crash or a revocation left of others.
struct BlobSweep: Service, CustomStringConvertible {
    private static let seconds: Int64 = 60
    private static let batchSize = 256

    let store: any RelayStore
    let blobs: any BlobStore
    let logger: Logger

    var description: String { "attachment sweep" }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                await look(at: Timestamp.now())
                try await Task.sleep(for: .seconds(Self.seconds))
            }
        }
    }

    private func look(at now: Timestamp) async {
        do {
            let count = try await Self.sweep(store, blobs, at: now)
            if count > 0 {
                logger.info("sealed attachments without a message were removed", metadata: ["nb.blobs": "\(count)"])
            }
        } catch {
            logger.error(
                "sealed attachments could not be swept", metadata: ["nb.error.code": "\(Problems.logCode(of: error))"])
        }
    }

    /// Rows first, then bytes: a crash in between leaves bytes that the next sweep finds.
    /// - Returns: Of how many the bytes were removed.
    static func sweep(_ store: any RelayStore, _ blobs: any BlobStore, at now: Timestamp) async throws -> Int {
        let oldest = now.adding(seconds: -APILimits.looseBlobSeconds)
        if try await store.read({ try !$0.abandonedUploads(since: oldest, limit: 1).isEmpty }) {
            try await store.write { transaction in
                for blob in try transaction.abandonedUploads(since: oldest, limit: batchSize) {
                    try transaction.removeUpload(blob)
                }
            }
        }
        // In this order: a row stands before its bytes, so that no upload which begins meanwhile looks like a leftover.
        let present = try await blobs.numbers()
        let known = try await store.read { try $0.blobNumbers() }
        let leftovers = present.filter { !known.contains($0) }
        for blob in leftovers { try await blobs.remove(blob) }
        return leftovers.count
    }
}
