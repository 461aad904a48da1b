public import Statements

/// How far a file has come on its way to or from the relay.
public struct TransferProgress: Sendable, Equatable {
    public enum Direction: String, Sendable {
        case upload, download
    }

    public let direction: Direction
    public let message: MessageID
    /// From 0.
    public let index: Int
    /// Sealed bytes.
    public let done: UInt64
    public let total: UInt64
}
