import DeviceKit
import Parallel
import Statements

/// The inbox as a table for people.
extension InboxList {
    /// What each message belongs to moves below it, then when it was sent; whom it is from stays to be told apart.
    private static let narrowing = Table.Narrowing(
        below: [(column: 6, words: ""), (column: 5, words: "sent ")],
        cut: [
            (column: 4, least: 14, shortening: .name),
            (column: 1, least: 14, shortening: .text),
            (column: 4, least: 8, shortening: .name),
        ])

    /// - Parameter columns: How wide the terminal is; `nil` when nobody looks at the lines' ends.
    func table(
        _ references: InboxCommand.References, _ policy: Policy, columns: Int?, now: Timestamp = .now()
    ) -> String {
        guard !messages.isEmpty else { return "no message has come yet" }
        let texts = AllCores.map(messages) { $0.id.description }
        let ids = ShortIDs(texts)
        let year = LocalTime.year(of: now)
        let header = ["MESSAGE", "STATE", "TIME", "URGENCY", "FROM", "SENT", ""]
        let table = Table(header, Array(zip(messages, texts))) { message, text in
            let notes = [
                Self.link(references[message.id]?.reference, ids), promise(message, now: now),
                message.isVerified ? nil : "NOT VERIFIED", message.saidElsewhere.flatMap { ActionWords.elsewhere($0) },
            ]
            return [
                ids.short(text), MessageWords.state(message, policy, now: now),
                AnswerTime.words(message, policy, now: now),
                message.urgency.words, message.from, LocalTime.short(message.at, presentYear: year),
                notes.compactMap { $0 }.joined(separator: "  "),
            ]
        }
        return table.text(columns: columns, Self.narrowing)
    }

    /// What a message belongs to, in a list.
    private static func link(_ reference: Manifest.Reference?, _ ids: ShortIDs) -> String? {
        switch reference {
        case .inReplyTo(let parent)?: "reply to \(ids.short(parent.description))"
        case .forwardOf?: "handed on"
        case nil: nil
        }
    }

    /// What this person promised of a message before they handed it on: whoever waits for the call still does.
    private func promise(_ message: ListedMessage, now: Timestamp) -> String? {
        promises[message.id].map { "you promised to call by \(WallClock.here.moment($0, now: now))" }
    }
}
