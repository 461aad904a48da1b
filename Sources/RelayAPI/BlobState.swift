/// How far a sealed attachment has come at the relay.
public struct BlobState: Codable, Hashable, Sendable {
    /// Of the whole.
    public let size: UInt64
    /// From the first byte on: where the next piece begins. Durable.
    public let received: UInt64
    /// All of it is there and has the hash that it is named by.
    public let complete: Bool

    public init(size: UInt64, received: UInt64, complete: Bool) {
        self.size = size
        self.received = received
        self.complete = complete
    }
}
