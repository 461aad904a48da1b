/// What the screen needs of a terminal, by what the description of its type says it can.
///
/// Whoever clears the screen when it locks, or when what drew it was killed, knows no description: it writes the control
/// sequences of ECMA-48. So the terminal's own must be of those, and there must be reverse video, or nobody sees what is
/// selected. An alternate screen, which leaves nothing in the terminal's memory of lines, is asked for as xterm's is when the
/// description knows none: the terminal may have one all the same, and one that has none passes over it.
struct TerminalNeeds {
    /// Places the cursor, clears to the end of the screen and of the line, draws in reverse.
    private static let controls = ["cup", "ed", "el", "rev"]
    private static let introducer = Array("\u{1B}[".utf8)

    /// Before the library opens the screen, and whenever it has it back after a pause.
    let entering: [UInt8]
    /// After the library has given the screen back.
    let leaving: [UInt8]
    /// What gives the terminal its main screen back, for whoever cannot ask the library any more.
    let restoring: [UInt8]

    /// - Parameter capability: The text of a capability; `nil` when the terminal has none.
    /// - Returns: `nil` when the terminal cannot show the screen.
    init?(_ capability: (String) -> [UInt8]?) {
        for name in Self.controls {
            guard let control = capability(name), control.starts(with: Self.introducer) else { return nil }
        }
        let hasAlternate = capability("smcup") != nil && capability("rmcup") != nil
        entering = hasAlternate ? [] : Array("\u{1B}[?1049h".utf8)
        // Where there is no other screen to go back to, nothing of this one may stay.
        leaving = hasAlternate ? [] : Array("\u{1B}[2J\u{1B}[H\u{1B}[?1049l".utf8)
        restoring = ["sgr0", "rmkx", "cnorm", "rmcup"].compactMap(capability).flatMap { $0 } + leaving
    }
}
