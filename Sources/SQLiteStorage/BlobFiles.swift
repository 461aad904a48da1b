import Dispatch
import Foundation
public import RelayStorage
public import Secrets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Sealed attachments in one file each, beside the database: in it they would pass through its log and its cache, and hold
/// up the messages that wait for the one writer.
///
/// A file is named by its number. Its bytes are written and synchronised before the database is told of them; whatever a
/// crash leaves beyond that is written over or removed.
public final class BlobFiles: BlobStore {
    private static let pieceByteCount = 262_144

    private let folder: String
    // Threads of their own, one each: what waits for the disk holds up no request, and one thread's memory is bounded.
    private let writing = DispatchQueue(label: "nightbell.blobs.writing")
    private let reading = DispatchQueue(label: "nightbell.blobs.reading")

    /// - Parameter folder: Made, mode 0700, when it is not there.
    /// - Throws: ``StorageError``.
    public init(folder: String) throws {
        self.folder = folder
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw Self.failed() }
        try Self.synchronize(folder: URL(fileURLWithPath: folder).deletingLastPathComponent().path)
    }

    public func write(_ bytes: [UInt8], at offset: UInt64, of blob: BlobNumber) async throws {
        let path = path(blob)
        let folder = folder
        try await on(writing) {
            let descriptor = try Self.opened(path, O_WRONLY | O_CREAT)
            defer { close(descriptor) }
            var written = 0
            while written < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { buffer in
                    unsafe pwrite(
                        descriptor, buffer.baseAddress! + written, buffer.count - written,
                        off_t(offset) + off_t(written))
                }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw Self.failed() }
                written += count
            }
            guard fsync(descriptor) == 0 else { throw Self.failed() }
            if offset == 0 { try Self.synchronize(folder: folder) }
        }
    }

    public func read(from offset: UInt64, count: Int, of blob: BlobNumber) async throws -> [UInt8] {
        let path = path(blob)
        return try await on(reading) {
            let descriptor = try Self.opened(path, O_RDONLY)
            defer { close(descriptor) }
            return try Self.piece(descriptor, from: offset, count: count)
        }
    }

    public func hash(count: UInt64, of blob: BlobNumber) async throws -> Digest {
        let path = path(blob)
        return try await on(reading) {
            let descriptor = try Self.opened(path, O_RDONLY)
            defer { close(descriptor) }
            var hash = DigestStream()
            var offset: UInt64 = 0
            while offset < count {
                let piece = try Self.piece(
                    descriptor, from: offset, count: Int(min(count - offset, UInt64(Self.pieceByteCount))))
                hash.add(piece)
                offset += UInt64(piece.count)
            }
            return hash.digest()
        }
    }

    public func size(of blob: BlobNumber) async throws -> UInt64? {
        let path = path(blob)
        return try await on(reading) {
            var found = stat()
            guard unsafe lstat(path, &found) == 0 else {
                guard errno == ENOENT else { throw Self.failed() }
                return nil
            }
            return UInt64(found.st_size)
        }
    }

    public func remove(_ blob: BlobNumber) async throws {
        let path = path(blob)
        try await on(writing) {
            guard unsafe unlink(path) == 0 || errno == ENOENT else { throw Self.failed() }
        }
    }

    public func numbers() async throws -> [BlobNumber] {
        let folder = folder
        return try await on(reading) {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
                throw StorageError(.failed, part: "blobs")
            }
            return names.compactMap(BlobNumber.init)
        }
    }

    private func path(_ blob: BlobNumber) -> String { "\(folder)/\(blob)" }

    private func on<Result: Sendable>(
        _ queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    private static func piece(_ descriptor: Int32, from offset: UInt64, count: Int) throws -> [UInt8] {
        var length = 0
        var bytes = [UInt8](repeating: 0, count: count)
        while length < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress! + length, count - length, off_t(offset) + off_t(length))
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw failed() }
            guard got > 0 else { throw StorageError(.broken, part: "blob") }
            length += got
        }
        return bytes
    }

    private static func opened(_ path: String, _ flags: Int32) throws -> Int32 {
        let descriptor = unsafe open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? StorageError(.broken, part: "blob") : failed()
        }
        return descriptor
    }

    private static func synchronize(folder: String) throws {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed() }
    }

    private static func failed() -> StorageError { StorageError(.failed, part: "blobs, errno \(errno)") }
}
