/// A key that was pressed.
public enum Key: Hashable, Sendable {
    case character(Unicode.Scalar)
    case enter, escape, backspace, delete, tab
    case up, down, left, right, pageUp, pageDown, home, end
}

/// What a terminal tells.
public enum TerminalEvent: Hashable, Sendable {
    /// Keys that arrived at once: one that was pressed, or many that were pasted.
    case keys([Key])
    case resized(columns: Int, rows: Int)
    /// The program is asked to end by this signal, or the terminal is gone.
    case ending(signal: Int32)
}

/// Why there is no screen.
public struct TerminalError: Error, Equatable, Sendable {
    /// A stable word.
    public let code: String
    /// The thing and the cause, without a full stop.
    public let message: String
    /// What to do.
    public let next: String

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
