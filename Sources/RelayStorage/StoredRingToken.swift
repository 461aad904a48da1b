public import Secrets
public import Statements

/// A ring token as it is stored: its hash alone.
public struct StoredRingToken: Hashable, Sendable {
    public let device: DeviceID
    /// SHA-256 of the token.
    public let hash: Digest
    public let expires: Timestamp

    public init(device: DeviceID, hash: Digest, expires: Timestamp) {
        self.device = device
        self.hash = hash
        self.expires = expires
    }
}
