public import Statements

/// A reply or a hand-off that was stored here and that the relay has not proven: nobody else knows of it.
public struct KeptMessage: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case reply
        /// The words of a receipt.
        case words
        case handOff
    }

    public let message: MessageID
    /// The message that it answers or carries on.
    public let about: MessageID
    /// Who gets it.
    public let member: MemberID
    public let kind: Kind

    public init(message: MessageID, about: MessageID, member: MemberID, kind: Kind) {
        self.message = message
        self.about = about
        self.member = member
        self.kind = kind
    }

    init?(_ message: MessageID, _ draft: Draft) {
        switch draft.reference {
        case .inReplyTo(let parent)?: about = parent
        case .forwardOf(let parent)?: about = parent
        case nil: return nil
        }
        self.message = message
        member = draft.member
        kind =
            switch draft.content {
            case .handOff: .handOff
            case .reply(let reply) where reply.receipt != nil: .words
            default: .reply
            }
    }
}

/// What became of it.
public enum KeptOutcome: Sendable, Equatable {
    /// It is still here.
    case kept
    /// Proven at this place of the activity log.
    case sent(index: UInt64)
    /// It never goes out.
    case refused
    /// It goes on under another id.
    case renamed
}
