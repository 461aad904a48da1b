import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// What must not be overlooked stays where it is seen, and nothing is read as said of what it is not about.
@Suite struct ScreenPressingTests {
    private static let start = ScreenStage.start
    private let emergent = ListedMessage.sample(0, .emergent, age: 12)
    private let second = ListedMessage.sample(3, .emergent, age: 5, from: "Ward Desk")
    private let urgent = ListedMessage.sample(1, .urgent, age: 60)

    private func late(_ state: String = "acknowledged") -> ListedMessage {
        .sample(
            2, .routine, age: 900, state: state,
            taken: TakenUp(since: Self.start.adding(seconds: -800), promisedAt: Self.start.adding(seconds: 10)))
    }

    // MARK: Late calls

    @Test func aLateCallStaysLateAndInItsPlaceWhenItWasLookedAt() {
        var stage = ScreenStage(columns: 100)
        let calm = ListedMessage.sample(
            4, .urgent, age: 100, state: "acknowledged", taken: TakenUp(since: Self.start.adding(seconds: -50)))
        stage.tell(.listed([calm, late()]))
        stage.wait(seconds: 130)
        #expect(stage.state.messages.first?.id == late().id)
        stage.press(.home, .enter)
        stage.open(late())
        #expect(stage.text.contains("acknowledged  ·  CALL LATE by 2 min (you promised 22:07)"))
        stage.press(.escape)
        stage.forgetActions()
        stage.wait(seconds: 600)
        #expect(stage.rings == 0)
        #expect(stage.state.messages.first?.id == late().id)
        #expect(stage.text.contains("CALL LATE by 12 min"))
        // A new promise calms it, and so does its end.
        var anew = late()
        anew.taken = TakenUp(since: stage.now, promisedAt: stage.now.adding(seconds: 600))
        stage.tell(.message(anew))
        #expect(stage.state.messages.first?.id == calm.id)
        #expect(!stage.text.contains("LATE"))
        stage.tell(.message(late()), .message(late("closed")))
        #expect(stage.state.messages.first?.id == calm.id)
        #expect(!stage.text.contains("LATE"))
    }

    // MARK: The alert

    @Test func theAlertSaysThatItIsNotTheOneThatWasAcknowledged() {
        var stage = ScreenStage()
        stage.tell(.message(emergent), .message(second))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(emergent)
        stage.type("a1")
        stage.tell(.signed(.acknowledged, emergent.id))
        stage.wait(seconds: 1)
        stage.tell(.proven(.acknowledged, emergent.id, index: 180))
        stage.wait(seconds: 1)
        #expect(stage.state.alarm?.message == second.id)
        #expect(stage.text.contains("The one before (Night Desk, 22:06) is acknowledged. THIS ONE IS NOT."))
        #expect(!stage.text.contains("entry 180"))
        // What must be known all the same names its message.
        stage.tell(.refused(.sample(7, about: emergent.id, .reply, to: "Night Desk"), cause: "no"))
        #expect(stage.text.contains("Your reply to Night Desk (Night Desk, sent 22:06) was REFUSED"))
    }

    @Test func whatWasOpenedAndNotAnsweredSaysSo() {
        var stage = ScreenStage()
        stage.tell(.listed([emergent]))
        #expect(stage.text.contains("Press Enter to open it. That stops the ringing."))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(emergent)
        stage.press(.escape)
        stage.wait(seconds: 121)
        #expect(stage.text.contains("E M E R G E N T"))
        #expect(stage.text.contains("You opened it at 22:07 and did not answer: Enter, then a or d."))
        // Before this screen was opened.
        var before = ScreenStage()
        before.tell(.listed([.sample(0, .emergent, age: 300, state: "read")]))
        #expect(before.text.contains("It was opened and not answered: Enter, then a or d."))
    }

    @Test func whileItIsDeafToWhatWasBeingTypedItSaysSo() {
        var stage = ScreenStage()
        stage.begin(urgent)
        stage.type("rHello")
        stage.tell(.message(emergent))
        #expect(stage.text.contains("Press Enter to open it (a moment: you were typing)"))
        #expect(!stage.text.contains("L lock"))
        stage.wait(seconds: 2)
        #expect(stage.text.contains("Press Enter to open it. That stops the ringing."))
        stage.type("L")
        #expect(stage.text.contains("(a moment: you were typing)"))
        #expect(!stage.state.isLocking)
        stage.wait(seconds: 2)
        stage.press(.enter)
        #expect(stage.actions.contains(.open(emergent.id)))
    }

    @Test func itLocksFromTheAlertToo() {
        var stage = ScreenStage()
        stage.tell(.message(emergent))
        #expect(stage.text.split(separator: "\n").last?.contains("L lock") == true)
        stage.type("L")
        #expect(!stage.state.isLocking)
        stage.wait(seconds: 1)
        stage.type("L")
        #expect(stage.actions.contains(.lock))
    }

    // MARK: What is new beside the open message

    @Test func whatNobodyHasOpenedStandsFirstBesideTheOpenMessage() {
        var stage = ScreenStage()
        stage.tell(.listed([emergent, .sample(4, .sameDay, age: 700)]))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(emergent)
        stage.tell(.message(urgent))
        #expect(stage.text.contains("NEW URGENT from Night Desk, 22:06, NOT OPENED: n opens it.  1 other waits."))
        stage.tell(.message(second))
        stage.wait(seconds: 1)
        #expect(stage.text.contains("NEW EMERGENT from Ward Desk, 22:07, NOT OPENED: n opens it.  2 others wait."))
        stage.type("a")
        #expect(stage.text.contains("NEW EMERGENT from Ward Desk, 22:07, NOT OPENED.  2 others wait."))
        stage.press(.escape)
        stage.forgetActions()
        stage.type("n")
        #expect(stage.actions.contains(.open(second.id)))
        stage.open(second)
        #expect(stage.text.contains("NEW URGENT from Night Desk"))
    }

    // MARK: Drafts, notices, words

    @Test func aDraftIsMarkedInTheListAndInItsMessage() {
        var stage = ScreenStage(columns: 100)
        stage.begin(urgent)
        stage.type("rKeep the leg up")
        #expect(!stage.text.contains("draft"))
        stage.press(.escape)
        #expect(stage.text.contains("draft, NOT SENT: r brings back what you typed"))
        stage.press(.escape)
        #expect(stage.text.contains("draft, NOT SENT; "))
        stage.press(.enter)
        stage.open(urgent)
        stage.type("r")
        stage.press(.enter)
        stage.tell(.kept(.sample(7, about: urgent.id, .reply, to: "Night Desk")))
        #expect(!stage.text.contains("draft"))
    }

    @Test func whatCameOfOneQuestionIsNotReadUnderTheNext() {
        var stage = ScreenStage()
        stage.begin(urgent)
        stage.type("d1n")
        #expect(stage.text.contains("Nothing was done."))
        stage.type("a")
        #expect(!stage.text.contains("Nothing was done."))
    }

    @Test func aPromisedTimeIsNotCalledWords() {
        var stage = ScreenStage()
        stage.begin(urgent)
        stage.type("a220")
        stage.press(.enter)
        let words = UnsentWords.sample(7, about: urgent.id, .words, to: "Night Desk")
        stage.tell(
            .signed(.acknowledged, urgent.id), .kept(words), .proven(.acknowledged, urgent.id, index: 41),
            .sent(words, index: 42))
        #expect(stage.text.contains("Acknowledged, and the promised time is sent to Night Desk; proven as entry 42"))
    }

    @Test func theKeyOfTheFieldIsNoFolder() {
        var stage = ScreenStage()
        stage.begin(urgent, files: ["call.wav"])
        stage.type("vv")
        stage.press(.enter)
        #expect(!stage.actions.contains { if case .save = $0 { true } else { false } })
        #expect(stage.text.contains("v is the key that brought you here: name a folder, as ~/files, or ./v."))
    }

    // MARK: Another device of the same person

    @Test func whatAnotherDeviceHandedOffDoesNotLookSettled() {
        var stage = ScreenStage(columns: 100)
        var handed = ListedMessage.sample(0, .urgent, age: 60, state: "handed_off")
        handed.saidElsewhere = .handedOff
        let done = ListedMessage.sample(1, .urgent, age: 10, state: "closed")
        stage.tell(.listed([done, handed]))
        #expect(stage.state.messages.map(\.id) == [handed.id, done.id])
        #expect(stage.text.contains("handed off elsewhere"))
        #expect(stage.text.contains("look there: taken?"))
        #expect(AnswerTime.words(handed, Policy(), now: stage.now) == "look there: taken?")
        stage.wait(seconds: 3_600)
        #expect(stage.rings == 0)
        stage.press(.home, .enter)
        stage.open(handed)
        let words = "handed off on another device of yours: look there whether it was taken"
        #expect(stage.text.contains(words))
        stage.type("a")
        #expect(stage.text.contains("\(words.atSentenceStart), or"))
    }

    @Test func whatAnotherDeviceAcknowledgedShowsNoPromiseAndSaysSo() {
        var stage = ScreenStage(columns: 100)
        var taken = ListedMessage.sample(
            0, .urgent, age: 60, state: "acknowledged", taken: TakenUp(since: Self.start))
        taken.saidElsewhere = .acknowledged
        stage.begin(taken)
        #expect(stage.text.contains("acknowledged on another device; a promised time is shown only there"))
        stage.press(.escape)
        #expect(stage.text.contains("acknowledged elsewhere"))
    }
}
