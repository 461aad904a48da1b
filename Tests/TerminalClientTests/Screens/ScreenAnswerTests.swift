import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// What goes with an answer: by when, what must be known, how it ended.
@Suite struct ScreenAnswerTests {
    private let message = ListedMessage.sample(0, .urgent, age: 60)

    @Test func aPromisedTimeIsUnderstoodBeforeItIsSaid() throws {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("a2")
        #expect(stage.text.contains("by when?"))
        stage.type("2")
        #expect(stage.text.contains("You promise to call by 22:10"))
        stage.type("0")
        // The stage's clock says 22:07:09.
        #expect(stage.text.contains("You promise to call by 22:28, in 20 min."))
        #expect(stage.actions.isEmpty)
        stage.press(.enter)
        let time = try #require(Timestamp(Array("2026-11-23T03:28:00.000Z".utf8)))
        #expect(
            stage.actions
                == [.answer(.acknowledged, .willCallBy, message.id, words: try Reply(promisedAt: time))])
    }

    @Test func anEnterThatCameWithTheTimeIsAskedForOnceMore() throws {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("a2")
        stage.paste("20\n")
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("That arrived at once and was taken as text: press Enter to acknowledge."))
        stage.press(.enter)
        let time = try PromisedTime.parse("20", now: ScreenStage.start, clock: ScreenStage.clock)
        #expect(
            stage.actions == [.answer(.acknowledged, .willCallBy, message.id, words: try Reply(promisedAt: time))])
    }

    @Test func whatIsTypedKeyByKeyIsNotSaidToHaveComeAtOnce() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("a2soon")
        stage.press(.enter)
        #expect(!stage.text.contains("That arrived at once"))
    }

    @Test func aTimeNeedNotBePromised() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("a2")
        stage.press(.enter)
        #expect(stage.actions == [.answer(.acknowledged, .willCallBy, message.id)])
    }

    @Test func whatIsNoTimeIsAskedAgain() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("a2soon")
        stage.press(.enter)
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("That is no time."))
        #expect(stage.text.contains("soon_"))
        stage.press(.backspace)
        #expect(!stage.text.contains("That is no time."))
        stage.press(.escape)
        #expect(stage.actions.isEmpty)
        #expect(stage.state.dialog == nil)
    }

    @Test(arguments: [
        ("20", "03:28"), ("1", "03:09"), ("240", "07:08"), ("22:30", "03:30"), ("2230", "03:30"), ("22.30", "03:30"),
        ("0:05", "05:05"), ("00:05", "05:05"), ("9:15", "14:15"),
    ])
    func minutesAndClockTimesAreTimesYetToCome(_ words: String, _ utc: String) throws {
        let time = try PromisedTime.parse(words, now: ScreenStage.start, clock: ScreenStage.clock)
        #expect(time > ScreenStage.start)
        #expect(time.milliseconds(since: ScreenStage.start) <= 86_400_000)
        #expect(time.description.dropFirst(11).prefix(5) == utc)
        #expect(time.milliseconds % 60_000 == 0)
    }

    @Test(arguments: [
        "", "-5", "+5", "soon", "24:00", "12:60", "1:2", "12:345", "123:00", "12:00:00", ":30", "10000",
        "2460", "٢٠", "1e2", "12 30",
    ])
    func everythingElseIsNone(_ words: String) {
        #expect(throws: PromisedTime.Refusal.noTime) {
            try PromisedTime.parse(words, now: ScreenStage.start, clock: ScreenStage.clock)
        }
    }

    /// Who mistypes a time must not promise another day.
    @Test(arguments: [
        ("0", "Minutes go from 1 to 240."), ("241", "Minutes go from 1 to 240."), ("22:07", "more than 12 hours"),
    ])
    func whatIsTooFarAwayIsNotPromised(_ words: String, _ why: String) {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("a2\(words)")
        #expect(stage.text.contains(why))
        #expect(!stage.text.contains("You promise"))
        stage.press(.enter)
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains(why))
    }

    @Test func whenTheClocksArePutBackTheTimeIsTheOneOnTheClock() throws {
        // 02:00 becomes 01:00, at 06:00 UTC.
        let change = try #require(Timestamp(Array("2026-11-23T06:00:00.000Z".utf8)))
        let clock = WallClock { $0 < change ? -14_400 : -18_000 }
        let time = try PromisedTime.parse("03:30", now: ScreenStage.start, clock: clock)
        #expect(time.description.hasPrefix("2026-11-23T08:30"))
    }

    @Test func whatMustBeKnownGoesWithTheAnswer() throws {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("a3")
        #expect(stage.text.contains("What do you need to know from Night Desk?"))
        stage.type("which drugs?")
        stage.press(.enter)
        #expect(
            stage.actions
                == [.answer(.acknowledged, .needInfo, message.id, words: try Reply(text: "which drugs?"))])
        stage.forgetActions()
        // It is forgotten when it is said.
        stage.tell(.signed(.acknowledged, message.id))
        stage.type("a3")
        stage.press(.enter)
        #expect(stage.actions == [.answer(.acknowledged, .needInfo, message.id)])
    }

    @Test func closingAsksHowItEnded() throws {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("c")
        #expect(stage.text.contains("? How did it end?"))
        #expect(stage.text.contains("it leaves what waits, for everyone"))
        stage.press(.escape)
        #expect(stage.actions.isEmpty)
        stage.type("cy")
        #expect(stage.actions.isEmpty)
        stage.press(.backspace)
        stage.type("seen at home")
        stage.press(.enter)
        #expect(stage.actions == [.answer(.closed, nil, message.id, words: try Reply(disposition: "seen at home"))])
        stage.tell(.signed(.closed, message.id))
        #expect(stage.state.pane == .list)
    }

    @Test func howItEndedNeedNotBeSaid() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("c")
        stage.press(.enter)
        #expect(stage.actions == [.answer(.closed, nil, message.id)])
    }

    @Test func aClosedMessageLeavesTheOneThatIsOpenAlone() {
        var stage = ScreenStage()
        let other = ListedMessage.sample(1, .urgent, age: 30)
        stage.begin(message)
        stage.tell(.message(other))
        stage.type("n")
        stage.open(other)
        stage.tell(.signed(.closed, message.id))
        #expect(stage.state.shown?.id == other.id)
    }

    @Test func theWordsOfAnAnswerAreToldWhenTheyAreSent() {
        var stage = ScreenStage()
        stage.begin(message)
        let words = UnsentWords.sample(7, about: message.id, .words, to: "Night Desk")
        stage.tell(.signed(.acknowledged, message.id), .kept(words))
        #expect(stage.text.contains("Acknowledged: signed and stored here."))
        stage.tell(.proven(.acknowledged, message.id, index: 41))
        #expect(stage.text.contains("NOT SENT: your words"))
        stage.tell(.sent(words, index: 42))
        #expect(stage.text.contains("Acknowledged, and your words to Night Desk are sent; proven as entry 42"))
        #expect(!stage.text.contains("NOT"))
    }

    /// Who closes a message with words looks for "closed", and not for words that were sent.
    @Test func aMessageThatWasClosedWithWordsIsSaidToBeClosed() {
        var stage = ScreenStage()
        stage.begin(message)
        let words = UnsentWords.sample(7, about: message.id, .words, to: "Night Desk")
        stage.tell(.signed(.closed, message.id), .kept(words), .proven(.closed, message.id, index: 41))
        #expect(stage.text.contains("Closed (Night Desk, sent 22:06); proven as entry 41"))
        stage.tell(.sent(words, index: 42))
        #expect(stage.text.contains("Closed (Night Desk, sent 22:06), and your words to Night Desk are sent; proven"))
    }

    @Test func aQuestionShowsItsOwnKeysAndNoOthers() {
        var stage = ScreenStage()
        stage.begin(message)
        for (keys, shown) in [("a", "Esc go back"), ("2", "Enter acknowledge  Esc go back")] {
            stage.type(keys)
            let foot = stage.text.split(separator: "\n").last ?? ""
            #expect(foot.contains(shown))
            #expect(!foot.contains("decline"))
        }
    }
}
