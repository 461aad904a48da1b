import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// `r`: words of one's own, sealed, on their way without anybody waiting for the relay.
@Suite struct ScreenReplyTests {
    private let message = ListedMessage.sample(0, .urgent, age: 60)

    private func unsent(_ kind: KeptMessage.Kind = .reply) -> UnsentWords {
        UnsentWords.sample(7, about: message.id, kind, to: "Night Desk")
    }

    @Test func aReplyIsTypedBelowWhatItAnswersAndGoesOutWithEnter() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("r")
        #expect(stage.text.contains("Reply to Night Desk"))
        #expect(stage.text.contains("CALL BACK"))
        stage.type("Leg up, q L ? ! 1")
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("Leg up, q L ? ! 1_"))
        stage.press(.enter)
        #expect(stage.actions == [.reply(message.id, "Leg up, q L ? ! 1")])
        #expect(stage.state.dialog == nil)
    }

    @Test func itIsNotSentUntilItIsProven() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("rhello")
        stage.press(.enter)
        stage.tell(.kept(unsent()))
        #expect(stage.text.contains("Your reply is stored here. Sending it to Night Desk"))
        #expect(stage.text.contains("NOT SENT: reply"))
        #expect(stage.text.contains("1 answer NOT yet known to the sender"))
        stage.tell(.unsent([unsent()]), .unposted("the relay does not answer"))
        #expect(stage.text.contains("NOT yet known to the sender: if it is urgent, TELEPHONE."))
        // Somebody tells of the message in between.
        stage.tell(.message(message))
        #expect(stage.text.contains("NOT SENT: reply"))
        stage.tell(.sent(unsent(), index: 43), .unsent([]))
        #expect(stage.text.contains("Your reply to Night Desk is sent; proven as entry 43 of the activity log."))
        #expect(!stage.text.contains("NOT"))
    }

    @Test func whatAnEarlierProgramKeptIsSaid() {
        var stage = ScreenStage()
        stage.tell(.listed([message]), .unsent([unsent(), unsent(.handOff)]))
        #expect(stage.text.contains("NOT SENT: hand-off"))
        #expect(stage.text.contains("1 hand-off NOT yet sent"))
        stage.tell(.unsent([unsent(.words)]))
        #expect(stage.text.contains("NOT SENT: your words"))
        // A list that is read anew forgets none of it.
        stage.tell(.listed([message]))
        #expect(stage.text.contains("NOT SENT: your words"))
    }

    @Test func whatIsRefusedIsSaidAndStaysReachable() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.tell(.kept(unsent()), .refused(unsent(), cause: "none of the member's devices has a prekey left"))
        #expect(stage.text.contains("Your reply to Night Desk was REFUSED and never goes out: none of"))
        #expect(!stage.text.contains("NOT SENT"))
        stage.wait(seconds: 10)
        stage.type("s!")
        #expect(stage.text.contains("REFUSED"))
    }

    @Test func nothingTypedIsNothingSent() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("r   ")
        stage.press(.enter)
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("Nothing is typed yet."))
        stage.press(.escape)
        #expect(stage.text.contains("Nothing was done."))
    }

    @Test func escLeavesItAndWhatWasTypedIsThereAgain() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("rhalf a thou")
        stage.press(.escape)
        #expect(stage.text.contains("What you typed is kept"))
        #expect(stage.actions.isEmpty)
        // Elsewhere in between.
        stage.press(.escape, .enter)
        stage.open(message)
        stage.forgetActions()
        stage.type("rght")
        stage.press(.enter)
        #expect(stage.actions == [.reply(message.id, "half a thought")])
        // Until it is stored it is there, whatever goes wrong.
        stage.tell(.failed("the disk is full", next: "make room"))
        #expect(stage.text.contains("The disk is full. Make room."))
        stage.type("r")
        #expect(stage.text.contains("half a thought_"))
        stage.press(.enter)
        stage.tell(.kept(unsent()))
        stage.type("r")
        #expect(!stage.text.contains("half a thought"))
    }

    @Test func everyMessageHasWordsOfItsOwn() {
        var stage = ScreenStage()
        let other = ListedMessage.sample(1, .urgent, age: 30)
        stage.begin(message)
        stage.tell(.message(other))
        stage.type("rfor the first")
        stage.press(.escape)
        stage.type("n")
        stage.open(other)
        stage.type("r")
        #expect(!stage.text.contains("for the first"))
    }

    @Test func whatIsPastedIsTextAndSendsNothing() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("r")
        stage.paste("two lines\nof a paste\u{1B}\u{202E}")
        // The rest of a paste may come a moment later, an Enter alone as well.
        stage.press(.enter)
        stage.paste("more")
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("two lines of a paste more_"))
        stage.wait(seconds: 1)
        stage.press(.enter)
        #expect(stage.actions == [.reply(message.id, "two lines of a paste more")])
    }

    @Test func whatCameTogetherWithTheKeyIsText() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.tell(.terminal(.keys([.character("r"), .character("o"), .character("k"), .enter])))
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("ok _"))
        // Over a slow line that is how an Enter comes; whoever pressed it is told what became of it.
        #expect(stage.text.contains("That arrived at once and was taken as text: press Enter to send."))
        stage.press(.enter)
        #expect(!stage.text.contains("That arrived at once"))
        #expect(stage.actions == [.reply(message.id, "ok")])
    }

    @Test func aPastedTextBeforeTheFieldIsOpenIsIgnored() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.paste("report of the night\n")
        #expect(stage.state.dialog == nil)
        #expect(stage.actions.isEmpty)
    }

    @Test func theMessageCanBeReadOnWhileOneWrites() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("r")
        let before = stage.text
        for _ in 0..<9 { stage.press(.pageDown) }
        #expect(stage.text != before)
        // To its very end: the field hides nothing.
        #expect(stage.text.contains("twice its size"))
        #expect(stage.text.contains("Reply to Night Desk"))
    }

    @Test func aLongReplyIsSeenAtItsEndAndHasAnEnd() {
        for (columns, rows) in [(80, 24), (200, 60)] {
            var stage = ScreenStage(columns: columns, rows: rows)
            stage.begin(message)
            stage.type("r")
            for _ in 0..<(TypedText.longest / 5) { stage.paste("word ") }
            #expect(stage.text.contains("No more fits"))
            #expect(stage.text.contains("Enter send"))
            #expect(stage.text.contains("CALL BACK"))
            stage.type("x")
            #expect(!stage.text.contains("x_"))
            stage.press(.backspace)
            #expect(!stage.text.contains("No more fits"))
            stage.type("yz")
            #expect(stage.text.contains("No more fits"))
            stage.press(.character("\u{15}"))
            #expect(!stage.text.contains("No more fits"))
        }
    }

    @Test func whereNobodyIsLeftItSaysSo() {
        var stage = ScreenStage()
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message, answersTo: nil)
        stage.type("r")
        #expect(stage.state.dialog == nil)
        #expect(stage.text.contains("telephone"))
    }

    @Test func leavingTheScreenWithWordsUnsaidIsAskedAbout() {
        var stage = ScreenStage()
        let done = ListedMessage.sample(0, .urgent, age: 60, state: "acknowledged")
        stage.begin(done)
        stage.type("rhalf")
        stage.press(.escape)
        stage.type("q")
        #expect(stage.actions.isEmpty)
        #expect(stage.box.contains("What you typed and did not send is lost then."))
        #expect(!stage.box.contains("for an answer"))
        stage.type("n")
        // Said, it is no draft any more.
        stage.type("r")
        stage.press(.enter)
        stage.tell(.kept(.sample(7, about: done.id, .reply, to: "Night Desk")))
        stage.type("q")
        #expect(stage.box.contains("1 answer is NOT SENT."))
        #expect(!stage.box.contains("What you typed"))
    }

    @Test func whoGetsItIsNamedWhenItIsNotTheSender() {
        var stage = ScreenStage()
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message, answersTo: "Front Desk")
        stage.type("r")
        #expect(stage.text.contains("Reply to Front Desk"))
    }

    @Test func anEmergentMessageTakesTheScreenAndWhatWasTypedIsKept() {
        var stage = ScreenStage()
        let emergent = ListedMessage.sample(1, .emergent, age: 5)
        stage.begin(message)
        stage.type("rplease keep the l")
        stage.tell(.message(emergent))
        #expect(stage.text.contains("E M E R G E N T"))
        #expect(!stage.text.contains("please keep"))
        stage.forgetActions()
        // Who writes on for a while and ends with Enter has not looked up yet.
        for _ in 0..<3 {
            stage.wait(seconds: 1)
            stage.type("eg up")
            stage.press(.enter)
        }
        #expect(stage.actions.allSatisfy { $0 == .ring })
        stage.wait(seconds: 2)
        stage.press(.enter)
        #expect(stage.actions.contains(.open(emergent.id)))
        stage.open(emergent)
        #expect(stage.text.contains("What you were typing is kept, NOT sent: open the URGENT message from Night"))
        #expect(stage.text.contains("press r."))
        #expect(!stage.text.contains("please keep"))
        stage.forgetActions()
        stage.type("a1")
        stage.tell(.signed(.acknowledged, emergent.id))
        stage.press(.escape)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message)
        stage.type("r")
        #expect(stage.text.contains("please keep the l_"))
    }

    @Test func anAlarmThatEndsByItselfGivesTheFieldBack() {
        var stage = ScreenStage()
        let emergent = ListedMessage.sample(1, .emergent, age: 5)
        stage.begin(message)
        stage.type("rhalf")
        stage.tell(.message(emergent))
        var answered = emergent
        answered.state = "acknowledged"
        stage.tell(.message(answered))
        #expect(stage.text.contains("half_"))
        stage.type(" done")
        stage.press(.enter)
        #expect(stage.actions.contains(.reply(message.id, "half done")))
    }
}

extension UnsentWords {
    static func sample(
        _ number: Int, about: MessageID, _ kind: KeptMessage.Kind, to: String
    ) -> UnsentWords {
        UnsentWords(
            kept: KeptMessage(
                message: ListedMessage.sample(number, .urgent, age: 0).id, about: about, member: .random(), kind: kind),
            to: to)
    }
}
