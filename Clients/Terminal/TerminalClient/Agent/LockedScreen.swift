import DeviceKit
import Secrets
import Statements
import Synchronization
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
    private var typed: [UInt8] = []
    /// Within a key that sends more than one byte, such as an arrow.
    private var sequence = Sequence.none

    private enum Sequence {
        case none, escape, inside
    }

    init(
        context: CommandContext, surface: Supervised.Surface, terminal: TerminalState?, reason: LockReason?,
        hasAgent: Bool, awaited: Int = 0
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
        typed.reserveCapacity(Passphrase.maximumByteCount)
    }

    deinit { wipe(&typed) }

    var reason: LockReason? { words.reason }

    /// Whether somebody can type the passphrase here.
    ///
    /// Not while another program has the terminal: what is typed then is its, and would be shown there.
    var takesKeys: Bool { hasTerminal && tcgetpgrp(STDIN_FILENO) == getpgrp() }
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
        }
        beginTakingKeys()
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
                ["event": "ring", "urgency": .null, "message": .string(LockedWords.nothingWaits)],
                LockedWords.nothingWaits)
        }
        let sentence = LockedWords.ringing(urgency)
        tell(
            ["event": "ring", "urgency": .string(LockedWords.word(urgency)), "message": .string(sentence)], sentence)
        bell()
    }

    /// Of so many messages that were sent from here the time is over, and no answer is known.
    func passed(_ count: Int) {
        words.overdue = count
        let sentence = LockedWords.overdue(count)
        tell(["event": "overdue", "messages": .integer(count), "message": .string(sentence)], sentence)
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
        let remark = error.message + "; " + error.next
        words.remark = remark
        if surface == .lines, takesKeys { print(remark) }
        draw()
    }

    func leave() {
        wipe(&typed)
        if context.console.isJSON { context.console.result(["event": "unlocked"], human: "") }
        if takesKeys { terminal?.restore(leaving: surface) }
        if takesKeys, surface == .lines { TerminalState.put("\n") }
    }

    /// Takes what was typed. Nothing of it is shown.
    func takeKeys() -> Keys {
        var byte: UInt8 = 0
        guard unsafe read(STDIN_FILENO, &byte, 1) == 1 else { return .leave }
        if isPartOfAKey(byte) { return .nothing }
        switch byte {
        case 3, 4: return .leave
        case 8, 127:
            // A whole character of UTF-8.
            while let last = typed.popLast(), last & 0xC0 == 0x80 {}
        case 21:
            wipe(&typed)
            typed.reserveCapacity(Passphrase.maximumByteCount)
        case _ where words.needsKeyFile: break
        case 10, 13:
            words.remark = "unlocking…"
            draw()
            words.remark = nil
            let box = TypedPassphrase(moving: &typed)
            typed.reserveCapacity(Passphrase.maximumByteCount)
            return .unlock(context.hasUnlockFile ? context.unlockSource() : .ask { _ in try box.take() })
        // Nobody types these for a passphrase, and nobody sees that they got into one.
        case 0..<32: break
        default:
            if typed.count < Passphrase.maximumByteCount { typed.append(byte) }
        }
        return .nothing
    }

    /// Arrows and their like begin with ESC, and end with a letter or a tilde (ECMA-48, CSI and SS3).
    private func isPartOfAKey(_ byte: UInt8) -> Bool {
        switch sequence {
        case .none:
            guard byte == 27 else { return false }
            sequence = .escape
        case .escape:
            guard byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") else {
                sequence = byte == 27 ? .escape : .none
                return byte == 27
            }
            sequence = .inside
        case .inside: if (0x40...0x7E).contains(byte) { sequence = .none }
        }
        return true
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

/// A passphrase on its way from the keys to the one who needs it, once.
private final class TypedPassphrase: Sendable {
    private let bytes: Mutex<[UInt8]>

    init(moving typed: inout [UInt8]) {
        bytes = Mutex(typed)
        wipe(&typed)
    }

    func take() throws -> Passphrase {
        var taken = bytes.withLock { bytes in
            defer { wipe(&bytes) }
            return bytes
        }
        return Passphrase(moving: &taken)
    }
}
