import DeviceKit
import Statements
import TerminalScreen

/// The open message: what was verified of it, then what it says.
enum MessagePainter {
    static func lines(
        _ message: ListedMessage, _ shown: ShownMessage, _ state: ScreenState, _ clock: WallClock, columns: Int
    ) -> [StyledLine] {
        linesBeforeThread(message, shown, state, clock, columns: columns)
            + ThreadPainter.lines(shown, state, clock, columns: columns)
    }

    static func linesBeforeThread(
        _ message: ListedMessage, _ shown: ShownMessage, _ state: ScreenState, _ clock: WallClock, columns: Int
    ) -> [StyledLine] {
        var lines = [
            StyledLine(
                "\(MessageWords.urgency(message.urgency))  ", MessageWords.style(message.urgency)
            ).adding("from ").adding(SafeText.line(message.from), .strong).adding(
                "  sent \(clock.moment(message.at, now: state.now)), \(MessageWords.ago(message.at, state)) ago")
        ]
        if let understated = MessageWords.understated(shown.recordUrgency, message.urgency) {
            lines += StyledLine.wrapped(understated, to: columns, .danger)
        }
        lines +=
            yoursAgain(message, shown, columns)
            ?? MessageWords.elsewhere(message).map { StyledLine.wrapped($0, to: columns, .caution) }
            ?? [standing(message, state, clock)]
        for words in [state.callsNowOver(message), state.tooLate(message)].compactMap({ $0 }) {
            lines += StyledLine.wrapped(words, to: columns, .danger)
        }
        if let draft = MessageWords.draft(message.id, state) {
            lines += StyledLine.wrapped(draft, to: columns, .danger)
        }
        if !shown.files.isEmpty {
            let count = shown.files.count
            lines.append(
                StyledLine(
                    "\(count) \(count == 1 ? "FILE" : "FILES") came with it: v saves \(count == 1 ? "it" : "them")",
                    .strong))
        }
        lines += verdict(shown, columns)
        lines.append(.empty)
        if case .handedOn(let path, _) = shown.body {
            lines += HandOffPainter.lines(path, message, shown.broken, state, clock, columns: columns)
        }
        if case .reply(let reply) = shown.body {
            lines += ThreadPainter.words(reply, state, clock).flatMap {
                StyledLine.wrapped(SafeText.line($0), to: columns)
            }
        } else {
            lines += body(shown.body, message, sent: message.at, columns)
        }
        guard !shown.files.isEmpty else { return lines }
        lines += [.empty, StyledLine("FILES", .label).adding("  v saves them", .quiet)]
        return lines + shown.files.flatMap { StyledLine.wrapped(SafeText.line($0), to: columns, indent: 2) }
    }

    /// How far it is, and how much time there is; of a call that is late also what was promised.
    private static func standing(_ message: ListedMessage, _ state: ScreenState, _ clock: WallClock) -> StyledLine {
        var time = MessageWords.time(message, state)
        if let words = state.callsNow(message) { time.text = words }
        let promised = message.isLate ? message.taken?.promisedAt : nil
        return StyledLine(
            MessageWords.state(message, state.person.policy, now: state.now),
            MessageWords.isUnknown(message) ? .danger : .strong
        )
        .adding(time.text.isEmpty ? "" : "  ·  ").adding(time.text, time.style)
        .adding(promised.map { " (you promised \(clock.moment($0, now: state.now)))" } ?? "", time.style)
    }

    /// Whoever was asked said no: with which words, and what follows.
    private static func yoursAgain(
        _ message: ListedMessage, _ shown: ShownMessage, _ columns: Int
    ) -> [StyledLine]? {
        guard message.isYoursAgain, !MessageWords.isUnknown(message), let forward = message.carriedOn else {
            return nil
        }
        let name = SafeText.line(forward.to)
        let said = shown.thread.last { entry in
            entry.kind == .received && entry.isReply && entry.isVerified && entry.from == name
                && entry.reply?.receipt != nil
        }
        let words = said?.reply?.text.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
        let why = words ?? forward.declinedFor.flatMap(ScreenDialog.words)
        return StyledLine.wrapped(
            "DECLINED by \(name)\(why.map { ": \(SafeText.line($0))" } ?? "") — YOURS AGAIN", to: columns, .danger)
    }

    private static func verdict(_ message: ShownMessage, _ columns: Int) -> [StyledLine] {
        if case .quarantined = message.body { return [] }
        guard !message.broken.isEmpty else {
            return StyledLine.wrapped(
                "Verified: signature, place in the log, who may send, what the sender saw.",
                to: columns,
                .good)
        }
        return message.broken.flatMap { promise in
            StyledLine.wrapped(
                "NOT VERIFIED, \(MessageWords.promise(promise.promise)): \(SafeText.line(promise.why)).", to: columns,
                .alarm)
        }
            + StyledLine.wrapped(
                "Read it, and check by telephone what you act on, with a number that you know yourself.", to: columns,
                .caution)
    }

    /// A sender's own words, behind a bar at each line: they could else be taken for what this screen says.
    private static func quoted(_ text: String, _ columns: Int) -> [StyledLine] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            StyledLine.wrapped(SafeText.line(String(line)), to: columns - 2)
        }.map { line in StyledLine([.init(text: "│ ", style: .quiet)] + line.pieces) }
    }

    /// - Parameter time: When it was sent first.
    private static func body(
        _ body: ShownMessage.Body, _ message: ListedMessage, sent time: Timestamp, _ columns: Int
    ) -> [StyledLine] {
        switch body {
        case .record(let document): return RecordPainter(document, columns: columns, at: time).lines
        // Above.
        case .reply: return []
        case .handedOn(let path, let inside):
            return self.body(inside, message, sent: path.hands.last?.original?.at ?? time, columns)
        case .text(let text): return quoted(text, columns)
        case .raw(let text):
            return StyledLine.wrapped("This is no call record and no text. What it holds:", to: columns, .caution)
                + [.empty] + quoted(text, columns)
        case .quarantined(let reason):
            return StyledLine.wrapped("This message does not open (\(reason.rawValue)).", to: columns, .alarm)
                + [.empty]
                + StyledLine.wrapped(
                    "Telephone the sender: \(SafeText.line(message.from)). What came is kept here, and the sender was told "
                        + "that it cannot be read.", to: columns)
        }
    }
}
