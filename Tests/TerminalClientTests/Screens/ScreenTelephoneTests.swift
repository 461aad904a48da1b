import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// What was sent from here and must be telephoned about, and since when the patient of a hand-off waits.
@Suite struct ScreenTelephoneTests {
    private let waiting = ListedMessage.sample(0, .urgent, age: 60)
    private let sent = ListedMessage.sample(2, .urgent, age: 600)
    private let other = ListedMessage.sample(3, .urgent, age: 900)
    private let words = "CALL BY TELEPHONE Dr. Max: EMERGENT to Dr. Max, sent 12:30"

    private func matter(_ message: ListedMessage, _ words: String) -> SentMatter {
        SentMatter(message: message.id, words: words)
    }

    @Test func theHeadSaysItUntilItIsDoneAndEachRingsOnce() {
        var stage = ScreenStage()
        stage.tell(.listed([waiting]))
        stage.forgetActions()
        stage.tell(.toTelephone([matter(sent, words)]))
        #expect(stage.rings == 1)
        #expect(stage.text.contains("TELEPHONE about 1 message that you sent: press t"))
        #expect(stage.text.contains("EMERGENT to Dr. Max, sent 12:30"))
        stage.press(.down)
        stage.tell(.toTelephone([matter(sent, words + " ago")]))
        #expect(stage.rings == 1)
        stage.tell(.toTelephone([matter(sent, words), matter(other, "another")]))
        #expect(stage.rings == 2)
        #expect(stage.text.contains("TELEPHONE about 2 messages that you sent"))
        stage.tell(.toTelephone([]))
        #expect(stage.rings == 2)
        #expect(!stage.text.contains("TELEPHONE about"))
    }

    /// It is about another patient than the one who is read of.
    @Test func nothingOfItStandsBelowAnOpenMessage() {
        var stage = ScreenStage()
        stage.begin(waiting)
        stage.tell(.toTelephone([matter(sent, words)]))
        #expect(stage.rings == 1)
        #expect(!stage.text.contains("Dr. Max"))
        #expect(stage.text.contains("TELEPHONE about 1 message that you sent"))
    }

    /// Which ones they are is a key away, from the list and from an open message, and the same key leads back.
    @Test func aKeyListsThemTheMostPressingFirst() throws {
        var stage = ScreenStage()
        stage.tell(.listed([waiting]))
        #expect(!stage.text.contains("t to telephone"))
        stage.type("t")
        #expect(stage.text.contains("Nothing that you sent must be telephoned about, as far as is known here."))
        stage.type("t")
        #expect(stage.state.pane == .list)
        stage.tell(.toTelephone([matter(sent, words), matter(other, "URGENT to Dr. Noor: nightbell sent msg-b")]))
        #expect(stage.text.contains("t to telephone"))
        stage.press(.enter)
        stage.open(waiting)
        stage.type("t")
        let text = stage.text
        let (first, second) = (
            try #require(text.firstRange(of: words)), try #require(text.firstRange(of: "URGENT to Dr. Noor"))
        )
        #expect(first.lowerBound < second.lowerBound && text.contains("\"sent --dismiss MSG\""))
        // What is dealt with meanwhile is not telephoned about again.
        stage.tell(.toTelephone([matter(other, "URGENT to Dr. Noor: nightbell sent msg-b")]))
        #expect(!stage.text.contains(words) && stage.text.contains("URGENT to Dr. Noor"))
        stage.press(.escape)
        #expect(stage.state.pane == .message && !stage.text.contains("URGENT to Dr. Noor"))
    }

    /// Many of them are read to the end.
    @Test func theyAreReadOn() {
        var stage = ScreenStage()
        let many = (0..<30).map { SentMatter(message: .make(at: ScreenStage.start), words: "matter \($0)") }
        stage.tell(.listed([waiting]), .toTelephone(many))
        stage.type("t")
        #expect(stage.text.contains("matter 0") && !stage.text.contains("matter 29"))
        stage.press(.end)
        #expect(!stage.text.contains("matter 0") && stage.text.contains("matter 29"))
    }

    /// In the thread of an answer, what was sent says that it is no end of the matter.
    @Test func aThreadSaysWhatMustBeTelephoned() {
        var stage = ScreenStage(rows: 40)
        var entry = ThreadEntry(
            message: sent.id, kind: .sent, at: sent.at, from: "Night Desk", to: "Dr. Max", isReply: false,
            state: "closed")
        entry.alarm = "CALL BY TELEPHONE Dr. Max: closed UNREAD by Dr. Max"
        stage.tell(.listed([waiting]))
        stage.press(.enter)
        stage.open(waiting, thread: [entry])
        stage.press(.end)
        #expect(stage.text.contains("CALL BY TELEPHONE Dr. Max: closed UNREAD by Dr. Max"))
    }

    @Test func whoeverLeavesIsAsked() {
        var stage = ScreenStage()
        stage.tell(.listed([]), .toTelephone([matter(sent, words)]))
        stage.forgetActions()
        stage.type("q")
        #expect(!stage.actions.contains(.quit))
        #expect(stage.box.contains("1 sent message must be TELEPHONED about"))
    }

    /// The receiver has their own time; since when the patient waits is said beside it.
    @Test func aHandOffSaysWhenItWasFirstSent() {
        var stage = ScreenStage()
        var message = ListedMessage.sample(1, .emergent, age: 20, from: "Dr. Max")
        message.firstSent = .init(from: "Night Desk", at: ScreenStage.start.adding(seconds: -360))
        stage.tell(.listed([message]), .tick)
        #expect(stage.state.alarm != nil)
        #expect(stage.text.contains("First sent by Night Desk, 22:01, 6 min ago: LATE"))
        stage.wait(seconds: 1)
        stage.press(.enter)
        stage.open(message)
        #expect(stage.text.contains("LATE: 4:"))
        stage.press(.escape)
        #expect(stage.text.contains("EMERGENT  6 min"))
        // The first one's own end counts, where it came before.
        stage = ScreenStage()
        message.firstSent = .init(
            from: "Night Desk", at: ScreenStage.start.adding(seconds: -60),
            expires: ScreenStage.start.adding(seconds: -1))
        stage.tell(.listed([message]), .tick)
        #expect(stage.text.contains("60 s ago: LATE"))
        // In time as yet.
        stage = ScreenStage()
        message.firstSent = .init(from: "Night Desk", at: ScreenStage.start.adding(seconds: -60))
        stage.tell(.listed([message]), .tick)
        #expect(stage.text.contains("First sent by Night Desk, 22:06, 60 s ago"))
        #expect(!stage.text.contains("LATE"))
    }
}
