import TerminalScreen

/// What was sent from here and must be telephoned about, the most pressing first.
enum TelephonePainter {
    static func lines(_ state: ScreenState, columns: Int) -> [StyledLine] {
        let title = StyledLine("TO TELEPHONE ABOUT", .label)
        guard !state.toTelephone.isEmpty else {
            return [title]
                + StyledLine.wrapped(
                    "Nothing that you sent must be telephoned about, as far as is known here.", to: columns)
        }
        let advice = StyledLine.wrapped(
            "You sent these, and nobody is certain to see to them. \"nightbell sent MSG\" of this profile shows all of one; \"sent --dismiss "
                + "MSG\" takes it off here, once you have telephoned.", to: columns)
        return [title] + advice
            + state.toTelephone.flatMap { matter -> [StyledLine] in
                [.empty] + StyledLine.wrapped(SafeText.line(matter.words), to: columns, indent: 2, .danger)
            }
    }
}
