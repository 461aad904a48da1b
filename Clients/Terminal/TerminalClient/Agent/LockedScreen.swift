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
    private(set) var reason: LockReason?
    private var hasAgent: Bool
    private var waiting: UInt8?
    private var remark: String?
    private var link: RingLink?
    /// How many messages that were sent from here wait for an answer, and of how many the time is over.
    private let awaited: Int
    private var overdue = 0
    private var typed: [UInt8] = []
    /// Within a key that sends more than one byte, such as an arrow.
    private var sequence = Sequence.none

    private enum Sequence {
        case none, escape, inside
    }
    /// Whether only a key file opens the profile, and none was named here: nothing that is typed could.
    fileprivate let needsKeyFile: Bool

    init(
        context: CommandContext, surface: Supervised.Surface, terminal: TerminalState?, reason: LockReason?,
        hasAgent: Bool, awaited: Int = 0
    ) {
        self.context = context
        self.surface = surface
        self.terminal = terminal
        self.reason = reason
        self.hasAgent = hasAgent
        self.awaited = awaited
        needsKeyFile = !context.hasUnlockFile && ProfileInspection(context.profileDirectory).lock == .keyFile
        typed.reserveCapacity(Passphrase.maximumByteCount)
    }

    deinit { wipe(&typed) }

    /// Whether somebody can type the passphrase here.
    ///
    /// Not while another program has the terminal: what is typed then is its, and would be shown there.
    var takesKeys: Bool { hasTerminal && tcgetpgrp(STDIN_FILENO) == getpgrp() }
    private var hasTerminal: Bool { terminal != nil && !context.console.isJSON }
    /// Whether the terminal was set for them.
    private var isTakingKeys = false

    /// How long to wait for anything; -1: until it happens.
    var pause: Int32 { hasAgent && waiting != 0 && takesKeys == hasTerminal ? -1 : Self.ringMilliseconds }

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
                    "event": "locked", "reason": .string(reason.map { "\($0)" } ?? "before"),
                    "message": .string(sentence), "awaited": .integer(awaited),
                ],
                human: "")
        } else if surface == .lines {
            context.console.warn(sentence)
            if let sentence = awaitedSentence { context.console.warn(sentence) }
        }
        beginTakingKeys()
        draw()
    }

    /// What the terminal showed before is cut off, or lies elsewhere.
    func resized() { draw() }

    /// Something waits, said without a name, and rung; or nothing waits any more.
    func rang(_ urgency: UInt8?) {
        let wasWaiting = waiting != nil
        waiting = urgency
        guard let urgency else {
            if wasWaiting, context.console.isJSON {
                context.console.result(
                    ["event": "ring", "urgency": .null, "message": "nothing waits for an answer any more"], human: "")
            }
            return draw()
        }
        if context.console.isJSON {
            context.console.result(
                ["event": "ring", "urgency": .string(Self.word(urgency)), "message": .string(Self.ringing(urgency))],
                human: "")
        }
        draw()
        bell()
    }

    /// Of so many messages that were sent from here the time is over, and no answer is known.
    func passed(_ count: Int) {
        overdue = count
        announce(
            ["event": "overdue", "messages": .integer(count), "message": .string(Self.overdue(count))],
            Self.overdue(count))
        draw()
        bell()
    }

    /// For whoever does not look at what is drawn.
    private func announce(_ event: JSONValue, _ sentence: String) {
        if context.console.isJSON {
            context.console.result(event, human: "")
        } else if !takesKeys {
            context.console.warn(sentence)
        }
    }

    /// Whether anything can ring here.
    func changed(_ link: RingLink) {
        guard link != self.link else { return }
        self.link = link
        if context.console.isJSON {
            context.console.result(
                ["event": "ring_link", "state": .string("\(link)"), "message": .string(linkSentence)], human: "")
        }
        draw()
    }

    private var linkSentence: String {
        switch link {
        case .listening, nil: "messages are kept, and those that wait still ring"
        case .down: "the relay cannot be reached: nothing rings here until it can"
        case .over: "nothing rings here any more until it is unlocked"
        }
    }

    /// An emergent message goes on ringing.
    func remind() {
        if waiting == 0 { bell() }
    }

    /// There is one again, and it is locked.
    /// - Parameter reason: If that is known.
    func foundAgent(_ reason: LockReason?) {
        hasAgent = true
        if let reason { self.reason = reason }
        draw()
    }

    func lostAgent() {
        (hasAgent, reason) = (false, .ending)
        announce(["event": "ring_link", "state": "over", "message": .string(Self.noAgent)], Self.noAgent)
        draw()
    }

    /// The passphrase was not the one, or the agent did not take it.
    func refused(_ error: DeviceKitError) {
        remark = error.message + "; " + error.next
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
        case _ where needsKeyFile: break
        case 10, 13:
            remark = "unlocking…"
            draw()
            remark = nil
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

    // MARK: Words

    private var sentence: String {
        let cause = reason.map { "the profile was \($0.sentence)" } ?? "the profile is locked"
        return cause + "; \"\(command)\" opens it again"
    }

    /// What opens it from another terminal.
    fileprivate var command: String {
        "nightbell unlock\(context.console.profile.option)\(needsKeyFile ? " --key-file FILE" : "")"
    }

    private static func word(_ urgency: UInt8) -> String {
        Urgency.allCases.indices.contains(Int(urgency)) ? Urgency.allCases[Int(urgency)].rawValue : "routine"
    }

    /// What is not seen while it is locked; `nil` when nothing is.
    private var awaitedSentence: String? {
        guard awaited > 0 else { return nil }
        let what = awaited == 1 ? "one message that was sent from here" : "\(awaited) messages that were sent from here"
        return "answers are not seen while it is locked: \(what) had none yet, and this rings when their time is over"
    }

    private static let noAgent = "its agent is gone or does not answer: nothing rings here until it is unlocked"

    private static func overdue(_ count: Int) -> String {
        count == 1
            ? "CALL BY TELEPHONE: a message sent from here had no answer when this was locked, and its time is over. "
                + "Unlock to see which"
            : "CALL BY TELEPHONE: \(count) messages sent from here had no answer when this was locked, and their time is "
                + "over. Unlock to see which"
    }

    private static func ringing(_ urgency: UInt8) -> String { "a message waits (\(word(urgency))): unlock to read it" }

    private func bell() {
        if !context.console.isJSON { TerminalState.put("\u{07}") }
    }

    private func draw() {
        guard takesKeys else { return }
        guard surface == .fullScreen else {
            // One line, written over in place.
            let text = remark ?? (overdue > 0 ? Self.overdue(overdue) : waiting.map(Self.ringing))
            let prompt = needsKeyFile ? "" : "Passphrase: "
            return TerminalState.put("\r\u{1B}[K" + (text.map { $0 + "  " } ?? "") + prompt)
        }
        var lines = [
            "", "  Nightbell is locked", "",
            "  " + (reason.map { "It was \($0.sentence)." } ?? "Nobody has unlocked it yet."),
            "  " + (hasAgent ? linkSentence : Self.noAgent).atSentenceStart + ".",
            "",
        ]
        if let waiting { lines += ["  \u{1B}[1m" + Self.ringing(waiting).uppercased() + "\u{1B}[0m", ""] }
        if overdue > 0 {
            lines += ["  \u{1B}[1m" + Self.overdue(overdue) + ".\u{1B}[0m", ""]
        } else if let sentence = awaitedSentence {
            lines += ["  " + sentence.atSentenceStart + ".", ""]
        }
        if let remark { lines += ["  " + SafeText.line(remark), ""] }
        lines += ways
        TerminalState.put("\u{1B}[2J\u{1B}[H" + lines.joined(separator: "\r\n"))
    }
}

extension LockedScreen {
    /// How it is opened.
    fileprivate var ways: [String] {
        if context.hasUnlockFile { return ["  Press Enter to unlock it, Ctrl-C to leave: "] }
        guard needsKeyFile else { return ["  Type the passphrase and press Enter to unlock it, Ctrl-C to leave: "] }
        return [
            "  It is opened with a key file. In another terminal, type", "", "    \(command)", "",
            "  and this screen goes on by itself. Ctrl-C leaves it: ",
        ]
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
