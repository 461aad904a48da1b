import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// What is no answer to a message any more, or none to this kind of message, is said and not done.
@Suite struct ScreenRefusalTests {
    private let closed = ListedMessage.sample(1, .urgent, age: 600, state: "closed")

    @Test func aReplyTakesNoAcknowledgement() {
        for key in ["a", "d", "c"] {
            var stage = ScreenStage()
            let root = ListedMessage.sample(0, .urgent, age: 600)
            stage.begin(.sample(2, .urgent, age: 60, answers: root.id))
            stage.type(key)
            #expect(stage.state.dialog == nil)
            #expect(stage.text.contains("A reply needs no answer: Night Desk sees that you read it."))
            #expect(!stage.text.contains("a acknowledge"))
            stage.type("r")
            #expect(stage.text.contains("Reply to Night Desk"))
        }
    }

    @Test func whatIsClosedIsNotDeclined() {
        var stage = ScreenStage()
        stage.begin(closed)
        stage.type("d")
        #expect(stage.state.dialog == nil)
        #expect(stage.text.contains("It is closed and cannot be declined any more: h hands it to somebody else."))
    }

    @Test func whatOneDeclinedIsTakenUpBeforeItIsClosed() {
        var stage = ScreenStage(columns: 160)
        stage.begin(.sample(0, .urgent, age: 60, state: "declined"))
        stage.type("c")
        #expect(stage.text.contains("You declined it, and to close it would say that it is dealt with: a takes it up"))
    }

    /// What the foot offers does something, and what does nothing is not offered.
    @Test func onlyKeysThatDoSomethingAreOffered() {
        let root = ListedMessage.sample(7, .urgent, age: 900)
        let handed = { (state: String) in
            ListedMessage.sample(
                0, .urgent, age: 120, state: "handed_off",
                carriedOn: CarriedOn(
                    to: "Dr. Max Moor", state: state, since: root.at, at: root.at, expires: root.expires))
        }
        for (message, expected) in [
            (ListedMessage.sample(0, .urgent, age: 60, state: "read"), "adcrh"),
            (.sample(0, .urgent, age: 60, state: "acknowledged"), "acrh"),
            (.sample(0, .urgent, age: 60, state: "read", unproven: .acknowledged), "acrh"),
            (.sample(0, .urgent, age: 60, state: "declined"), "arh"),
            (closed, "rh"), (.sample(2, .urgent, age: 60, answers: root.id), "rh"),
            (.sample(0, .urgent, age: 60, state: "quarantined", quarantine: .seal), ""),
            (handed("read"), "crh"), (handed("acknowledged"), "rh"), (handed("declined"), "acrh"),
        ] {
            for key in "adcrh" {
                var stage = ScreenStage(columns: 160)
                stage.begin(message)
                let foot = stage.text.split(separator: "\n").last ?? ""
                let words = [
                    "a": message.isTaken ? "new promise" : "acknowledge", "d": "decline", "c": "close", "r": "reply",
                    "h": "hand off",
                ]
                let isOffered = foot.contains(" \(key) \(words[String(key)] ?? "")")
                #expect(isOffered == expected.contains(key), "\(key) of \(message.state): \(foot)")
                #expect(!foot.contains("n next"))
                stage.type(String(key))
                #expect((stage.state.dialog != nil) == isOffered, "\(key) of \(message.state)")
            }
        }
    }

    @Test func aQuestionThatAnotherDeviceAnsweredIsNotAskedOn() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.begin(message)
        stage.type("d1")
        stage.tell(.message(.sample(0, .urgent, age: 60, state: "acknowledged")))
        #expect(stage.state.dialog == nil)
        #expect(stage.text.contains("Nothing was done: meanwhile it is acknowledged."))
        stage.type("y")
        #expect(stage.actions.isEmpty)
    }

    @Test func whoHandsOnWhatIsClosedIsToldThatItsSenderTakesItForDone() {
        for (message, isSaid) in [(closed, true), (ListedMessage.sample(0, .urgent, age: 60), false)] {
            var stage = ScreenStage()
            stage.begin(message)
            stage.type("h")
            stage.press(.enter, .enter)
            #expect(stage.box.contains("Hand this message to Dr. Amal Avery?"))
            #expect(stage.box.contains("You CLOSED it: Night Desk takes it for done.") == isSaid)
        }
    }

    @Test func whoClosesWhatAnotherHasIsToldToTelephone() {
        let at = ScreenStage.start.adding(seconds: -60)
        for (state, isSaid) in [("delivered", true), ("declined", false)] {
            var stage = ScreenStage()
            stage.begin(
                .sample(
                    0, .urgent, age: 120, state: "handed_off",
                    carriedOn: CarriedOn(
                        to: "Dr. Max Moor", state: state, since: at, at: at, expires: at.adding(seconds: 86_400))))
            stage.type("c")
            #expect(stage.text.contains("? How did it end?"))
            #expect(stage.text.contains("Dr. Max Moor was handed it and has not answered: telephone") == isSaid)
        }
    }

    @Test func aReplySaysWhichMessageItIsAbout() {
        var stage = ScreenStage()
        stage.begin(.sample(0, .urgent, age: 600))
        stage.type("r")
        #expect(stage.text.contains("Reply to Night Desk, about their URGENT message, 21:57"))
        stage = ScreenStage()
        let carried = ListedMessage.sample(3, .sameDay, age: 600, from: "Dr. Dan Diaz")
        stage.tell(.listed([carried]))
        stage.press(.enter)
        stage.open(carried, answersTo: "Night Desk")
        stage.type("r")
        #expect(stage.text.contains("Reply to Night Desk, about the SAME DAY message from Dr. Dan Diaz, 21:57"))
    }

    /// Of what the relay has nothing is said before all of it is here.
    @Test func nothingWaitsOnlyOnceAllIsHere() {
        var stage = ScreenStage()
        let nothing = "No messages. Nothing waits for you."
        stage.tell(.listed([]))
        #expect(stage.text.contains("Whether any wait at the relay is being looked up"))
        stage.tell(.link(.receiving), .present(stage.now))
        #expect(stage.text.contains("Connected. Fetching what waits at the relay"))
        #expect(!stage.text.contains(nothing))
        stage.tell(.link(.open))
        #expect(stage.text.contains(nothing))
        stage.tell(.link(.down(since: stage.now, cause: "the relay does not answer", retry: stage.now)))
        #expect(stage.text.contains("No messages here. Whether any wait at the relay is NOT known."))
        stage.tell(.link(.open))
        stage.wait(seconds: 301)
        #expect(stage.text.contains("NOT known."))
    }

    @Test func whatIsStillToBeHandedOnIsNotClosed() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.begin(message)
        stage.tell(.unsent([.sample(7, about: message.id, .handOff, to: "Dr. Max Moor")]))
        stage.type("c")
        #expect(stage.state.dialog == nil)
        #expect(stage.text.contains("Its hand-off waits here and goes out when the link is back. Close it after"))
    }

    @Test func whoeverHearsOfARefusalIsNamed() {
        let original = HandOffPath.Original(
            from: "Night Desk", at: ScreenStage.start, message: ListedMessage.sample(5, .urgent, age: 90).id,
            attachments: 0)
        let path = HandOffPath(hands: [.init(text: nil, original: original)], content: nil)
        for (body, words) in [
            (Samples.record, "Dr. Noor is told that you do not take it (it is not mine): somebody else"),
            (ShownMessage.Body.handedOn(path, Samples.record), "Dr. Noor and Night Desk are told that you do not"),
        ] {
            var stage = ScreenStage()
            let message = ListedMessage.sample(0, .urgent, age: 60, from: "Dr. Noor")
            stage.tell(.listed([message]))
            stage.press(.enter)
            stage.open(message, body)
            stage.type("d1")
            #expect(stage.box.contains(words), "\(stage.box)")
        }
    }

    @Test func filesAreNotSavedIntoNoFolder() {
        var stage = ScreenStage()
        stage.begin(.sample(0, .urgent, age: 60), files: ["1  call.wav"])
        stage.type("v")
        stage.press(.enter)
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("Name a folder, as ~/files or /tmp/files."))
    }

    @Test func whoDeclinedItIsNotHandedItAgain() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.begin(message)
        let max = Colleague(id: .random(), name: "Dr. Max Moor", roles: "provider", hasDeclined: true)
        stage.tell(.people(MessagePeople(about: message.id, answersTo: "Night Desk", colleagues: [max])))
        stage.type("h")
        #expect(stage.box.contains("Dr. Max Moor DECLINED IT"))
        stage.press(.enter)
        #expect(stage.text.contains("Dr. Max Moor DECLINED it: choose somebody else, or telephone."))
        #expect(stage.box.contains("Hand this message to whom?"))
        stage.tell(.people(MessagePeople(about: message.id, answersTo: "Night Desk", colleagues: [])))
        #expect(stage.box.contains("There is nobody"))
        #expect(!stage.text.contains("this one"))
    }

    /// A second promise on what is acknowledged already: the answer is proven, the new words are not.
    @Test func aNewPromiseIsNotSaidToBeKnownBeforeItIs() {
        for (link, words) in [
            (RelayLink.open, "Your words with it are on their way to the sender."),
            (
                .down(since: ScreenStage.start, cause: "away", retry: ScreenStage.start),
                "Your words with it are NOT known"
            ),
        ] {
            var stage = ScreenStage(columns: 120)
            let message = ListedMessage.sample(0, .urgent, age: 60, state: "acknowledged")
            stage.begin(message)
            stage.tell(.link(link), .unsent([.sample(7, about: message.id, .words, to: "Night Desk")]))
            stage.tell(.proven(.acknowledged, message.id, index: 27))
            #expect(stage.text.contains(words), "\(stage.text)")
            #expect(!stage.text.contains("the sender is told"))
        }
    }

    /// What the line says is what the key does.
    @Test func theNextOneIsTheMostPressingThatNobodyHasSeen() {
        var stage = ScreenStage()
        let urgent = ListedMessage.sample(0, .urgent, age: 60)
        let same = ListedMessage.sample(1, .sameDay, age: 60)
        let routine = ListedMessage.sample(2, .routine, age: 60)
        stage.tell(.listed([urgent, same, routine]))
        stage.press(.down, .down, .enter)
        stage.open(routine)
        stage.wait(seconds: 1)
        #expect(stage.text.contains("NEW URGENT from Night Desk, 22:06, NOT OPENED: n opens it.  1 other waits."))
        stage.forgetActions()
        stage.type("n")
        #expect(stage.actions == [.open(urgent.id)])
        stage.open(urgent)
        stage.wait(seconds: 1)
        #expect(stage.text.contains("2 others wait, the first SAME DAY: n opens it."))
        stage.type("n")
        stage.open(same)
        stage.wait(seconds: 1)
        // Both were looked at: the one that was longest ago is next.
        #expect(stage.text.contains("2 others wait, the first URGENT: n opens the next (ROUTINE)."))
        stage.forgetActions()
        stage.type("n")
        #expect(stage.actions == [.open(routine.id)])
    }

    @Test func whereSomebodyRepliedIsSaidBesideTheOpenMessage() {
        var stage = ScreenStage()
        let open = ListedMessage.sample(0, .urgent, age: 60)
        let taken = ListedMessage.sample(1, .urgent, age: 600, state: "acknowledged")
        stage.begin(open)
        stage.tell(.listed([open, taken, .sample(2, .urgent, age: 5, answers: open.id)]))
        #expect(!stage.text.contains("elsewhere"))
        stage.tell(.message(.sample(3, .urgent, age: 5, answers: taken.id)))
        stage.wait(seconds: 3)
        #expect(stage.text.contains("1 new reply elsewhere: n shows it."))
        stage.tell(.message(.sample(4, .sameDay, age: 30)))
        #expect(stage.text.contains("1 other message waits (SAME DAY): n opens it.  Also 1 new reply."))
        var answered = ListedMessage.sample(4, .sameDay, age: 30)
        answered.state = "closed"
        stage.tell(.message(answered))
        stage.forgetActions()
        stage.type("n")
        #expect(stage.actions == [.open(taken.id)])
    }
}
