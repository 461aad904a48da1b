public import Statements

/// Messages that answer each other or carry each other on, as far as this device has them.
public struct MessageThread: Sendable {
    /// One message of it.
    public enum Part: Sendable {
        case received(InboxMessage)
        case sent(SentState)
        /// A message that carries ours on, sealed to others.
        case carriedOn(SentForward)

        public var message: MessageID {
            switch self {
            case .received(let message): message.message
            case .sent(let state): state.message
            case .carriedOn(let forward): forward.message
            }
        }

        /// The sender's time.
        public var at: Timestamp {
            switch self {
            case .received(let message): message.at
            case .sent(let state): state.at
            case .carriedOn(let forward): forward.at
            }
        }
    }

    /// The first message, which need not be here: then it was handed on to us.
    public let root: MessageID
    /// Oldest first.
    public let parts: [Part]
    /// What each message answers or carries on; the first one is not named.
    public let references: [MessageID: Manifest.Reference]

    /// The parts before one of them.
    public func parts(before message: MessageID) -> [Part] { Array(parts.prefix { $0.message != message }) }
}
