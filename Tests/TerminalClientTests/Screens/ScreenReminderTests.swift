import DeviceKit
import Secrets
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// Acknowledged is not done: what is not closed comes back.
@Suite struct ScreenReminderTests {
    private static let start = ScreenStage.start
    private let other = ListedMessage.sample(3, .urgent, age: 100, state: "acknowledged", taken: TakenUp(since: start))

    private func taken(_ urgency: Urgency = .urgent, ago seconds: Int64, promised: Int64? = nil) -> ListedMessage {
        .sample(
            0, urgency, age: seconds + 60, state: "acknowledged",
            taken: TakenUp(
                since: Self.start.adding(seconds: -seconds), promisedAt: promised.map { Self.start.adding(seconds: $0) }
            ))
    }

    @Test func whatIsNotClosedInThePolicysTimeComesBack() {
        var stage = ScreenStage()
        let message = taken(ago: 14_400 - 30)
        stage.tell(.listed([other, message]))
        #expect(stage.state.messages.map(\.id) == [message.id, other.id])
        stage.wait(seconds: 29)
        #expect(stage.rings == 0)
        #expect(stage.text.contains("close it when done"))
        stage.wait(seconds: 1)
        #expect(stage.rings == 1)
        #expect(stage.text.contains("NOT CLOSED: 4 h"))
        #expect(stage.text.contains("You took up the URGENT message from Night Desk ("))
        // Until somebody looks at it, at the time of its urgency; it never takes the screen.
        stage.wait(seconds: 299)
        #expect(stage.rings == 1)
        stage.wait(seconds: 1)
        #expect(stage.rings == 2)
        #expect(stage.state.alarm == nil)
        stage.press(.home, .enter)
        stage.open(message)
        #expect(stage.text.contains("close it when done"))
        stage.press(.escape)
        stage.forgetActions()
        stage.wait(seconds: 3_600)
        #expect(stage.rings == 0)
        // And again when as much time has passed.
        stage.wait(seconds: 14_400 - 3_600)
        #expect(stage.rings >= 1)
    }

    @Test func whatIsClosedDoesNotComeBack() {
        var stage = ScreenStage()
        var message = taken(ago: 14_390)
        stage.tell(.listed([message]), .signed(.closed, message.id))
        stage.wait(seconds: 60)
        #expect(stage.rings == 0)
        message.state = "closed"
        stage.tell(.message(message))
        stage.wait(seconds: 60)
        #expect(stage.rings == 0)
        #expect(!stage.text.contains("NOT CLOSED"))
    }

    @Test func aPromiseIsRememberedWhenItsTimeComes() {
        var stage = ScreenStage()
        let message = taken(.routine, ago: 60, promised: 120)
        stage.tell(.listed([message]))
        #expect(stage.text.contains("call in 2:00"))
        stage.wait(seconds: 119)
        #expect(stage.rings == 0)
        stage.wait(seconds: 1)
        #expect(stage.rings == 1)
        #expect(
            stage.text.contains("It is time for the call that you promised: open the ROUTINE message from"))
        // A message whose urgency rings once does so here.
        stage.wait(seconds: 300)
        #expect(stage.rings == 1)
        #expect(stage.text.contains("CALL LATE by 5 min"))
        stage.press(.enter)
        stage.open(message)
        // Nobody has called by looking at it.
        #expect(stage.text.contains("acknowledged  ·  CALL LATE by 5 min (you promised 22:09)"))
    }

    @Test func aPromiseThatIsRenewedCountsAnew() {
        var stage = ScreenStage()
        stage.tell(.listed([taken(ago: 60, promised: 10)]))
        stage.wait(seconds: 10)
        #expect(stage.rings == 1)
        stage.tell(.message(taken(ago: 60, promised: 600)))
        #expect(stage.text.contains("call in"))
        stage.wait(seconds: 500)
        #expect(stage.rings == 1)
        stage.wait(seconds: 90)
        #expect(stage.rings == 2)
    }

    @Test func whileItIsOpenTheReminderSaysWhatToPress() {
        var stage = ScreenStage()
        let message = taken(ago: 60, promised: 10)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message)
        stage.wait(seconds: 10)
        #expect(stage.rings == 1)
        #expect(stage.text.contains("It is time for the call that you promised. When everything is done, press c"))
        #expect(stage.text.contains("CALL BACK"))
        // Whoever presses a key has it before them.
        stage.press(.down)
        stage.wait(seconds: 1_000)
        #expect(stage.rings == 1)
    }

    @Test func whoOpensTheScreenSeesWhatIsLateAndIsNotRungFor() {
        var stage = ScreenStage()
        stage.tell(.listed([taken(ago: 20_000), other]))
        #expect(stage.rings == 0)
        #expect(stage.text.contains("NOT CLOSED: 5 h"))
        stage.wait(seconds: 299)
        #expect(stage.rings == 0)
        stage.wait(seconds: 1)
        #expect(stage.rings == 1)
    }

    @Test func whatComesBackStandsAmongWhatWaitsByItsUrgency() {
        var stage = ScreenStage()
        let waiting = ListedMessage.sample(2, .routine, age: 10)
        let back = taken(.emergent, ago: 20_000)
        stage.tell(.listed([back, other, waiting]))
        #expect(stage.state.messages.map(\.id) == [back.id, waiting.id, other.id])
    }

    // MARK: Handed on

    /// Handed on to Dr. Max Moor: until he takes it up, it is still this person's.
    private func handedOn(
        _ state: String, ago seconds: Int64, since: Int64? = nil, number: Int = 0, _ urgency: Urgency = .urgent
    ) -> ListedMessage {
        let at = Self.start.adding(seconds: -seconds)
        return .sample(
            number, urgency, age: seconds + 60, state: "handed_off",
            carriedOn: CarriedOn(
                to: "Dr. Max Moor", state: state, since: since.map { Self.start.adding(seconds: -$0) } ?? at, at: at,
                expires: at.adding(seconds: 86_400)))
    }

    /// Emergent and declined: it takes the screen and rings like one that nobody has opened, until it is looked at.
    @Test func anEmergentOneThatComesBackTakesTheScreen() {
        var stage = ScreenStage(columns: 100)
        let given = handedOn("delivered", ago: 10, .emergent)
        stage.tell(.listed([given]), .tick)
        #expect(stage.state.alarm == nil)
        // It had been opened before it was handed on.
        stage.press(.home, .enter)
        stage.open(given)
        stage.press(.escape)
        stage.forgetActions()
        var back = given
        back.carriedOn = CarriedOn(
            to: "Dr. Max Moor", state: "declined", since: stage.now.adding(seconds: 5), at: given.carriedOn!.at,
            expires: given.expires)
        back.carriedOn?.waitsSince = given.at
        stage.wait(seconds: 5)
        stage.tell(.message(back), .tick)
        #expect(stage.state.alarm?.message == back.id)
        #expect(stage.rings == 1)
        #expect(stage.text.contains("Dr. Max Moor DECLINED it: it is YOURS AGAIN."))
        stage.wait(seconds: 3)
        #expect(stage.rings == 2)
        stage.press(.enter)
        stage.open(back)
        stage.tell(.tick)
        #expect(stage.state.alarm == nil)
        stage.press(.escape)
        stage.tell(.tick)
        #expect(stage.state.alarm == nil)
        // The patient's time goes on where it is said that it came back.
        #expect(stage.text.contains("YOURS, due in 3:4"))
        stage.wait(seconds: 300)
        #expect(stage.state.alarm?.message == back.id)
    }

    /// What comes back while it is open is seen: nothing covers it.
    @Test func whatComesBackInViewCoversNothing() {
        var stage = ScreenStage(columns: 100)
        let given = handedOn("delivered", ago: 10, .emergent)
        stage.tell(.listed([given]))
        stage.press(.home, .enter)
        stage.open(given)
        stage.wait(seconds: 5)
        var back = given
        back.carriedOn = CarriedOn(
            to: "Dr. Max Moor", state: "declined", since: stage.now, at: given.carriedOn!.at, expires: given.expires)
        stage.tell(.message(back), .tick)
        #expect(stage.state.alarm == nil)
        #expect(stage.text.contains("DECLINED by Dr. Max Moor"))
        stage.press(.escape)
        stage.tell(.tick)
        #expect(stage.state.alarm == nil)
    }

    /// Who passes on what they never acknowledged gives the patient no further time.
    @Test func theTimeOfWhatWasNeverAcknowledgedGoesOn() {
        var stage = ScreenStage(columns: 100)
        var message = handedOn("delivered", ago: 30)
        message.carriedOn?.waitsSince = Self.start.adding(seconds: -patience + 30)
        stage.tell(.listed([message]))
        #expect(stage.text.contains("answer in 0:30"))
        stage.wait(seconds: 30)
        #expect(stage.rings == 1)
        // It was over before: this is said, and the other one has the practice's time before it rings here.
        stage = ScreenStage(columns: 100)
        message.carriedOn?.waitsSince = Self.start.adding(seconds: -patience - 60)
        stage.tell(.listed([message]))
        #expect(stage.text.contains("OVERDUE by 60 s"))
        stage.wait(seconds: patience - 31)
        #expect(stage.rings == 0)
        stage.wait(seconds: 1)
        #expect(stage.rings == 1)
    }

    /// 10 minutes, by the standard policy.
    private var patience: Int64 { Int64(Policy().alerts[.urgent]!.nextStepSeconds) }

    @Test func whatNobodyTakesUpInTimeIsStillYours() {
        var stage = ScreenStage(columns: 100)
        let message = handedOn("delivered", ago: patience - 30)
        let done = handedOn("acknowledged", ago: 30, number: 3)
        stage.tell(.listed([done, message, other]))
        #expect(stage.state.messages.map(\.id) == [message.id, other.id, done.id])
        #expect(stage.text.contains("waits for Dr. Max Moor"))
        #expect(!stage.text.contains("NOT TAKEN"))
        #expect(stage.text.contains("handed to Dr. Max Moor"))
        #expect(stage.text.contains("answer in 0:30"))
        stage.wait(seconds: 29)
        #expect(stage.rings == 0)
        stage.wait(seconds: 1)
        #expect(stage.rings == 1)
        #expect(stage.text.contains("Dr. Max Moor has not taken up the URGENT message from Night Desk ("))
        stage.wait(seconds: 60)
        #expect(stage.text.contains("OVERDUE by 60 s"))
        #expect(stage.text.contains("NOT TAKEN: Dr. Max Moor"))
        // Once it was looked at, it stays in the list, and is brought up again in the policy's time.
        stage.press(.home, .enter)
        stage.open(message)
        stage.press(.escape)
        stage.forgetActions()
        stage.wait(seconds: 3_600)
        #expect(stage.rings == 0)
        stage.tell(.message(handedOn("acknowledged", ago: patience - 30)))
        stage.wait(seconds: 14_400)
        #expect(!stage.text.contains("NOT TAKEN"))
    }

    @Test func aNoBringsItBackAtOnce() {
        var stage = ScreenStage(columns: 100)
        let message = handedOn("read", ago: 20)
        stage.begin(message)
        stage.wait(seconds: 5)
        #expect(stage.rings == 0)
        stage.tell(.message(handedOn("declined", ago: 20, since: -5)))
        #expect(stage.rings == 1)
        #expect(stage.text.contains("Dr. Max Moor declined this message: it is yours. Press a: you see to it, or h:"))
        #expect(stage.text.contains("DECLINED by Dr. Max Moor — YOURS AGAIN"))
    }

    @Test func whatCameOfItBeforeTheScreenOpenedIsSeenAndDoesNotRing() {
        var stage = ScreenStage(columns: 100)
        stage.tell(.listed([handedOn("declined", ago: 300)]))
        stage.wait(seconds: 5)
        #expect(stage.rings == 0)
        #expect(stage.text.contains("YOURS AGAIN"))
    }

    /// A nearer step after a further one would change nothing, while whoever took it believes that it did.
    @Test func whatWasHandedOnOrClosedCannotBeAcknowledged() {
        var stage = ScreenStage(columns: 100)
        stage.begin(handedOn("read", ago: 20))
        stage.type("a")
        #expect(stage.state.dialog == nil)
        #expect(stage.text.contains("You handed it on to Dr. Max Moor. To see to it yourself, tell Dr. Max Moor and"))
        #expect(!stage.text.contains("a acknowledge"))
        var taken = ScreenStage(columns: 100)
        taken.begin(handedOn("acknowledged", ago: 20))
        #expect(!taken.text.contains("c close") && taken.text.contains("r reply"))
        for key in ["a", "c"] {
            taken.type(key)
            #expect(taken.state.dialog == nil)
            #expect(taken.text.contains("Dr. Max Moor has it now, and closes it when it is done"))
        }
        var open = ScreenStage(columns: 100)
        open.begin(.sample(0, .urgent, age: 60, state: "read"))
        #expect(open.text.contains("a acknowledge"))
        var closed = ScreenStage(columns: 100)
        closed.begin(.sample(0, .urgent, age: 60, state: "closed"))
        closed.type("a")
        #expect(closed.state.dialog == nil)
        #expect(closed.text.contains("It is closed and cannot be acknowledged any more"))
    }

    /// With the other's no it is one's own: it can be promised anew, and then it calms down.
    @Test func whatWasDeclinedIsTakenBackWithANewPromise() throws {
        var stage = ScreenStage(columns: 100)
        let message = handedOn("declined", ago: 300)
        stage.begin(message)
        #expect(stage.text.contains("a acknowledge") && !stage.text.contains("d decline"))
        stage.type("a2")
        stage.type("20")
        stage.press(.enter)
        let time = try PromisedTime.parse("20", now: ScreenStage.start, clock: ScreenStage.clock)
        #expect(
            stage.actions == [.answer(.acknowledged, .willCallBy, message.id, words: try Reply(promisedAt: time))])
        stage.tell(.signed(.acknowledged, message.id), .proven(.acknowledged, message.id, index: 70))
        var taken = message
        taken.isTakenBack = true
        taken.taken = TakenUp(since: stage.now, promisedAt: time)
        stage.tell(.message(taken))
        stage.press(.escape)
        #expect(stage.text.contains("acknowledged") && stage.text.contains("call in"))
        #expect(!stage.text.contains("YOURS AGAIN") && !stage.text.contains("DECLINED"))
        #expect(stage.state.pressing.isEmpty)
        #expect(InboxList([taken]).groups(Policy(), now: stage.now).isEmpty)
        stage.forgetActions()
        stage.wait(seconds: 600)
        #expect(stage.rings == 0)
        // The promise counts as any other.
        stage.wait(seconds: 660)
        #expect(stage.rings >= 1)
        #expect(stage.text.contains("CALL LATE"))
    }

    @Test func whyItWasDeclinedIsSaidWhereItIsSaidThatItWas() throws {
        var message = handedOn("declined", ago: 20)
        message.carriedOn?.declinedFor = .unavailable
        var stage = ScreenStage()
        stage.begin(message)
        #expect(stage.text.contains("DECLINED by Dr. Max Moor: I am not available — YOURS AGAIN"))
        let words = try Reply(text: "in theatre\nuntil 4", receipt: Digest.zero)
        let entries = [("Dr. Max Moor", words), ("Night Desk", words), ("Dr. Max Moor", try Reply(text: "hello"))]
            .map { name, reply in
                ThreadEntry(
                    message: message.id, kind: .received, at: message.at, from: name, to: "Dr. Noor Example",
                    state: "delivered", reply: reply)
            }
        stage.press(.enter)
        stage.tell(.thread(message.id, entries))
        #expect(stage.text.contains("DECLINED by Dr. Max Moor: in theatre until 4 — YOURS AGAIN"))
    }

    @Test func whoClosedWhatWasHandedOnIsNamed() {
        var stage = ScreenStage(columns: 100)
        stage.tell(.listed([handedOn("closed", ago: 600)]))
        #expect(stage.text.contains("closed by Dr. Max Moor"))
        #expect(!stage.text.contains("handed to"))
    }

    /// What is one's own again stands by its urgency, and is found by the key for what waits.
    @Test func whatNobodyTookUpIsNotBelowWhatCanWait() {
        var stage = ScreenStage(columns: 100)
        let declined = handedOn("declined", ago: 300)
        let routine = ListedMessage.sample(2, .routine, age: 60)
        let urgent = ListedMessage.sample(4, .urgent, age: 30)
        stage.tell(.listed([routine, urgent, declined]))
        #expect(stage.state.messages.map(\.id) == [declined.id, urgent.id, routine.id])
        stage.press(.down, .enter)
        stage.open(urgent)
        #expect(stage.text.contains("2 others wait, the first URGENT: n opens it."))
        let groups = InboxList(stage.state.messages).groups(Policy(), now: Self.start)
        #expect(groups.map(\.wordsWithoutTime).contains("1 URGENT DECLINED, YOURS AGAIN"))
    }
}
