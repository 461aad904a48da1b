import DeviceKit
import Statements
import TerminalScreen
import UnlockAgent

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a terminal shows while the profile is locked: constant text, the passphrase unseen, and the bell.
final class LockedScreen {
    enum Keys {
        case nothing
        case leave
        case unlock(UnlockSource)
    }

    /// 3 s: how often an emergent message rings until somebody unlocks.
    private static let ringMilliseconds: Int32 = 3_000

    fileprivate let context: CommandContext
    private let surface: Supervised.Surface
    private let terminal: TerminalState?
    private var words: LockedWords
    /// What was told last where lines are printed: the same is not said twice.
    private var said: String?
    private let typed = TypedPassphrase()
    /// Whether Ctrl-C was pressed just before.
    private var isAsked = false

    init(
        context: CommandContext, surface: Supervised.Surface, terminal: TerminalState?, reason: LockReason?,
        hasAgent: Bool, awaited: Int, late: Int, left: WorkerProcess?
    ) {
        self.context = context
        self.surface = surface
        self.terminal = terminal
        let needsKeyFile =
            !context.hasUnlockFile && ProfileInspection(context.profileDirectory).lock == .keyFile
        words = LockedWords(
            reason: reason, hasAgent: hasAgent, awaited: awaited, hasUnlockFile: context.hasUnlockFile,
            needsKeyFile: needsKeyFile,
            command: "nightbell unlock\(context.console.profile.option)\(needsKeyFile ? " --key-file FILE" : "")")
        words.late = late
        words.lostWords = left?.isWriting ?? false
        words.unsent = left?.unsent ?? 0
        words.waiting = left?.waiting
    }

    var reason: LockReason? { words.reason }
    /// The urgency of what waits, by its place in the list of all.
    var waiting: UInt8? { words.waiting }

    /// Whether somebody can type the passphrase here.
    ///
    /// Not while another program has the terminal: what is typed then is its, and would be shown there. Where the terminal
    /// controls nobody here (`su -c`, `setsid`), nothing tells who else reads: a screen has it for itself, lines leave it alone.
    var takesKeys: Bool {
        hasTerminal && (surface == .fullScreen ? TerminalScreen.isInForeground : tcgetpgrp(STDIN_FILENO) == getpgrp())
    }
    private var hasTerminal: Bool { terminal != nil && !context.console.isJSON }
    /// Whether the terminal was set for them.
    private var isTakingKeys = false

    /// How long to wait for anything; -1: until it happens.
    var pause: Int32 { words.hasAgent && words.waiting != 0 && takesKeys == hasTerminal ? -1 : Self.ringMilliseconds }

    /// The shell may have given the terminal to another program, or back.
    func followForeground() {
        guard takesKeys != isTakingKeys else { return }
        beginTakingKeys()
        draw()
    }

    private func beginTakingKeys() {
        isTakingKeys = takesKeys
        guard isTakingKeys else { return }
        if surface == .fullScreen { terminal?.showFreshScreen() }
        terminal?.readKeys()
    }

    func show() {
        if context.console.isJSON {
            context.console.result(
                [
                    "event": "locked", "reason": .string(words.reason.map { "\($0)" } ?? "before"),
                    "message": .string(words.sentence), "awaited": .integer(words.awaited),
                ],
                human: "")
        } else if surface == .lines {
            context.console.warn(words.sentence)
            context.console.warn(words.ringingSentence)
            if let sentence = words.awaitedSentence { context.console.warn(sentence) }
            if words.lostWords { context.console.warn(LockedWords.lost) }
            if let sentence = words.unsentSentence { context.console.warn(sentence) }
        }
        beginTakingKeys()
        // Whoever has the terminal meanwhile: what the worker drew on it goes.
        if hasTerminal, !isTakingKeys, surface == .fullScreen { terminal?.leaveScreen() }
        draw()
    }

    /// What the terminal showed before is cut off, or lies elsewhere.
    func resized() { draw() }

    /// Something waits, said without a name, and rung; or nothing waits any more.
    func rang(_ urgency: UInt8?) {
        let wasWaiting = words.waiting != nil
        words.waiting = urgency
        guard let urgency else {
            guard wasWaiting else { return draw() }
            return tell(
                ["event": "ring", "urgency": .null, "message": .string(words.nothingWaits)], words.nothingWaits)
        }
        let sentence = LockedWords.ringing(urgency)
        tell(
            ["event": "ring", "urgency": .string(LockedWords.word(urgency)), "message": .string(sentence)], sentence)
        bell()
    }

    /// A page came.
    func paged() {
        tell(["event": "page", "message": .null, "text": .string(RingText.page)], RingText.page)
        bell()
    }

    /// The time of messages that were sent from here is over, and no answer is known, or that of calls that were promised.
    func passed(_ overdue: LockedDeadlines.Overdue) {
        words.overdue = overdue
        let sentence = LockedWords.sentences(overdue).joined(separator: ". ")
        tell(
            [
                "event": "overdue", "messages": .integer(overdue.messages), "promised": .integer(overdue.promises),
                "message": .string(sentence),
            ], sentence)
        bell()
    }

    /// What is new: on the screen, in a line before the prompt, or as a warning for whoever looks at neither.
    private func tell(_ event: JSONValue, _ sentence: String) {
        if context.console.isJSON {
            context.console.result(event, human: "")
        } else if !takesKeys {
            context.console.warn(sentence)
        } else if surface == .lines {
            if sentence != said { print(sentence) }
            said = sentence
        }
        draw()
    }

    /// Whether anything can ring here.
    func changed(_ link: RingLink) {
        guard link != words.link else { return }
        // That it rings was said when it was locked.
        let isNews = context.console.isJSON || link != .listening || words.link != nil
        words.link = link
        guard isNews else { return draw() }
        tell(
            ["event": "ring_link", "state": .string("\(link)"), "message": .string(words.linkSentence)],
            words.linkSentence)
        if link != .listening { ringOnceMore() }
    }

    /// What waits cannot be rung for any more.
    private func ringOnceMore() { if words.waiting != nil { bell() } }

    /// An emergent message goes on ringing.
    func remind() {
        if words.waiting == 0 { bell() }
    }

    /// There is one again, and it is locked.
    /// - Parameter reason: If that is known.
    func foundAgent(_ reason: LockReason?) {
        words.hasAgent = true
        if let reason { words.reason = reason }
        draw()
    }

    func lostAgent() {
        (words.hasAgent, words.reason) = (false, .ending)
        tell(["event": "ring_link", "state": "over", "message": .string(LockedWords.noAgent)], LockedWords.noAgent)
        ringOnceMore()
    }

    /// The passphrase was not the one, or the agent did not take it.
    func refused(_ error: DeviceKitError) {
        remark(error.message + "; " + error.next)
    }

    private func remark(_ remark: String?) {
        words.remark = remark
        if surface == .lines, takesKeys, let remark { print(remark) }
        draw()
    }

    /// Somebody has left it, and the terminal is the shell's.
    func sayFarewell() {
        context.console.warn(words.farewell)
        if let sentence = words.unsentSentence { context.console.warn(sentence) }
    }

    func leave() {
        typed.clear()
        if context.console.isJSON { context.console.result(["event": "unlocked"], human: "") }
        if takesKeys { terminal?.restore(leaving: surface) }
        if takesKeys, surface == .lines { TerminalState.put("\n") }
    }

    /// Takes what was typed. Nothing of it is shown.
    func takeKeys() -> Keys {
        var byte: UInt8 = 0
        guard unsafe read(STDIN_FILENO, &byte, 1) == 1 else { return .leave }
        let wasAsked = isAsked
        isAsked = false
        switch typed.press(byte) {
        case .interrupted:
            // Whoever silences what they take for a noisy screen is never rung again.
            guard !wasAsked else { return .leave }
            isAsked = true
            remark(LockedWords.leaving)
            return .nothing
        case .entered where !words.needsKeyFile:
            words.remark = "unlocking…"
            draw()
            words.remark = nil
            let handed = typed.hand()
            return .unlock(context.hasUnlockFile ? context.unlockSource() : .ask { _ in handed.take() })
        case .entered, .taken:
            if wasAsked { remark(nil) }
            return .nothing
        }
    }

    private func bell() {
        if !context.console.isJSON { TerminalState.put("\u{07}") }
    }

    private func draw() {
        guard takesKeys else { return }
        guard surface == .lines else {
            let lines = words.screen(columns: Console.terminalColumns() ?? 80)
            return TerminalState.put("\u{1B}[2J\u{1B}[H" + lines.joined(separator: "\r\n"))
        }
        // Written over in place; what is new stands in lines of its own before it.
        TerminalState.put("\r\u{1B}[K" + words.prompt)
    }

    private func print(_ news: String) {
        let lines = TextWrap.lines(
            SafeText.line(news), first: "", rest: "  ", columns: (Console.terminalColumns() ?? 80) - 1)
        TerminalState.put("\r\u{1B}[K" + lines.joined(separator: "\r\n") + "\r\n")
    }
}
