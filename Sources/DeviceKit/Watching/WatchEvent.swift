public import Statements

/// What a watcher hears.
///
/// The same from the process that follows the relay's stream and from one that follows its store: see
/// ``DeviceSession/watch(_:)``.
public enum WatchEvent: Sendable {
    /// The stream is open.
    case connected
    /// The backlog is through. Look at ``DeviceSession/inbox()`` again: what another command has fetched came by no stream.
    case drained
    /// A message was taken in and stored: heard before its receipt is posted, and again when more or less of it is proven.
    case message(InboxMessage)
    /// A stored message was read or answered, by another program on this profile or by another device.
    case progressed(InboxMessage)
    /// A verified notice on one of our own messages.
    case notice(SentState)
    /// Nobody answered one of our own messages in time, by our own clock; or nobody will, for no device is left that it was sealed
    /// to (``DeviceSession/isOutOfReach(_:)``).
    case unanswered(SentState)
    /// The time of a call that was promised about one of our own messages is over, and nobody has closed it.
    case promiseBroken(SentState)
    /// A device joined that a person should know of: what to say of it.
    case joined(DeviceID, String)
    /// The relay gave a sign of life on the open stream. At least one comes in 30 s while the link is alive.
    case alive
    /// For so long the relay has given no signed word on the present that is believed: what it holds back is not known.
    case stale(seconds: Int64)
    /// For 24 hours fewer witnesses than are demanded have cosigned a log: what to say of it; `nil` when that is over.
    case witnesses(String?)
    /// The link is down; how long until it is tried again.
    case disconnected(DeviceKitError, retryInMilliseconds: Int64)
}
