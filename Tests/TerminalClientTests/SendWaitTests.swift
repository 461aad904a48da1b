import Statements
import Testing
import UnlockAgent

@testable import DeviceKit
@testable import TerminalClient

/// What whoever waits at `send --wait` is told, and when.
@Suite struct SendWaitTests {
    private let now = ScreenStage.start

    private func state(_ state: String) -> SentState {
        SentState(
            message: .make(at: now), member: .random(), urgency: .emergent, at: now, expires: nil, manifestHash: nil,
            index: 1, state: state, facts: [], devices: [], reference: nil, forwards: [], replies: [])
    }

    @Test func itIsSaidWhenItIsTimeToTelephone() {
        let later = now.adding(seconds: 60)
        func why(_ word: String, expires: Timestamp?, isOverdue: Bool) -> String? {
            AnswerWatcher.whyNow(state(word), expires: expires, isOverdue: isOverdue, at: now)
        }
        #expect(why("waiting", expires: later, isOverdue: false) == nil)
        #expect(why("waiting", expires: later, isOverdue: true) == "NO DEVICE HAS IT")
        #expect(why("delivered", expires: later, isOverdue: true) == "NOBODY ANSWERED IN TIME")
        #expect(why("waiting", expires: now, isOverdue: true) == "EXPIRED")
        #expect(
            AnswerWatcher.alarm("EXPIRED", at: now) == "\(WallClock.here.second(now)) EXPIRED: CALL BY TELEPHONE NOW")
        let ended = SendCommand.unanswered(state("waiting").message, seconds: nil, "waiting")
        #expect(ended.message.hasSuffix(" before it EXPIRED (state: waiting)") && ended.next == "CALL BY TELEPHONE")
    }

    /// That it left looks like success while nobody has it.
    @Test func sendSaysByWhenToTelephone() {
        let later = now.adding(seconds: 300)
        #expect(
            SendCommand.telephone("Dr. Max", at: later, now: now)
                == "If nobody has answered by \(ClockTime.text(later, now: now)), TELEPHONE Dr. Max.")
        #expect(SendCommand.telephone("Dr. Max", at: now, now: later).hasSuffix(": TELEPHONE Dr. Max now."))
    }

    /// Whoever is refused must not have to guess.
    @Test func whatNeverLeftIsSaidToBeNotSent() {
        func said(_ code: DeviceKitError.Code, _ category: DeviceKitError.Category, _ message: String) -> String {
            SendCommand.saying(DeviceKitError(code, category, message, next: "x")).message
        }
        #expect(said("no_such_member", .notFound, "no such member") == "NOT SENT: no such member")
        #expect(said("empty_text", .usage, "the text is empty") == "NOT SENT: the text is empty")
        #expect(said("no_device", .failed, "no device") == "NOT SENT: no device")
        #expect(said("unsent", .usage, "NOT SENT, and nothing is kept") == "NOT SENT, and nothing is kept")
        // What may have left is not said to be here.
        #expect(said("unanswered", .failed, "nobody acknowledged") == "nobody acknowledged")
        #expect(said("bad_proof", .verification, "the proof") == "the proof")
    }

    @Test func thatNoDeviceHasItIsSaidOnceWhileItIsWaited() {
        var plan = UndeliveredPlan()
        let waiting = state("waiting")
        let news = [29, 30, 31].map {
            plan.isNews(waiting, isAlarm: false, now: now.adding(seconds: $0))
        }
        #expect(news == [false, true, false])
        let delivered = plan.isNews(state("delivered"), isAlarm: false, now: now.adding(seconds: 40))
        #expect(!delivered)
    }

    /// Not every command may be repeated when the lock ended it.
    @Test func theLockTellsWhatBecameOfTheMessage() {
        let step = StepAtLock()
        let locked = Leash.locked(.idle)
        #expect(step.applied(to: locked).next == locked.next)
        step.say(SendCommand.lockedBeforeSent)
        #expect(step.applied(to: locked).next.hasPrefix("NOT CERTAIN that it was sent: CALL BY TELEPHONE"))
        let message = state("waiting").message
        step.say(SendCommand.lockedAfterSent(message))
        let ended = step.applied(to: locked)
        #expect(ended.message == locked.message && ended.category == .locked)
        #expect(ended.next.hasPrefix("the message STAYS SENT, do not send it again"))
        #expect(ended.next.hasSuffix("then \"nightbell sent \(message)\""))
        #expect(!ended.next.contains("repeat the command"))
        #expect(step.applied(to: Leash.locked(.revoked)).next == Leash.locked(.revoked).next)
    }
}
