import Statements

/// How the link to the relay is.
enum RelayLink: Sendable, Equatable {
    case opening
    /// The stream is open, and what waits at the relay is not all here.
    case receiving
    /// All that waits is here, and what is new comes at once.
    case open
    /// Since when, why, and when it is tried again.
    case down(since: Timestamp, cause: String, retry: Timestamp)
    /// Something else than the way to the relay keeps messages from being received, such as a full disk: what to do.
    case blocked(since: Timestamp, cause: String, next: String, retry: Timestamp)

    /// Why nothing is received.
    var cause: String? {
        switch self {
        case .opening, .receiving, .open: nil
        case .down(_, let cause, _), .blocked(_, let cause, _, _): cause
        }
    }

    /// The same link, broken since the first time, however often it was tried since.
    func broken(like before: RelayLink) -> RelayLink {
        switch (before, self) {
        case (.down(let since, _, _), .down(_, let cause, let retry)):
            .down(since: since, cause: cause, retry: retry)
        case (.blocked(let since, _, _, _), .blocked(_, let cause, let next, let retry)):
            .blocked(since: since, cause: cause, next: next, retry: retry)
        default: self
        }
    }
}
