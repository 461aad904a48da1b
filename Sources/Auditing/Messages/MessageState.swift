public import Statements

/// How far a message came: the furthest of its receipts, by any device.
public enum MessageState: String, CaseIterable, Comparable, Sendable {
    /// Nothing but its acceptance, and perhaps its release.
    case waiting
    case delivered, read, declined, acknowledged
    case handedOff = "handed_off"
    case closed

    /// What a receipt makes of a message; `nil` when it moves nothing forward.
    public init?(_ action: ReceiptAction) {
        switch action {
        case .delivered: self = .delivered
        case .read: self = .read
        case .declined: self = .declined
        case .acknowledged: self = .acknowledged
        case .handedOff: self = .handedOff
        case .closed: self = .closed
        case .undecryptable, .filed, .disclosed: return nil
        }
    }

    /// As people say it: nothing waits that no device can get any more.
    func words(isGivenUp: Bool) -> String { isGivenUp ? MessageOutcome.undeliverable.words : rawValue.spaced }

    public static func < (left: Self, right: Self) -> Bool {
        allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
}
