import DeviceKit
import Statements
import TerminalScreen

/// The list of those who can be handed a message.
enum ColleaguePainter {
    private static let rows = 8

    static func lines(_ message: MessageID, _ choice: ColleagueChoice, _ state: ScreenState, columns: Int)
        -> [StyledLine]
    {
        let all = state.colleagues(for: message)
        let title =
            [StyledLine("Hand this message to whom?", .strong)] + DialogPainter.subject(message, state, columns) + [
                .empty
            ]
        guard !all.isEmpty else {
            return title
                + StyledLine.wrapped(
                    "There is nobody to whom you may write and who has a device. Telephone.", to: columns, .danger)
                + [.empty, StyledLine("Esc  go back", .quiet)]
        }
        return title + [StyledLine("Name: \(choice.filter.text)").adding("_", .strong), .empty]
            + list(choice, all, columns) + [.empty, StyledLine("Type a part of the name, or use Up and Down.", .quiet)]
            + [StyledLine("Enter  this one     Esc  go back", .quiet)]
    }

    private static func list(_ choice: ColleagueChoice, _ all: [Colleague], _ columns: Int) -> [StyledLine] {
        let matching = choice.matching(all)
        guard let chosen = choice.chosen(among: all) else {
            return [StyledLine("  No such name. Backspace takes letters away.", .caution)]
        }
        let place = matching.firstIndex(of: chosen) ?? 0
        let first = max(0, min(place - rows / 2, matching.count - rows))
        let nameColumns = max(8, columns - 22)
        let lines = matching.dropFirst(first).prefix(rows).map { colleague in
            let isChosen = colleague == chosen
            let name = Columns.fitted(
                Columns.cut(name(of: colleague, among: all), to: nameColumns - 1), to: nameColumns)
            return StyledLine([
                .init(
                    text: Columns.fitted(
                        "\(isChosen ? "> " : "  ")\(name)\(colleague.hasDeclined ? "DECLINED IT" : colleague.roles)",
                        to: columns),
                    style: Style(bold: isChosen, reversed: isChosen))
            ])
        }
        let rest = matching.count - lines.count
        return lines + (rest > 0 ? [StyledLine("  and \(rest) more", .quiet)] : [])
    }

    /// Of two whose names look the same, each has the end of its id in front: that is never cut off.
    private static func name(of colleague: Colleague, among all: [Colleague]) -> String {
        let name = SafeText.line(colleague.name)
        let isAlone = all.allSatisfy { $0.id == colleague.id || !MemberName.areAlike($0.name, colleague.name) }
        return isAlone ? name : "…\(colleague.id.description.suffix(4)) \(name)"
    }
}
