import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// `h`: somebody else shall have the message.
@Suite struct ScreenHandOffTests {
    private let message = ListedMessage.sample(0, .urgent, age: 60)
    private let max = Samples.colleagues[1]

    @Test func itIsChosenByNameAskedOnceAndDone() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("h")
        #expect(stage.actions == [.lookUp(message.id)])
        #expect(stage.text.contains("> Dr. Amal Avery"))
        #expect(stage.text.contains("Late Desk"))
        stage.type("mAX")
        #expect(stage.text.contains("> Dr. Max Moor"))
        #expect(!stage.text.contains("Amal"))
        stage.press(.enter)
        #expect(stage.text.contains("Hand it to Dr. Max Moor: any words with it?"))
        stage.type("I am in theatre")
        stage.forgetActions()
        stage.press(.enter)
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("Hand this message to Dr. Max Moor?"))
        #expect(stage.box.contains("your words"))
        #expect(stage.box.contains("until Dr. Max Moor takes it up"))
        #expect(!stage.box.contains("NOT go with it"))
        stage.type("y")
        #expect(stage.actions == [.handOff(message.id, max, words: "I am in theatre")])
    }

    @Test func arrowsChooseAsWellAndWordsNeedNotBeSaid() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("h")
        stage.press(.up, .down, .down, .down, .up, .enter, .enter)
        stage.forgetActions()
        stage.type("y")
        #expect(stage.actions == [.handOff(message.id, max, words: nil)])
    }

    @Test func filesDoNotTravelAndThatIsSaid() {
        var stage = ScreenStage()
        stage.begin(message, files: ["call.wav", "leg.jpg"])
        stage.type("h")
        stage.press(.enter, .enter)
        #expect(stage.box.contains("Its 2 files do NOT go with it"))
        stage.type("n")
        #expect(stage.text.contains("Nothing was done."))
        #expect(!stage.actions.contains { if case .handOff = $0 { true } else { false } })
    }

    @Test func withOneNoNothingOfWhatWasTypedIsLost() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("h")
        stage.press(.enter)
        stage.type("please")
        stage.press(.enter)
        stage.type("n")
        stage.type("h")
        stage.press(.enter)
        #expect(stage.text.contains("please_"))
        // To somebody else go other words.
        stage.press(.escape)
        stage.type("hmax")
        stage.press(.enter)
        #expect(!stage.text.contains("please"))
    }

    @Test func aNameThatNobodyHasHandsNothingToAnybody() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("hzoe")
        #expect(stage.text.contains("No such name."))
        stage.press(.enter)
        #expect(stage.text.contains("Hand this message to whom?"))
        stage.press(.backspace, .backspace, .backspace)
        #expect(stage.text.contains("> Dr. Amal Avery"))
        stage.press(.escape)
        #expect(stage.text.contains("Nothing was done."))
    }

    @Test func aPastedNameIsAPartOfANameItsLineBreakToo() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("h")
        stage.paste("Dr. Max\n")
        #expect(stage.text.contains("> Dr. Max Moor"))
        #expect(stage.text.contains("Hand this message to whom?"))
        #expect(stage.text.contains("That arrived at once and was taken as text: press Enter to choose."))
    }

    @Test func whoCameMeanwhileCanBeChosenAndWhoWentCannot() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.type("h")
        stage.press(.down)
        let new = Colleague(id: .random(), name: "Dr. Zoe Zimmer", roles: "provider")
        stage.tell(
            .people(
                MessagePeople(about: message.id, answersTo: "Night Desk", colleagues: [Samples.colleagues[0], new])))
        #expect(!stage.text.contains("Max"))
        #expect(stage.text.contains("> Dr. Amal Avery"))
        #expect(stage.text.contains("Dr. Zoe Zimmer"))
    }

    @Test func whereNobodyCanHaveItItSaysSo() {
        var stage = ScreenStage()
        stage.begin(message)
        stage.tell(.people(MessagePeople(about: message.id, answersTo: "Night Desk", colleagues: [])))
        stage.type("h")
        #expect(stage.box.contains("There is nobody to whom you may write"))
        stage.press(.enter)
        #expect(stage.text.contains("There is nobody"))
        stage.press(.escape)
        #expect(stage.state.dialog == nil)
    }

    @Test func manyNamesFitIntoTheSmallestScreen() {
        var stage = ScreenStage()
        stage.begin(message)
        let many = (10..<60).map { Colleague(id: .random(), name: "Dr. Number \($0)", roles: "provider") }
        stage.tell(.people(MessagePeople(about: message.id, answersTo: "Night Desk", colleagues: many)))
        stage.type("h")
        for _ in 0..<45 { stage.press(.down) }
        #expect(stage.text.contains("> Dr. Number 55"))
        #expect(stage.text.contains("and 42 more"))
        #expect(stage.text.contains("Enter  this one"))
    }

    /// Nobody hands a message to the wrong one of two who look the same.
    @Test func namesThatLookTheSameAreToldApart() {
        var stage = ScreenStage()
        stage.begin(message)
        let (one, other) = (MemberID.random(), MemberID.random())
        let colleagues = [
            Colleague(id: one, name: "Dr. Noor", roles: "provider"),
            Colleague(id: other, name: "Dr. Noor\u{FE0F}", roles: "provider"),
            Colleague(id: .random(), name: "Dr. Max Moor", roles: "provider"),
        ]
        stage.tell(.people(MessagePeople(about: message.id, answersTo: "Night Desk", colleagues: colleagues)))
        stage.type("h")
        #expect(stage.text.contains("> …\(one.description.suffix(4)) Dr. Noor"), "\(stage.text)")
        #expect(stage.text.contains("…\(other.description.suffix(4)) Dr. Noo"))
        #expect(stage.text.contains("  Dr. Max Moor"))
    }

    @Test func whatANameHoldsDoesNothingToTheScreen() {
        var stage = ScreenStage()
        stage.begin(message)
        let bad = Colleague(id: .random(), name: "Eve\u{1B}[2J\u{202E}", roles: "provider")
        stage.tell(.people(MessagePeople(about: message.id, answersTo: "Night\u{7}", colleagues: [bad])))
        stage.type("h")
        #expect(stage.text.contains("Eve\\u{1B}[2J\\u{202E}"))
        stage.press(.enter)
        #expect(stage.text.contains("Hand it to Eve\\u{1B}[2J"))
        stage.press(.enter)
        #expect(stage.text.contains("Hand this message to Eve\\u{1B}[2J"))
        stage.type("nr")
        #expect(stage.text.contains("Reply to Night\\u{7}"))
    }

    @Test func itIsOnesOwnUntilItIsProven() {
        var stage = ScreenStage()
        stage.begin(message)
        let words = UnsentWords.sample(7, about: message.id, .handOff, to: "Dr. Max Moor")
        stage.tell(.kept(words))
        #expect(stage.text.contains("Handing it to Dr. Max Moor"))
        #expect(stage.text.contains("NOT SENT: hand-off"))
        #expect(stage.state.message(message.id)?.needsAnswer == true)
        stage.tell(.unposted("the relay does not answer"))
        #expect(stage.text.contains("NOT yet handed over: if it is urgent, TELEPHONE."))
        var handed = message
        handed.unproven = .handedOff
        stage.tell(.sent(words, index: 50), .message(handed))
        #expect(stage.text.contains("It is sent on to Dr. Max Moor; proven as entry 50"))
        #expect(stage.text.contains("NOT SENT: handed off"))
        stage.tell(.proven(.handedOff, message.id, index: 51))
        #expect(stage.text.contains("Handed off; proven as entry 51 of the activity log"))
        #expect(stage.text.contains("responsible until"))
        #expect(!stage.text.contains("NOT"))
        #expect(stage.state.message(message.id)?.state == "handed_off")
    }

    @Test func anAlarmInBetweenHandsNothingToAnybody() {
        var stage = ScreenStage()
        let emergent = ListedMessage.sample(1, .emergent, age: 5)
        stage.begin(message)
        stage.type("h")
        stage.press(.enter)
        stage.type("please")
        stage.press(.enter)
        stage.tell(.message(emergent))
        stage.wait(seconds: 1)
        stage.type("y")
        stage.press(.enter)
        stage.open(emergent)
        stage.type("y")
        #expect(!stage.actions.contains { if case .handOff = $0 { true } else { false } })
    }

    /// Whoever was choosing somebody ends with Enter: that opens nothing, and what was begun is not lost without a word.
    @Test func anEmergentMessageThatComesBetweenSaysThatNothingWasHandedOff() {
        var stage = ScreenStage(columns: 100)
        stage.begin(message)
        stage.type("hmax")
        let emergent = ListedMessage.sample(4, .emergent, age: 1)
        stage.tell(.message(emergent))
        stage.forgetActions()
        stage.wait(seconds: 1)
        stage.press(.enter)
        #expect(!stage.actions.contains(.open(emergent.id)))
        stage.wait(seconds: 2)
        stage.press(.enter)
        #expect(stage.actions.contains(.open(emergent.id)))
        stage.open(emergent)
        #expect(stage.text.contains("What you had begun was NOT done: open the URGENT message from Night Desk (22:06)"))
    }
}
