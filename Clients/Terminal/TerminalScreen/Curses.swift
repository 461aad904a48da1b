import CNcurses

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The ncurses library, as far as it is used. All of it on one thread at a time, the library keeps its state for itself.
struct Curses: Sendable {
    private let needs: TerminalNeeds
    private let hasColour: Bool
    private static let escapeMilliseconds: Int32 = 25

    /// Looks whether the terminal can show a screen.
    static func check(_ environment: [String: String]) throws(TerminalError) -> Curses {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw TerminalError(
                code: "no_terminal", message: "the screen needs a terminal for its input and output",
                next: "start it at a terminal, without redirection; for scripts there is \"nightbell watch --json\"")
        }
        // In the background it would draw over what the shell shows there.
        guard TerminalScreen.isInForeground else {
            throw TerminalError(
                code: "no_terminal",
                message: "the screen cannot run in the background: the terminal is another program's",
                next: "start it without \"&\"; to be rung in the background there is \"nightbell watch\"")
        }
        let name = environment["TERM"] ?? ""
        _ = Columns.isPrepared
        var problem: Int32 = 0
        guard !name.isEmpty else { throw unsuitable("TERM is not set: what the terminal can show is not known") }
        let type = "of the type \"\(name.prefix(40))\""
        let isKnown = unsafe setupterm(name, STDOUT_FILENO, &problem) == 0
        // 1: it is known, as one that prints on paper.
        guard isKnown || name == "dumb" || problem == 1 else {
            throw unsuitable("no terminal \(type) is known on this machine")
        }
        guard isKnown, name != "dumb", let needs = TerminalNeeds(capability) else {
            throw unsuitable("a terminal \(type) cannot show a screen as this one needs it")
        }
        return Curses(needs: needs, hasColour: (environment["NO_COLOR"] ?? "").isEmpty)
    }

    private static func unsuitable(_ message: String) -> TerminalError {
        TerminalError(
            code: "terminal_unsuitable", message: message,
            next:
                "say what the terminal is: TERM=xterm-256color nightbell ui (that fits nearly every one of today); or use "
                + "\"nightbell watch\"")
    }

    static func unusable(_ cause: String) -> TerminalError {
        TerminalError(
            code: "terminal_unsuitable", message: "the terminal cannot be used: \(cause)",
            next: "try another terminal, or use \"nightbell watch\"")
    }

    static func closeAll(_ descriptors: [Int32]) { for descriptor in descriptors { _ = close(descriptor) } }

    private static func capability(_ name: String) -> [UInt8]? {
        guard let text = unsafe tigetstr(name), Int(bitPattern: text) != -1 else { return nil }
        return unsafe UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
    }

    /// What gives the terminal its main screen back, for whoever cannot ask the library any more.
    var restoring: [CChar] { needs.restoring.map { CChar(bitPattern: $0) } }

    private func put(_ bytes: [UInt8]) { _ = unsafe write(STDOUT_FILENO, bytes, bytes.count) }

    /// Opens the screen.
    func start() throws(TerminalError) {
        put(needs.entering)
        guard unsafe nightbell_curses_open() != nil else {
            put(needs.leaving)
            throw Self.unusable("ncurses cannot open it")
        }
        cbreak()
        noecho()
        nonl()
        takeStopKeys()
        curs_set(0)
        set_escdelay(Self.escapeMilliseconds)
        unsafe keypad(nightbell_curses_window(), true)
        unsafe nodelay(nightbell_curses_window(), true)
        guard hasColour, has_colors() else { return }
        start_color()
        use_default_colors()
        let colours: [(Style.Tint, Int32)] = [
            (.danger, COLOR_RED), (.caution, COLOR_YELLOW), (.good, COLOR_GREEN), (.quiet, COLOR_CYAN),
        ]
        for (tint, colour) in colours { init_pair(Int16(tint.rawValue), Int16(colour), -1) }
    }

    /// Ctrl-Z, Ctrl-C and Ctrl-S arrive as keys: a screen that is stopped or left rings nobody, and one that is held goes on
    /// showing what it showed. Ctrl-\ goes on ending it.
    private func takeStopKeys() {
        var settings = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        unsafe withUnsafeMutableBytes(of: &settings.c_cc) { keys in
            for key in [VSUSP, VINTR] { unsafe keys[Int(key)] = Self.noKey }
        }
        settings.c_iflag &= ~tcflag_t(IXON)
        guard unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return }
        // What the library sets anew when it has the terminal back after a pause.
        def_prog_mode()
    }

    /// In place of a key that does something: none does.
    #if canImport(Darwin)
        private static let noKey: UInt8 = 0xFF
    #else
        private static let noKey: UInt8 = 0
    #endif

    /// Gives the terminal back, for good or for a while.
    func end() {
        endwin()
        put(needs.leaving)
    }

    /// Takes it again, and draws all of it anew.
    func resume(_ frame: Frame?) {
        put(needs.entering)
        unsafe clearok(nightbell_curses_screen(), true)
        if let frame { draw(frame) }
    }

    var size: (columns: Int, rows: Int) {
        unsafe (Int(getmaxx(nightbell_curses_window())), Int(getmaxy(nightbell_curses_window())))
    }

    /// Learns a new size from the terminal.
    func takeSize() {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return
        }
        resizeterm(Int32(size.ws_row), Int32(size.ws_col))
    }

    func ring() { beep() }

    // MARK: Drawing

    func draw(_ frame: Frame) {
        let window = unsafe nightbell_curses_window()
        unsafe werase(window)
        let size = size
        for row in 0..<min(frame.rows, size.rows) {
            var column = 0
            let end = min(frame.columns, size.columns)
            while column < end {
                let style = frame[column, row].style
                let first = column
                var text: [wchar_t] = []
                while column < end, frame[column, row].style == style {
                    text += frame[column, row].text.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
                    column += 1
                }
                unsafe wmove(window, Int32(row), Int32(first))
                unsafe wattr_set(window, attributes(style), Int16(hasColour ? style.tint.rawValue : 0), nil)
                unsafe waddnwstr(window, text, Int32(text.count))
            }
        }
        if let cursor = frame.cursor, cursor.column < size.columns, cursor.row < size.rows {
            unsafe wmove(window, Int32(cursor.row), Int32(cursor.column))
            curs_set(1)
        } else {
            curs_set(0)
        }
        unsafe wrefresh(window)
    }

    private func attributes(_ style: Style) -> UInt32 {
        var bits: UInt32 = 0
        if style.isBold { bits |= nightbell_curses_bold() }
        if style.isDim { bits |= nightbell_curses_dim() }
        if style.isReversed { bits |= nightbell_curses_reverse() }
        if style.isUnderlined { bits |= nightbell_curses_underline() }
        return bits
    }

    // MARK: Keys

    /// Every key that has arrived.
    ///
    /// Byte by byte: the library's own decoding throws away, without a word, all that is pasted behind a byte that is not UTF-8.
    func keys() -> [Key] {
        var keys: [Key] = []
        var bytes = TypedBytes()
        func end() {
            keys += bytes.cutOff()
            bytes = TypedBytes()
        }
        while true {
            let code = unsafe wgetch(nightbell_curses_window())
            if code == ERR {
                // The rest of a character may be under way.
                if bytes.isWithinCharacter, isMoreComing() { continue }
                end()
                return keys
            }
            if let byte = UInt8(exactly: code) {
                keys += bytes.heard(byte)
            } else {
                end()
                if let key = Self.named(code) { keys.append(key) }
            }
        }
    }

    private func isMoreComing() -> Bool {
        var typed = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&typed, 1, Self.escapeMilliseconds) == 1 && Int32(typed.revents) & POLLIN != 0
    }

    private static func named(_ code: Int32) -> Key? {
        switch code {
        case KEY_UP: .up
        case KEY_DOWN: .down
        case KEY_LEFT: .left
        case KEY_RIGHT: .right
        case KEY_PPAGE: .pageUp
        case KEY_NPAGE: .pageDown
        case KEY_HOME: .home
        case KEY_END: .end
        case KEY_ENTER: .enter
        case KEY_BACKSPACE: .backspace
        case KEY_DC: .delete
        default: nil
        }
    }
}
