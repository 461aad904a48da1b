import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// What an acknowledgement came to: too late, or a call that its sender counts on.
@Suite struct ScreenLateTests {
    private let start = ScreenStage.start

    @Test func whoAcknowledgesWhatExpiredIsTold() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 86_460, state: "read")
        let words = "TOO LATE: it expired at 22:06 and Night Desk was told to telephone: call Night Desk first"
        let flat = { (text: String) in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        stage.begin(message)
        #expect(flat(stage.text).contains(words), "in its head")
        stage.type("a")
        #expect(stage.box.contains(words), "\(stage.box)")
        stage.type("1")
        stage.tell(.signed(.acknowledged, message.id))
        #expect(flat(stage.text).contains("signed and stored here. \(words)"), "\(stage.text)")
        var taken = message
        (taken.state, taken.taken) = ("acknowledged", TakenUp(since: start, callsNowSince: start))
        stage.tell(.message(taken), .proven(.acknowledged, message.id, index: 7))
        #expect(flat(stage.text).contains("proven as entry 7. \(words)"), "\(stage.text)")
    }

    @Test func whoHadItInTimeIsNot() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(
            0, .urgent, age: 86_460, state: "acknowledged",
            taken: TakenUp(since: start, first: start.adding(seconds: -600)))
        stage.begin(message)
        stage.type("a")
        #expect(!stage.text.contains("TOO LATE"))
    }

    @Test func aCallAtOnceHasATimeThatIsShown() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(
            0, .urgent, age: 60, state: "acknowledged", taken: TakenUp(since: start, callsNowSince: start))
        stage.tell(.listed([message]))
        #expect(stage.text.contains("call NOW: 10 min"), "\(stage.text)")
        stage.press(.enter)
        stage.open(message)
        #expect(stage.text.contains("you call now: close it, or promise anew (a), by 22:17"), "\(stage.text)")
        stage.tell(.proven(.acknowledged, message.id, index: 7))
        let foot = stage.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(foot.contains("You call now: close it, or promise anew (a), by 22:17."), "\(stage.text)")
        stage.wait(seconds: 600)
        #expect(stage.rings == 1)
        #expect(stage.text.contains("CALL LATE by 0 s"))
        #expect(stage.text.contains("Night Desk was told to telephone: you said at 22:07 that you call now."))
        #expect(stage.state.leftBehind.lateCalls == 1)
    }

    @Test func whatIsSaidOnAnAlarmIsNotCut() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60, state: "read", unproven: .acknowledged)
        stage.tell(.listed([message]), .message(.sample(1, .emergent, age: 5)))
        stage.wait(seconds: 1)
        stage.tell(.unposted("the relay does not answer"))
        let text = stage.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("if it is urgent, TELEPHONE. Stored here"), "\(stage.text)")
    }

    @Test func whoToldIsNamedAfterAHandOff() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(
            0, .urgent, age: 60, state: "handed_off", unproven: .handedOff,
            carriedOn: CarriedOn(
                to: "Dr. Max Moor", state: "waiting", since: start, at: start, expires: start.adding(seconds: 86_400)))
        stage.begin(message)
        stage.tell(.proven(.handedOff, message.id, index: 7))
        let text = stage.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            text.contains("Night Desk is told. You stay responsible until Dr. Max Moor takes it up."), "\(stage.text)")
    }

    @Test func aPromisedTimeReadsAsTheAcknowledgementThatItWas() throws {
        var stage = ScreenStage(rows: 60)
        let message = ListedMessage.sample(0, .urgent, age: 60, state: "acknowledged")
        stage.tell(.listed([message]))
        stage.press(.enter)
        let entry = ThreadEntry(
            message: message.id, kind: .sent, at: start, from: "Dr. Noor Example", to: "Night Desk", state: "read",
            reply: try Reply(promisedAt: start.adding(seconds: 600)))
        stage.open(message, thread: [entry])
        #expect(stage.text.contains("You acknowledged: you call by 22:17"))
        #expect(!stage.text.contains("Calls the patient by") && !stage.text.contains("You replied"))
    }
}
