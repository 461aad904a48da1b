import Statements
import TerminalScreen

/// `q` and Ctrl-C: whoever leaves while something waits is asked once.
extension ScreenState {
    /// Ctrl-C, which the terminal gives as a key.
    static let leaveKey = Key.character("\u{03}")

    mutating func quit() -> [ScreenAction] {
        guard leftBehind.isPressing || hasUnsaid else { return [.quit] }
        dialog = .confirm(.quit)
        return []
    }

    /// Asks as `q` does, wherever one is; pressed again, it leaves.
    mutating func pressToLeave() -> [ScreenAction] {
        guard !isLocking, !isTooSmall else { return [.quit] }
        guard alarm == nil else {
            if isAskedInAlarm { return [.quit] }
            isAskedInAlarm = true
            return []
        }
        if dialog == .confirm(.quit) { return [.quit] }
        keepTyped()
        return quit()
    }

    /// The question over the alarm.
    mutating func answerInAlarm(_ key: Key) -> [ScreenAction] {
        isAskedInAlarm = false
        return Self.isYes(key) ? [.quit] : []
    }

    static func isYes(_ key: Key) -> Bool { [.character("y"), .character("Y")].contains(key) }
}
