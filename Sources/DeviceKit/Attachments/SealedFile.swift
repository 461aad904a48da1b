import Sealing
import Secrets
import Statements

/// Sealing and opening whole files, one chunk in memory at a time.
enum SealedFile {
    /// Seals what a source gives into a file, which is on the disk when this returns.
    /// - Returns: Size and hash of the sealed bytes, and of what was sealed.
    static func seal(
        _ source: some ByteSource, into path: String, key: borrowing MessageKey, index: Int, binding: Digest
    ) throws -> (sealed: Manifest.Blob, byteCount: UInt64, hash: Digest) {
        let writer = try FileWriter(path, .empty)
        var sealer = AttachmentSealer(key: key, index: index, binding: binding)
        var sealedHash = DigestStream()
        var hash = DigestStream()
        var size = UInt64(0)
        var byteCount = UInt64(0)
        func put(_ bytes: [UInt8]) throws {
            try writer.write(bytes)
            sealedHash.add(bytes)
            size += UInt64(bytes.count)
        }
        try put(sealer.header)
        while true {
            var chunk = try source.next(Attachment.chunkByteCount)
            defer { wipe(&chunk) }
            hash.add(chunk)
            byteCount += UInt64(chunk.count)
            guard byteCount <= UInt64(Attachment.maximumByteCount) else {
                throw DeviceKitError(
                    "attachment_too_long", .usage, "a file has more than 25 MiB", next: "shorten or split it")
            }
            guard chunk.count == Attachment.chunkByteCount else {
                try put(sealer.finish(chunk))
                break
            }
            try put(sealer.seal(chunk))
        }
        try writer.synchronize()
        return (Manifest.Blob(size: size, hash: sealedHash.digest()), byteCount, hash.digest())
    }

    /// Size and hash of a file; `nil` when it is not there.
    static func measure(_ path: String) -> Manifest.Blob? {
        guard SecureFolder.exists(path), let reader = try? FileReader(path) else { return nil }
        var hash = DigestStream()
        var size = UInt64(0)
        while let piece = try? reader.next(Attachment.chunkByteCount) {
            hash.add(piece)
            size += UInt64(piece.count)
            if piece.count < Attachment.chunkByteCount { return Manifest.Blob(size: size, hash: hash.digest()) }
        }
        return nil
    }
}

/// What a sealed file holds, opened a chunk at a time.
final class SealedFileReader: ByteSource {
    private let reader: FileReader
    private var opener: AttachmentOpener
    private var left: Int
    /// Opened, and not yet asked for.
    private var rest: [UInt8] = []

    /// - Parameter path: Its bytes have the hash that they must have.
    /// - Throws: ``SealingError``, or that the file cannot be read.
    init(_ path: String, key: borrowing MessageKey, index: Int, binding: Digest) throws {
        reader = try FileReader(path)
        guard let chunks = Attachment.chunkCount(sealedByteCount: UInt64(reader.byteCount)) else {
            throw SealingError(.attachment)
        }
        left = chunks
        opener = try AttachmentOpener(
            header: try reader.next(Attachment.headerByteCount), key: key, index: index, binding: binding)
    }

    deinit { wipe(&rest) }

    func next(_ count: Int) throws -> [UInt8] {
        while rest.count < count, left > 0 {
            left -= 1
            var chunk = try opener.open(try reader.next(Attachment.sealedChunkByteCount), isLast: left == 0)
            rest += chunk
            wipe(&chunk)
        }
        defer { rest.removeFirst(min(count, rest.count)) }
        return Array(rest.prefix(count))
    }
}
