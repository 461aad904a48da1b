/// What is to be known of a message besides what became of it. A message with a mark is counted where it is counted without:
/// a mark says how many of those there are.
public enum MessageMark: String, CaseIterable, Sendable {
    /// The addressed said no, and nobody has taken it up since: one of the open ones.
    case declined
    /// The relay had logged it as unanswered before somebody answered it: its sender was told to telephone by then.
    case late = "taken_late"
    /// Closed, and no device has said that anybody read it or took it up.
    case closedUnread = "closed_unread"

    /// With how many: `3 closed unread`.
    public func phrase(_ count: Int) -> String {
        switch self {
        case .declined: "\(count) declined, and nobody takes \(count == 1 ? "it" : "them")"
        case .late: "\(count) answered only after \(count == 1 ? "it" : "they") had expired"
        case .closedUnread: "\(count) closed unread"
        }
    }

    var place: Int { Self.allCases.firstIndex(of: self)! }
}

extension AuditedMessage {
    /// In the order of ``MessageMark``.
    public var marks: [MessageMark] { MessageMark.allCases.filter(bears) }

    private func bears(_ mark: MessageMark) -> Bool {
        // A reply asks for nothing: it is neither taken up nor turned down.
        guard !isReply else { return false }
        return switch mark {
        case .declined: state == .declined && DayCount.Fate(self) == .open
        case .late: isUnanswered && isAnswered
        case .closedUnread: state == .closed && !isOpened
        }
    }
}
