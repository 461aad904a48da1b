import DeviceKit
import Foundation
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// What belongs together is one line of the list, and stands below the message that it is about.
@Suite struct ScreenThreadTests {
    private let message = ListedMessage.sample(0, .urgent, age: 3_600, state: "acknowledged")

    private func reply(_ number: Int = 1, state: String = "delivered", age: Int64 = 60) -> ListedMessage {
        .sample(number, .urgent, age: age, state: state, answers: message.id)
    }

    private func entry(
        _ message: ListedMessage, _ kind: ThreadEntry.Kind = .received, from: String = "Night Desk",
        to: String = "Dr. Noor Example", isReply: Bool = true, state: String = "delivered", isVerified: Bool = true,
        reply: Reply? = nil, text: String? = nil
    ) -> ThreadEntry {
        ThreadEntry(
            message: message.id, kind: kind, at: message.at, from: from, to: to, isReply: isReply,
            isHandOff: !isReply, state: state, isVerified: isVerified, reply: reply, text: text)
    }

    private func lines(_ stage: borrowing ScreenStage) -> [Substring] {
        stage.text.split(separator: "\n").filter { $0.contains("URGENT") || $0.contains("ROUTINE") }
    }

    @Test func aThreadIsOneLineWithWhatIsNew() {
        var stage = ScreenStage()
        stage.tell(.listed([message, .sample(2, .routine, age: 50), reply(), reply(3, state: "read", age: 600)]))
        #expect(lines(stage).count == 2)
        // The reply is newer and brings the line up; the message is taken, and stays so.
        #expect(lines(stage).first?.contains("new reply, ackn") == true, "\(stage.text)")
        #expect(lines(stage).first?.contains("close it when done") == true)
        stage.tell(.terminal(.resized(columns: 100, rows: 30)))
        #expect(lines(stage).first?.contains("new reply, acknowledged") == true, "\(stage.text)")
        stage.tell(.message(reply(state: "read")))
        #expect(lines(stage).count == 2)
        #expect(lines(stage).last?.contains("new reply") == false)
        #expect(lines(stage).last?.contains("acknowledged") == true)
    }

    /// What comes to a message makes it neither younger nor somebody else's.
    @Test func aLineTellsAgeAndSenderOfWhatItOpens() {
        var stage = ScreenStage()
        let other = ListedMessage.sample(1, .urgent, age: 60, from: "Dr. Eve", answers: message.id)
        stage.tell(.listed([message, other]))
        #expect(lines(stage).first?.contains("60 min  Night Desk") == true, "\(stage.text)")
        #expect(lines(stage).first?.contains("new reply") == true)
    }

    @Test func nothingThatWaitsHidesBehindAThread() {
        let handedBack = ListedMessage.sample(4, .emergent, age: 30, carriesOn: message.id)
        let broken = ListedMessage.sample(
            5, .urgent, age: 20, state: "quarantined", quarantine: .seal, answers: message.id)
        let threads = ListedThread.lines([handedBack, broken, reply(), message].sorted(by: ListedMessage.isBefore))
        // What does not open stands alone.
        #expect(threads.map { $0.messages.count } == [3, 1])
        #expect(threads[0].first.id == handedBack.id)
        #expect(threads[0].opened.id == handedBack.id)
        #expect(threads[1].opened.id == broken.id)
        // A line opens what is to be answered before what was answered.
        let answered = ListedMessage.sample(4, .emergent, age: 30, state: "acknowledged", carriesOn: message.id)
        let waiting = ListedMessage.sample(0, .urgent, age: 3_600)
        let other = ListedThread.lines([answered, waiting].sorted(by: ListedMessage.isBefore))
        #expect(other.map(\.opened.id) == [waiting.id])
    }

    @Test func nobodyNeedAnswerAReply() {
        var stage = ScreenStage()
        let alone = ListedMessage.sample(1, .emergent, age: 600, answers: message.id)
        stage.tell(.listed([alone]))
        #expect(stage.state.alarm == nil)
        #expect(stage.state.waiting.isEmpty)
        #expect(stage.text.contains("new reply"))
        #expect(!stage.text.contains("OVERDUE"))
        stage.forgetActions()
        stage.wait(seconds: 1_000)
        #expect(stage.rings == 0)
        stage.type("q")
        #expect(stage.actions == [.quit])
    }

    @Test func aReplyThatComesRingsOnceAndIsReadWithItsMessage() {
        var stage = ScreenStage()
        stage.tell(.listed([message]))
        stage.tell(.message(reply()))
        #expect(stage.rings == 1)
        #expect(stage.text.contains("Night Desk replied: see the messages."))
        stage.tell(.message(reply()))
        stage.wait(seconds: 1_000)
        #expect(stage.rings == 1)
        stage.forgetActions()
        stage.press(.enter)
        #expect(stage.actions == [.open(message.id)])
        let words = try! Reply(text: "Fever is 39.8 now.\nShe vomited twice.")
        stage.open(message, thread: [entry(reply(), reply: words)], news: [reply().id])
        // It is before the reader without a key, and the record is one key away.
        #expect(stage.text.contains("Night Desk replied"))
        #expect(stage.text.contains("NEW"))
        #expect(stage.text.contains("Fever is 39.8 now."))
        #expect(stage.text.contains("She vomited twice."))
        #expect(stage.text.contains("lines above: up"))
        stage.press(.home)
        #expect(stage.text.contains("CALL BACK"))
        #expect(!stage.text.contains("lines above"))
    }

    @Test func aReplyToWhatIsOpenIsShownWhenAsked() {
        var stage = ScreenStage()
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message)
        #expect(!stage.text.contains("WHAT WAS SAID"))
        stage.tell(.message(reply()))
        #expect(stage.text.contains("Night Desk replied to this message: Enter shows it."))
        stage.forgetActions()
        stage.press(.enter)
        #expect(stage.actions == [.open(message.id)])
        // What concerns another thread is looked for in the list.
        stage.press(.escape)
        stage.press(.enter)
        stage.open(message)
        stage.tell(.message(.sample(6, .routine, age: 1, answers: ListedMessage.sample(7, .routine, age: 90).id)))
        #expect(stage.text.contains("Night Desk replied: see the messages."))
    }

    @Test func everythingThatWasSaidAndDoneStandsInTheOrderOfTime() throws {
        var stage = ScreenStage(rows: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        let promised = ScreenStage.start.adding(seconds: 1_980)
        stage.open(
            message,
            thread: [
                entry(
                    .sample(1, .urgent, age: 900), .sent, from: "Dr. Noor Example", to: "Night Desk", state: "read",
                    reply: try Reply(text: "How high?", promisedAt: promised)),
                entry(reply(2, age: 800), isVerified: false, reply: try Reply(text: "39.8 \u{1B}[2J")),
                entry(
                    reply(3, age: 700), .sent, from: "Dr. Noor Example", to: "Dr. Eve", isReply: false,
                    state: "acknowledged", text: "I am in theatre."),
                entry(reply(4, age: 600), .carriedOn, from: "Dr. Eve", to: "Dr. Dan", isReply: false, state: "waiting"),
                entry(
                    reply(5, age: 500), .sent, from: "Dr. Noor Example", to: "Night Desk", state: "pending",
                    reply: try Reply(disposition: "Seen at home. Fine.")),
            ])
        stage.press(.end)
        let text = stage.text
        let expected = [
            "WHAT WAS SAID AND DONE ABOUT IT", "21:52", "You acknowledged: you call by 22:40",
            "How high?", "Night Desk has read it", "Night Desk replied",
            "NOT VERIFIED: check it by telephone.", "39.8 \\u{1B}[2J", "You handed it to Dr. Eve", "I am in theatre.",
            "Dr. Eve: acknowledged", "Dr. Eve handed it to Dr. Dan", "sent; no device of Dr. Dan has it yet",
            "How it ended: Seen at home. Fine.", "NOT SENT yet: it waits here.",
        ]
        var place = text.startIndex
        for words in expected {
            let found = text.range(of: words, range: place..<text.endIndex)
            #expect(found != nil, "\(words) in\n\(text)")
            place = found?.upperBound ?? place
        }
    }

    @Test func whatMovesInTheOpenThreadIsLookedUpAnew() {
        var stage = ScreenStage(rows: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        let sent = ListedMessage.sample(1, .urgent, age: 900)
        stage.open(message, thread: [entry(sent, .sent, to: "Dr. Eve", isReply: false)])
        stage.forgetActions()
        stage.tell(.moved(ListedMessage.sample(6, .urgent, age: 900).id))
        #expect(stage.actions.isEmpty)
        stage.tell(.moved(sent.id))
        #expect(stage.actions == [.thread(message.id)])
        stage.tell(.thread(message.id, [entry(sent, .sent, to: "Dr. Eve", isReply: false, state: "acknowledged")]))
        #expect(stage.text.contains("Dr. Eve: acknowledged"))
        // Of another message it is nothing.
        stage.tell(.thread(sent.id, []))
        #expect(stage.text.contains("Dr. Eve: acknowledged"))
    }
}
