import DeviceKit
import Membership
import Statements

/// Through whose hands a message came, and what is at the bottom: as it claims to be, whatever is shown of it.
struct HandOffPath: Sendable, Equatable {
    /// One hand: what it said, and the message that it carried on.
    struct Hand: Sendable, Equatable {
        /// The words of the one who handed it on.
        let text: String?
        /// Sender, time and count of files of what was handed on; `nil` when it cannot be read.
        let original: Original?
    }

    struct Original: Sendable, Equatable {
        /// As the roster has the name.
        let from: String
        let at: Timestamp
        /// `nil` where it is not known.
        var expires: Timestamp?
        let message: MessageID
        let attachments: Int
    }

    /// The last one first.
    let hands: [Hand]
    /// What the first sender sent; `nil` when it is nothing that this version reads.
    let content: MessageContent?
    /// The same as it was sealed.
    let contentText: String

    init(_ handOff: HandOff, _ view: RosterView) {
        var hands: [Hand] = []
        var current = handOff
        // Each stands inside the one before, and is shorter.
        while true {
            hands.append(
                Hand(
                    text: current.text,
                    original: current.manifest.map { manifest in
                        Original(
                            from: SafeText.line(Self.name(of: manifest.sender, view)), at: manifest.at,
                            expires: manifest.expires,
                            message: manifest.message, attachments: manifest.attachments.count)
                    }))
            guard case .handOff(let inner)? = current.original else { break }
            current = inner
        }
        self.hands = hands
        content = current.original
        contentText = current.originalText
    }

    init(hands: [Hand], content: MessageContent?, contentText: String = "") {
        (self.hands, self.content, self.contentText) = (hands, content, contentText)
    }

    private static func name(of device: DeviceID, _ view: RosterView) -> String {
        view.device(device).flatMap { view.member($0.member)?.name.description } ?? device.description
    }
}
