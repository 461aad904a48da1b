public import Secrets

/// The number of a sealed attachment's bytes. Never used twice: what is left of one is never taken for another.
public typealias BlobNumber = UInt64

/// What is known of a sealed attachment.
public struct StoredBlob: Hashable, Sendable {
    public let number: BlobNumber
    public let hash: Digest
    public let size: UInt64
    /// How much of it is durable, from the first byte on.
    public let received: UInt64
    /// Whether all of it is there and has its hash.
    public let isComplete: Bool

    public init(number: BlobNumber, hash: Digest, size: UInt64, received: UInt64, isComplete: Bool) {
        self.number = number
        self.hash = hash
        self.size = size
        self.received = received
        self.isComplete = isComplete
    }
}

/// Where the bytes of sealed attachments lie: apart from the logs and queues, which must stay small and quick.
///
/// What is there of a number is said by ``RelayReader``; bytes beyond that, and numbers that it does not know, are
/// leftovers of a crash. No call holds more than the piece that it is about.
public protocol BlobStore: Sendable {
    /// Writes a piece. Durable when it returns.
    func write(_ bytes: [UInt8], at offset: UInt64, of blob: BlobNumber) async throws
    /// Reads a piece.
    /// - Throws: ``StorageError/Code/broken`` when it is not all there.
    func read(from offset: UInt64, count: Int, of blob: BlobNumber) async throws -> [UInt8]
    /// SHA-256 of the first `count` bytes.
    func hash(count: UInt64, of blob: BlobNumber) async throws -> Digest
    /// How many bytes are there; `nil` when there is nothing of this number.
    func size(of blob: BlobNumber) async throws -> UInt64?
    /// Removes bytes, if there are any.
    func remove(_ blob: BlobNumber) async throws
    /// Every number of which there are bytes.
    func numbers() async throws -> [BlobNumber]
}
