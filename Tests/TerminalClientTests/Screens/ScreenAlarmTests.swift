import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// An emergent message takes the screen and rings until it is opened, and comes back until it is answered.
@Suite struct ScreenAlarmTests {
    private let emergent = ListedMessage.sample(0, .emergent, age: 12)

    @Test func itSaysAtItsFootHowToAnswerAndHowToLeave() {
        var stage = ScreenStage()
        stage.tell(.listed([.sample(0, .emergent, age: 60)]))
        let foot = { (text: String) in text.split(separator: "\n", omittingEmptySubsequences: false).suffix(2) }
        #expect(foot(stage.text).last?.hasPrefix(" Enter open it, to answer it  Ctrl-C leave") == true, "\(stage.text)")
        #expect(foot(stage.text).first?.allSatisfy { $0 == " " } == true)
        stage.wait(seconds: 1)
        stage.press(.character("\u{1A}"))
        #expect(stage.text.contains("Ctrl-Z would silence this screen: press Enter, then q to leave or L to lock."))
    }

    @Test func itTakesTheScreenAndRingsUntilItIsOpened() {
        var stage = ScreenStage()
        let other = ListedMessage.sample(1, .urgent, age: 60)
        stage.tell(.listed([other]))
        stage.press(.enter)
        stage.open(other)
        stage.forgetActions()
        stage.tell(.message(emergent))
        #expect(stage.text.contains("E M E R G E N T"))
        #expect(stage.text.contains("Night Desk"))
        for words in Samples.insideTheSeal { #expect(!stage.text.contains(words), "\(words)") }
        #expect(stage.rings == 1)
        stage.wait(seconds: 30)
        #expect(stage.rings == 11)
        // Seen without sound: two seconds are never alike.
        let before = stage.machine.frame
        stage.wait(seconds: 1)
        #expect(stage.machine.frame != before)
        stage.forgetActions()
        stage.type("adcq?")
        #expect(stage.actions.isEmpty)
        stage.press(.enter)
        #expect(stage.actions == [.open(emergent.id)])
        stage.open(emergent)
        #expect(stage.text.contains("CALL BACK"))
        stage.forgetActions()
        stage.wait(seconds: 60)
        #expect(stage.rings == 0)
    }

    /// "Read" is signed for it: it must have been seen.
    @Test func anotherOneDoesNotCoverWhatWasJustOpened() {
        var stage = ScreenStage()
        let second = ListedMessage.sample(3, .emergent, age: 5, from: "Ward Desk")
        stage.tell(.message(emergent), .message(second))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(emergent)
        #expect(stage.actions.suffix(2) == [.open(emergent.id), .ring])
        stage.forgetActions()
        stage.tell(.tick)
        #expect(stage.text.contains("CALL BACK"))
        #expect(stage.state.alarm == nil)
        #expect(stage.text.contains("ANOTHER EMERGENT MESSAGE WAITS, from Ward Desk, sent "))
        stage.wait(seconds: 30)
        #expect(stage.rings == 2)
        stage.forgetActions()
        stage.type("n")
        #expect(stage.actions.contains(.open(second.id)))
        stage.open(second)
        // Left alone for as long as the policy allows, the other one takes the screen after all.
        stage.wait(seconds: 125)
        #expect(stage.text.contains("E M E R G E N T"))
    }

    @Test func answeredOrLeftItGivesWayToTheNextOne() {
        for key: Key in [.escape, .character("a")] {
            var stage = ScreenStage()
            let second = ListedMessage.sample(3, .emergent, age: 5, from: "Ward Desk")
            stage.tell(.message(emergent), .message(second))
            stage.wait(seconds: 1)
            stage.press(.enter)
            stage.open(emergent)
            stage.press(key)
            if key != .escape {
                stage.type("1")
                stage.tell(.signed(.acknowledged, emergent.id))
            }
            #expect(stage.state.alarm?.message == second.id)
        }
    }

    /// A relay, or somebody at this machine, sets the clock back.
    @Test func aClockThatIsSetBackSilencesNothing() {
        var stage = ScreenStage()
        stage.tell(.message(emergent))
        stage.wait(seconds: 5)
        stage.setClock(back: 3_600)
        stage.forgetActions()
        stage.wait(seconds: 6)
        #expect(stage.rings >= 2)
        stage.press(.enter)
        #expect(stage.actions.contains(.open(emergent.id)))
    }

    @Test func aKeyThatWasOnItsWayOpensNothing() {
        var stage = ScreenStage()
        stage.tell(.message(emergent))
        stage.press(.enter)
        #expect(!stage.actions.contains(.open(emergent.id)))
        stage.wait(seconds: 1)
        stage.press(.enter)
        #expect(stage.actions.contains(.open(emergent.id)))
    }

    @Test func aQuestionUnderItIsForgotten() {
        var stage = ScreenStage()
        let other = ListedMessage.sample(1, .urgent, age: 60)
        stage.tell(.listed([other]))
        stage.press(.enter)
        stage.open(other)
        stage.type("d1")
        stage.tell(.message(emergent))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(emergent)
        stage.forgetActions()
        stage.type("y")
        #expect(stage.actions.isEmpty)
    }

    @Test func unansweredItComesBackAtThePolicysTime() {
        var stage = ScreenStage()
        stage.tell(.listed([emergent]))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(emergent)
        stage.forgetActions()
        // While it is open it rings and stays where it is.
        stage.wait(seconds: 121)
        #expect(stage.rings == 1)
        #expect(stage.text.contains("press a to acknowledge"))
        #expect(stage.text.contains("CALL BACK"))
        stage.press(.escape)
        #expect(stage.state.alarm == nil)
        stage.wait(seconds: 121)
        #expect(stage.text.contains("E M E R G E N T"))
    }

    @Test func answeredItIsQuiet() {
        var stage = ScreenStage()
        stage.tell(.listed([emergent]))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(emergent)
        stage.type("a1")
        stage.tell(.signed(.acknowledged, emergent.id), .proven(.acknowledged, emergent.id, index: 7))
        stage.press(.escape)
        stage.forgetActions()
        stage.wait(seconds: 600)
        #expect(stage.rings == 0)
    }

    @Test func answeredBySomebodyElseItGivesTheScreenBack() {
        var stage = ScreenStage()
        stage.tell(.listed([emergent]))
        #expect(stage.state.alarm != nil)
        var answered = emergent
        answered.state = "acknowledged"
        stage.tell(.message(answered))
        #expect(stage.state.alarm == nil)
        #expect(!stage.text.contains("E M E R G E N T"))
    }

    @Test func whatDoesNotOpenRingsUntilItWasSeen() {
        var stage = ScreenStage()
        let closed = ListedMessage.sample(2, .emergent, age: 5, state: "quarantined", quarantine: .seal)
        stage.tell(.message(closed))
        #expect(stage.text.contains("NOT VERIFIED"))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(closed, .quarantined(.seal))
        #expect(stage.text.contains("Telephone the sender: Night Desk"))
        stage.forgetActions()
        stage.press(.escape)
        stage.wait(seconds: 600)
        #expect(stage.rings == 0)
    }

    @Test func otherUrgenciesRingOnceAndAgainAtTheirTimes() {
        var stage = ScreenStage()
        stage.tell(.listed([]))
        stage.tell(.message(.sample(1, .urgent, age: 0)), .message(.sample(2, .routine, age: 0)))
        #expect(stage.rings == 1)
        stage.wait(seconds: 299)
        #expect(stage.rings == 1)
        stage.wait(seconds: 2)
        #expect(stage.rings == 2)
        #expect(stage.text.contains("still waits for an answer"))
        stage.wait(seconds: 7_200)
        #expect(stage.rings == 26)
    }

    @Test func aSmallWindowRingsAsWell() {
        var stage = ScreenStage(columns: 40, rows: 10)
        stage.tell(.message(emergent))
        #expect(stage.rings == 1)
        #expect(stage.text.contains("EMERGENT MESSAGE"))
    }
}
