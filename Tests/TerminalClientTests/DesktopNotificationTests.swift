import Statements
import Synchronization
import Testing

@testable import TerminalClient

/// What stands on the desktop, whoever is killed: no name longer than the profile is unlocked.
@Suite struct DesktopNotificationTests {
    /// A desktop that notes what it shows under which number.
    private final class Screen: Sendable {
        struct State {
            var texts: [UInt32: String] = [:]
            var critical: Set<UInt32> = []
            var last: UInt32 = 0
            /// Each call, in its order.
            var calls: [String] = []
        }

        let state = Mutex(State())
        let isThere: Bool

        init(isThere: Bool = true) { self.isThere = isThere }

        var desktop: Desktop {
            Desktop(
                show: { text, isCritical, earlier in
                    guard self.isThere else { return nil }
                    return self.state.withLock { state in
                        let number = earlier == 0 ? state.last + 1 : earlier
                        state.last = max(state.last, number)
                        state.texts[number] = text
                        if isCritical { state.critical.insert(number) } else { state.critical.remove(number) }
                        state.calls.append("show \(number) \(text)")
                        return number
                    }
                },
                close: { number in
                    self.state.withLock { state in
                        state.critical.remove(number)
                        state.texts[number] = nil
                        state.calls.append("close \(number)")
                    }
                })
        }

        var texts: [UInt32: String] { state.withLock { $0.texts } }
        var calls: [String] { state.withLock { $0.calls } }

        func note(_ word: WorkerWord) { state.withLock { $0.calls.append("told \(word.kind) \(word.number)") } }
    }

    private let named = "Emergent message from Front Desk."

    private func ringing(_ number: UInt8, _ urgency: Urgency = .emergent, text: String? = nil) -> RingPlan.Ringing {
        RingPlan.Ringing(
            message: MessageID(bytes: [UInt8](repeating: number, count: 16)), urgency: urgency, text: text ?? named,
            expires: Timestamp(milliseconds: 0), again: nil)
    }

    // MARK: The worker

    @Test func noNameIsShownBeforeItsNumberIsKnownToWhoOutlivesThis() {
        let screen = Screen()
        let notifications = MessageNotifications(
            screen.desktop,
            tell: {
                screen.note($0)
                return true
            })
        #expect(notifications.show(ringing(1)))
        #expect(screen.calls == ["show 1 \(RingText.constant)", "told critical 1", "show 1 \(named)"])
        // Again, it takes the same place.
        #expect(notifications.show(ringing(1)))
        #expect(notifications.show(ringing(2, .routine, text: RingText.constant)))
        #expect(screen.texts == [1: named, 2: RingText.constant])
        notifications.close(ringing(1).message)
        notifications.close(ringing(1).message)
        #expect(
            screen.calls.dropFirst(3) == [
                "show 1 \(named)", "show 2 \(RingText.constant)", "told shown 2", "close 1", "told gone 1",
            ])
    }

    @Test func whoeverIsNotToldSeesNoNameShown() {
        let screen = Screen()
        let isHeard = Mutex(false)
        let notifications = MessageNotifications(screen.desktop, tell: { _ in isHeard.withLock { $0 } })
        // However often it rings.
        for _ in 0..<2 {
            #expect(notifications.show(ringing(1)))
            #expect(screen.texts == [1: RingText.constant])
        }
        isHeard.withLock { $0 = true }
        #expect(notifications.show(ringing(1)))
        #expect(screen.texts == [1: named])
    }

    @Test func withoutASupervisorTheNameIsShownAtOnce() {
        let screen = Screen()
        #expect(MessageNotifications(screen.desktop, tell: nil).show(ringing(1)))
        #expect(screen.calls == ["show 1 \(named)"])
        #expect(!MessageNotifications(Screen(isThere: false).desktop, tell: nil).show(ringing(1)))
        #expect(!MessageNotifications(Screen(isThere: false).desktop, tell: { _ in true }).show(ringing(1)))
    }

    /// What comes while nothing can be stored is not known, and may be emergent.
    @Test func aDeviceThatReceivesNothingRings() async throws {
        let screen = Screen()
        let bells = Mutex(0)
        var means = Ringer.Means()
        means.desktop = screen.desktop
        means.bell = { bells.withLock { $0 += 1 } }
        let ringer = Ringer(means)
        let start = ContinuousClock.now
        // At each try to connect: once, and again after five minutes.
        for seconds in [0, 30, 299, 300, 599] { ringer.receivesNothing(at: start + .seconds(seconds)) }
        ringer.finishShowing()
        #expect(bells.withLock { $0 } == 2)
        #expect(screen.texts == [1: RingText.blocked])
        ringer.receivesAgain()
        ringer.finishShowing()
        #expect(screen.texts == [:])
        ringer.receivesNothing(at: start + .seconds(600))
        #expect(bells.withLock { $0 } == 3)
    }

    // MARK: Its supervisor

    private func ringer(_ screen: Screen) -> LockedRinger {
        var means = Ringer.Means()
        means.desktop = screen.desktop
        return LockedRinger(means)
    }

    /// What a worker has shown, and told in these pieces.
    private func shown(_ screen: Screen, _ kinds: [WorkerWord.Kind], to ringer: LockedRinger, pieces: Int) {
        var words: [UInt8] = []
        for kind in kinds { words += WorkerWord(kind, screen.desktop.show(named, kind == .critical, 0) ?? 0).bytes }
        var heard = WorkerWords()
        while !words.isEmpty {
            for word in heard.heard(Array(words.prefix(pieces))) { ringer.heard(word) }
            words.removeFirst(min(pieces, words.count))
        }
    }

    @Test(arguments: [1, 3, 5, 7, 4096])
    func whatAWorkerHasShownGoesWithIt(_ pieces: Int) {
        let screen = Screen()
        let ringer = ringer(screen)
        shown(screen, [.shown, .critical, .shown], to: ringer, pieces: pieces)
        ringer.workerEnded()
        ringer.finish()
        #expect(screen.texts == [1: RingText.constant])
        #expect(screen.state.withLock { $0.critical } == [1])
        // It rings on in the same place, and goes when nothing waits or somebody unlocks.
        ringer.ring(0)
        ringer.ring(3)
        ringer.finish()
        #expect(screen.texts == [1: RingText.constant])
        #expect(screen.state.withLock { $0.critical } == [])
        ringer.ring(nil)
        ringer.unlocked()
        ringer.finish()
        #expect(screen.texts == [:])
        #expect(screen.calls.filter { $0 == "close 1" }.count == 1)
        // The next worker's are not confused with it.
        ringer.workerEnded()
        ringer.finish()
        #expect(screen.texts == [:])
    }

    @Test func whatWasAnsweredIsNotShownAgain() {
        let screen = Screen()
        let ringer = ringer(screen)
        shown(screen, [.critical], to: ringer, pieces: 5)
        screen.desktop.close(1)
        ringer.heard(WorkerWord(.gone, 1))
        ringer.workerEnded()
        ringer.finish()
        #expect(screen.texts == [:])
    }

    @Test func aWordIsReadAsItWasWritten() {
        for word in [WorkerWord(.critical, .max), WorkerWord(.shown, 0x0102_0304), WorkerWord(.gone, 0)] {
            #expect(WorkerWord(word.bytes[...]) == word)
        }
        #expect(WorkerWord(.shown, 0x0102_0304).bytes == [1, 1, 2, 3, 4])
        #expect(WorkerWord([99, 0, 0, 0, 1]) == nil && WorkerWord([1, 0, 0, 0]) == nil)
        var words = WorkerWords()
        #expect(words.heard([99, 0, 0, 0, 1, 4, 0, 0]) == [])
        #expect(words.heard([0, 7]) == [WorkerWord(.deadline, 7)])
    }

    @Test func whatWasSentFromHereRingsInTheSamePlace() {
        let screen = Screen()
        let ringer = ringer(screen)
        ringer.ring(3)
        ringer.ringOverdue(LockedDeadlines.Overdue(messages: 1))
        ringer.finish()
        #expect(screen.texts == [1: RingText.overdue])
        #expect(screen.state.withLock { $0.critical } == [1])
        // That nothing waits here does not answer it.
        ringer.ring(nil)
        ringer.finish()
        #expect(screen.texts == [1: RingText.overdue])
        ringer.unlocked()
        ringer.finish()
        #expect(screen.texts == [:])
    }
}
