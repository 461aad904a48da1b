import DeviceKit
import Statements
import TerminalScreen

/// The top of the screen: who, when, and whether new messages can arrive at all.
enum HeaderPainter {
    static func lines(_ state: ScreenState, _ clock: WallClock) -> [StyledLine] {
        var lines = [bar(state, clock), link(state, clock)]
        if !state.toTelephone.isEmpty {
            let count = state.toTelephone.count
            lines.append(
                StyledLine(
                    " TELEPHONE about \(count) \(count == 1 ? "message" : "messages") that you sent: press t",
                    .danger))
        }
        if state.witnessNotice != nil {
            lines.append(
                StyledLine(" Too few witnesses cosigned the logs for 24 hours: tell your administrator.", .caution))
        }
        if let flags = flags(state) { lines.append(flags) }
        return lines
    }

    private static func bar(_ state: ScreenState, _ clock: WallClock) -> StyledLine {
        let person = state.person
        let right = " \(clock.day(state.now)) \(clock.second(state.now)) \(clock.zone(state.now)) "
        let left =
            " Nightbell  \(SafeText.line(person.member)), \(person.roles.joined(separator: ", "))  ·  "
            + SafeText.line(person.organisation)
        return StyledLine(Columns.fitted(left, to: state.columns - Columns.width(right)) + right, .bar)
    }

    private static func link(_ state: ScreenState, _ clock: WallClock) -> StyledLine {
        let age = state.presentAge.map { "The relay's last signed word is \(WallClock.span($0)) old." }
        switch state.link {
        case .opening:
            return StyledLine(" Connecting to \(SafeText.line(state.person.relay)) …  \(age ?? "")", .strong)
        case .receiving: return StyledLine(" Connected. Fetching what waits at the relay …  \(age ?? "")", .strong)
        case .open where state.isStale:
            return StyledLine(
                " STALE: no signed word of the relay for \(WallClock.span(state.presentAge ?? 0)). Messages may wait "
                    + "unseen.", .alarm)
        case .open:
            return StyledLine(" Connected. ", .good).adding(
                age ?? "The relay's next signed word comes within a minute.")
        case .down(let since, let cause, let retry):
            return broken(
                "NO LINK since \(clock.moment(since, now: state.now)): nothing new arrives.", cause, retry, state)
        case .blocked(let since, let cause, _, let retry):
            return broken("NOTHING IS RECEIVED since \(clock.moment(since, now: state.now)).", cause, retry, state)
        }
    }

    /// The cause stands there where there is room for it.
    private static func broken(_ words: String, _ cause: String, _ retry: Timestamp, _ state: ScreenState) -> StyledLine
    {
        let seconds = max(0, retry.milliseconds(since: state.now)) / 1000
        let again = seconds > 0 ? "Trying again in \(seconds) s." : "Trying again …"
        let line = StyledLine(" \(words) ", .alarm).adding(" \(again)")
        let why = "  (\(SafeText.line(cause)))"
        let used = line.pieces.reduce(Columns.width(why)) { $0 + Columns.width($1.text) }
        return used <= state.columns ? line.adding(why) : line
    }

    private static func flags(_ state: ScreenState) -> StyledLine? {
        var line = StyledLine(" ")
        let findings = state.notes.count(where: \.isFinding)
        if findings > 0 {
            line = line.adding(
                " \(findings) \(findings == 1 ? "FINDING" : "FINDINGS"): something was not true. Press ! ", .alarm)
        }
        var unknown: [String] = []
        let (answers, handOffs) = (state.unknownAnswers, state.unknownHandOffs)
        if answers > 0 {
            unknown.append("\(answers) \(answers == 1 ? "answer" : "answers") NOT yet known to the sender")
        }
        if handOffs > 0 { unknown.append("\(handOffs) \(handOffs == 1 ? "hand-off" : "hand-offs") NOT yet sent") }
        if !unknown.isEmpty {
            line = line.adding(findings > 0 ? "  " : "").adding(unknown.joined(separator: ", "), .danger)
        }
        let new = state.newDevices.count
        if new > 0 {
            line = line.adding(line.pieces.count > 1 ? "  " : "").adding(
                "\(new == 1 ? "A NEW DEVICE" : "\(new) NEW DEVICES") joined: press !", .caution)
        }
        return line.pieces.count > 1 ? line : nil
    }
}
