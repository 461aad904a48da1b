import DeviceKit
import Statements
import TerminalScreen

/// Through whose hands a message came: who handed it on with which words, who sent it first, and what is shown of that.
enum HandOffPainter {
    private static let nameColumns = 13

    static func lines(
        _ path: HandOffPath, _ message: ListedMessage, _ broken: [BrokenPromise], _ state: ScreenState,
        _ clock: WallClock, columns: Int
    ) -> [StyledLine] {
        func field(_ name: String, _ text: String, _ style: Style = .plain) -> [StyledLine] {
            StyledLine.field(name, text, nameColumns: nameColumns, columns: columns, style)
        }
        var lines: [StyledLine] = []
        var hand = (name: SafeText.line(message.from), at: message.at)
        for (number, step) in path.hands.enumerated() {
            lines += field(
                "HANDED ON",
                "by \(hand.name), \(clock.moment(hand.at, now: state.now))\(number == 0 ? "" : ", before that")",
                .strong)
            for line in (step.text ?? "").split(separator: "\n") { lines += field("", SafeText.line(String(line))) }
            guard let original = step.original else { break }
            hand = (SafeText.line(original.from), original.at)
            if original.attachments > 0 {
                lines += field(
                    "FILES", "\(AttachmentList.count(original.attachments)) of \(hand.name) did NOT come with it: ask.",
                    .danger)
            }
        }
        if path.hands.last?.original != nil {
            lines += field(
                "FIRST SENT",
                "by \(hand.name), \(clock.moment(hand.at, now: state.now)), \(MessageWords.ago(hand.at, state)) ago",
                .strong)
        }
        // What is not shown stands above, with why.
        if !broken.contains(where: { $0.promise == "original" }) {
            lines += field("", "Verified: to the letter what \(hand.name) signed.", .good)
        } else {
            lines += field("", "AS TOLD by \(SafeText.line(message.from)), not shown to be so.", .danger)
        }
        return lines + [.empty]
    }
}
