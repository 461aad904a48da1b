import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// Whoever leaves the screen is told what they leave behind, and is asked once.
@Suite struct ScreenLeavingTests {
    private let leave = Key.character("\u{03}")
    private let start = ScreenStage.start

    private var promised: ListedMessage {
        .sample(
            3, .urgent, age: 600, state: "acknowledged",
            taken: TakenUp(since: start.adding(seconds: -500), promisedAt: start.adding(seconds: -60)))
    }

    @Test func whatIsLeftBehindIsNamedTheMostPressingFirst() {
        #expect(ScreenFarewell.words(LeftBehind(), "") == nil)
        #expect(
            ScreenFarewell.words(LeftBehind(waiting: 1), " --profile p")
                == "1 MESSAGE WAITS FOR AN ANSWER, and this screen rings no more: run \"nightbell ui --profile p\" again, "
                + "or \"nightbell watch --profile p\" to be rung")
        #expect(ScreenFarewell.words(LeftBehind(waiting: 2), "")?.hasPrefix("2 MESSAGES WAIT FOR") == true)
        #expect(LeftBehind(waiting: 1, emergent: 1).words == "1 EMERGENT message waits for an answer")
        let all = LeftBehind(
            waiting: 3, emergent: 1, lateCalls: 1, yours: 2, unsentAnswers: 2, unsentHandOffs: 1, replies: 1)
        #expect(
            all.words
                == "1 EMERGENT message and 2 others wait for an answer, 1 promised call is LATE, 2 answers are NOT SENT, "
                + "1 hand-off is NOT SENT, 2 messages are yours and not closed, 1 reply is not read")
        #expect(ScreenFarewell.words(all, "")?.contains("NOT SENT goes out then: if it is urgent, TELEPHONE") == true)
    }

    @Test func aLateCallAndWordsThatAreNotSentAreAskedAbout() {
        var stage = ScreenStage()
        stage.tell(.listed([promised, .sample(4, .urgent, age: 60, state: "read", unproven: .acknowledged)]))
        #expect(stage.state.leftBehind == LeftBehind(lateCalls: 1, unsentAnswers: 1))
        stage.type("q")
        #expect(stage.actions.isEmpty)
        #expect(stage.box.contains("1 promised call is LATE, 1 answer is NOT SENT."), "\(stage.box)")
        #expect(stage.box.contains("if it is urgent, TELEPHONE."))
        stage.type("y")
        #expect(stage.actions == [.quit])
        // A call that is yet to come keeps nobody.
        var later = promised
        later.taken = TakenUp(since: start, promisedAt: start.adding(seconds: 600))
        stage = ScreenStage()
        stage.tell(.listed([later]))
        stage.type("q")
        #expect(stage.actions == [.quit])
        #expect(
            ScreenFarewell.words(stage.state.leftBehind, "")?.hasPrefix(
                "1 MESSAGE IS YOURS AND NOT CLOSED, and this screen rings no more") == true)
    }

    @Test func ctrlCAsksAsQDoesAndLeavesThen() {
        var stage = ScreenStage()
        stage.press(leave)
        #expect(stage.actions == [.quit])
        stage = ScreenStage()
        stage.begin(.sample(0, .urgent, age: 60))
        stage.type("rhalf a thought")
        stage.press(leave)
        #expect(stage.actions.isEmpty)
        #expect(stage.box.contains("Leave the screen?"))
        #expect(stage.box.contains("What you typed and did not send is lost then."))
        stage.type("n")
        stage.type("r")
        #expect(stage.text.contains("half a thought_"), "nothing of it is lost")
        stage.press(leave)
        #expect(stage.actions.isEmpty)
        stage.press(leave)
        #expect(stage.actions == [.quit])
    }

    @Test func anAlarmIsNotLeftByASlipOfTheHand() {
        var stage = ScreenStage()
        stage.tell(.listed([.sample(0, .emergent, age: 5)]))
        stage.press(leave)
        #expect(!stage.actions.contains(.quit))
        #expect(stage.box.contains("1 EMERGENT message waits for an answer."), "\(stage.text)")
        #expect(stage.text.contains("E M E R G E N T"))
        // It goes on ringing meanwhile.
        stage.forgetActions()
        stage.wait(seconds: 6)
        #expect(stage.rings == 2)
        stage.press(.enter)
        #expect(stage.box.isEmpty, "any other key is a no")
        #expect(!stage.actions.contains(.quit))
        stage.press(leave, leave)
        #expect(stage.actions.last == .quit)
        stage.forgetActions()
        stage.press(leave)
        stage.type("y")
        #expect(stage.actions.last == .quit)
    }

    @Test func whatIsPastedLeavesNothing() {
        var stage = ScreenStage()
        stage.begin(.sample(0, .urgent, age: 60))
        stage.type("r")
        stage.paste("a\u{03}b\u{03}c")
        #expect(stage.text.contains("abc_"))
        #expect(stage.actions.isEmpty)
    }

    @Test func whereNothingCanBeAskedItLeaves() {
        var stage = ScreenStage(columns: 40, rows: 10)
        stage.tell(.listed([.sample(0, .emergent, age: 5)]))
        stage.forgetActions()
        stage.press(leave)
        #expect(stage.actions == [.quit])
    }
}
