import DeviceStorage
public import Statements

/// Whether a received message still waits for somebody.
public enum AnswerStanding: Sendable, Equatable {
    /// Nobody has answered.
    case open
    /// This device handed it on: it waits for whoever shall have it, and is this person's until they take it up.
    case handedOn
    /// Somebody took it up or turned it down.
    case answered

    /// - Parameters:
    ///   - ours: What this device has said.
    ///   - others: What other devices have said.
    init(ours: [ReceiptAction], others: [ReceiptAction]) {
        let ends: Set<ReceiptAction> = [.acknowledged, .declined, .closed]
        // Whoever else handed it on answers for it.
        if others.contains(where: { ends.contains($0) || $0 == .handedOff }) || ours.contains(.closed) {
            self = .answered
            // Acknowledged after that, it was taken back from whoever said no.
        } else if ours.last(where: { [.acknowledged, .handedOff].contains($0) }) == .handedOff {
            self = .handedOn
        } else {
            self = ours.contains(where: ends.contains) ? .answered : .open
        }
    }
}

extension Profile {
    /// Changes with every step of another process on this profile.
    public func storeVersion() throws -> Int64 { try store.look { try $0.version() } }

    /// How it stands with a stored message, as far as this device knows: signed here, by whichever process, or verified of
    /// another device.
    public func answerStanding(of message: MessageID) throws -> AnswerStanding {
        try store.look { store in
            AnswerStanding(
                ours: try store.receipts(on: message.description).compactMap { ReceiptAction(rawValue: $0.action) },
                others: try store.answers(on: message.description).compactMap(\.receipt?.action))
        }
    }
}
