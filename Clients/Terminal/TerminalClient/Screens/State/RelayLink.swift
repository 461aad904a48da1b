import Statements

/// How the link to the relay is.
enum RelayLink: Sendable, Equatable {
    case opening
    /// Since the stream is open.
    case open
    /// Since when, why, and when it is tried again.
    case down(since: Timestamp, cause: String, retry: Timestamp)
}
