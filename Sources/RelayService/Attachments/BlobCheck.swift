import RelayStorage

/// Compares what the database knows of sealed attachments with the bytes that are there.
///
/// A relay may serve meanwhile: what looks wrong is wrong only if the database says the same of it afterwards.
enum BlobCheck {
    private static let pageSize = 256

    /// What was looked at, and what is wrong.
    struct Result: Equatable {
        var count = 0
        var problems: [CheckReport.Problem] = []
    }

    /// - Parameter readsAll: Whether every byte is read and hashed, not only counted.
    /// - Throws: ``StorageError`` when the store cannot be read.
    static func run(_ store: any RelayStore, _ blobs: any BlobStore, readsAll: Bool) async throws -> Result {
        var result = Result()
        var next: BlobNumber = 0
        while true {
            let first = next
            let page = try await store.read { try $0.blobs(from: first, limit: pageSize) }
            guard let last = page.last else { return result }
            for blob in page {
                result.count += 1
                guard let problem = try await problem(of: blob, in: blobs, readsAll: readsAll) else { continue }
                let now = try await store.read { try $0.blobs(from: blob.number, limit: 1) }.first
                if now == blob, result.problems.count < CheckReport.maximumProblemCount {
                    result.problems.append(problem)
                }
            }
            next = last.number + 1
        }
    }

    private static func problem(
        of blob: StoredBlob, in blobs: any BlobStore, readsAll: Bool
    ) async throws -> CheckReport.Problem? {
        func problem(_ code: String, _ words: String) -> CheckReport.Problem {
            .init(code: code, message: "blobs/\(blob.number): \(words)")
        }
        // What came after the last piece that was answered for is a leftover, and no problem.
        guard blob.received > 0 else { return nil }
        guard let size = try await blobs.size(of: blob.number) else {
            return problem("attachment_missing", "there is no such file; \(blob.received) bytes were taken in")
        }
        guard blob.isComplete ? size == blob.size : size >= blob.received else {
            return problem("attachment_size", "the file has \(size) bytes; \(blob.received) were taken in")
        }
        guard readsAll, blob.isComplete else { return nil }
        do {
            guard try await blobs.hash(count: blob.size, of: blob.number) != blob.hash else { return nil }
        } catch let error as StorageError where error.code == .broken {
            return problem("attachment_size", "the file became shorter while it was read")
        }
        return problem("attachment_hash", "the bytes are not those that were taken in")
    }
}
