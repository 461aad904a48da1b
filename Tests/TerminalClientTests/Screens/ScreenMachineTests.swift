import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

@Suite struct ScreenMachineTests {
    @Test func whatIsMostPressingStandsFirst() {
        var stage = ScreenStage()
        let messages = [
            ListedMessage.sample(0, .routine, age: 7_200), .sample(1, .urgent, age: 60),
            .sample(2, .urgent, age: 600), .sample(3, .sameDay, age: 30, state: "acknowledged"),
            .sample(4, .emergent, age: 900, state: "closed"), .sample(5, .urgent, age: 3_600, state: "declined"),
        ]
        stage.tell(.listed(messages))
        #expect(stage.state.messages.map(\.id) == [2, 1, 0, 3, 4, 5].map { messages[$0].id })
        #expect(stage.state.selected == messages[2].id)
    }

    @Test func controlZSilencesNothingAndSaysHowToLeave() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.begin(message)
        let stop = Key.character("\u{1A}")
        stage.press(stop)
        #expect(stage.text.contains("Ctrl-Z would silence this screen: press q to leave or L to lock."))
        stage.press(.character("d"), .character("1"))
        #expect(stage.state.dialog != nil)
        stage.press(stop)
        #expect(stage.text.contains("Ctrl-Z would silence this screen: press Esc, then q to leave or L to lock."))
        #expect(stage.state.dialog != nil, "a question is not answered by it")
        stage.press(.escape, .character("r"))
        stage.type("hello")
        stage.press(stop)
        #expect(stage.text.contains("hello_"))
        #expect(stage.text.contains("press Esc, then q"))
        #expect(stage.actions.isEmpty)
    }

    @Test func listsShowNothingFromInsideTheSeal() {
        var stage = ScreenStage(rows: 60)
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.tell(.listed([message]))
        stage.open(message)
        // It was not asked to be opened.
        #expect(stage.state.shown == nil)
        stage.press(.enter)
        #expect(stage.actions.contains(.open(message.id)))
        stage.open(message)
        for words in Samples.insideTheSeal { #expect(stage.text.contains(words), "\(words)") }
        stage.press(.escape)
        // Whom it is about tells it from others; nothing else of it does, and of what is dealt with not even that.
        for words in Samples.insideTheSeal.dropFirst() { #expect(!stage.text.contains(words), "\(words)") }
        #expect(stage.state.shown == nil)
        stage.tell(.signed(.closed, message.id))
        for words in Samples.insideTheSeal { #expect(!stage.text.contains(words), "\(words)") }
    }

    @Test func acknowledgingTakesAReasonAndNoSecondQuestion() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message)
        stage.forgetActions()
        stage.type("a9")
        #expect(stage.actions.isEmpty)
        stage.type("1")
        #expect(stage.actions == [.answer(.acknowledged, .callingNow, message.id)])
        stage.tell(.signed(.acknowledged, message.id))
        #expect(stage.text.contains("signed and stored here"))
        #expect(stage.text.contains("NOT yet known to the sender"))
        stage.tell(.proven(.acknowledged, message.id, index: 41))
        #expect(stage.text.contains("Acknowledged; proven as entry 41 of the activity log"))
        #expect(!stage.text.contains("NOT yet known"))
        #expect(stage.state.message(message.id)?.state == "acknowledged")
    }

    @Test func whereAMistakeCostsItIsAskedTwice() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.begin(message)
        stage.type("d1n")
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("Nothing was done."))
        stage.type("d1y")
        #expect(stage.actions == [.answer(.declined, .notMine, message.id)])
    }

    @Test func nobodyAnswersWhatNobodyHasRead() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        let closed = ListedMessage.sample(1, .urgent, age: 30, state: "quarantined", quarantine: .commitment)
        stage.tell(.listed([message, closed]))
        stage.type("a")
        stage.type("1")
        stage.type("dcrhy")
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("Open it first (Enter)"))
        stage.press(.down, .enter)
        stage.open(closed, .quarantined(.commitment))
        stage.forgetActions()
        for key in ["a", "d", "c", "r", "h"] {
            stage.type(key)
            #expect(stage.state.dialog == nil)
        }
        stage.type("1y")
        stage.press(.enter)
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("telephone the sender"))
    }

    /// Keys that were on their way when another message was asked for are about that one, which is not here yet.
    @Test func nothingIsAnsweredWhileAnotherMessageOpens() {
        var stage = ScreenStage()
        let first = ListedMessage.sample(0, .urgent, age: 60)
        let second = ListedMessage.sample(1, .urgent, age: 30)
        stage.tell(.listed([first, second]))
        stage.press(.enter)
        stage.open(first)
        stage.forgetActions()
        stage.type("na1")
        #expect(stage.actions == [.open(second.id)])
        stage.open(second)
        #expect(stage.state.dialog == nil)
        stage.type("a1")
        #expect(stage.actions.last == .answer(.acknowledged, .callingNow, second.id))
    }

    @Test func aQuestionAboutAnotherMessageIsGoneWhenThisOneIsShown() {
        var stage = ScreenStage()
        let first = ListedMessage.sample(0, .urgent, age: 60)
        let second = ListedMessage.sample(1, .urgent, age: 30)
        stage.tell(.listed([first, second]))
        stage.press(.enter)
        stage.open(first)
        stage.type("n")
        // A reader that is slow, and a question that was asked before it is ready.
        stage.tell(.failed("the store is busy", next: "try again"))
        stage.type("d1")
        #expect(stage.box.contains("URGENT from Night Desk"))
        stage.type("x")
        stage.type("nd")
        stage.open(second)
        stage.forgetActions()
        stage.type("1y")
        #expect(stage.actions.isEmpty)
    }

    @Test func nextGoesRoundAllThatWait() {
        var stage = ScreenStage()
        let messages = (0..<3).map { ListedMessage.sample($0, .urgent, age: 60 - Int64($0)) }
        stage.tell(.listed(messages))
        stage.press(.enter)
        stage.open(messages[0])
        for place in [1, 2, 0, 1] {
            stage.type("n")
            #expect(stage.state.opening == messages[place].id)
            stage.open(messages[place])
        }
    }

    @Test func whatWasTakenUpIsNotDeclined() {
        var stage = ScreenStage()
        let taken = ListedMessage.sample(0, .urgent, age: 60, state: "acknowledged")
        stage.begin(taken)
        stage.type("d")
        #expect(stage.state.dialog == nil)
        #expect(stage.text.contains("cannot be declined any more"))
    }

    /// The agent may take its time, or never answer: what was open is not to be seen meanwhile.
    @Test func lockedNothingIsSeen() {
        var stage = ScreenStage()
        stage.tell(.listed([ListedMessage.sample(0, .urgent, age: 60)]))
        #expect(stage.text.contains("URGENT"))
        stage.type("L")
        #expect(stage.actions.last == .lock)
        #expect(stage.text.split(whereSeparator: \.isWhitespace) == ["Locking…"])
        stage.press(.enter)
        stage.tell(.listed([ListedMessage.sample(1, .emergent, age: 1)]))
        #expect(stage.text.split(whereSeparator: \.isWhitespace) == ["Locking…"])
    }

    @Test func whereNothingCanBeSeenNothingIsSigned() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .emergent, age: 60)
        stage.tell(.listed([message]), .terminal(.resized(columns: 70, rows: 20)))
        stage.wait(seconds: 2)
        stage.forgetActions()
        stage.press(.enter)
        stage.type("a1dcy")
        #expect(stage.actions.isEmpty)
        stage.type("L")
        #expect(stage.actions == [.lock])
        stage.tell(.terminal(.resized(columns: 80, rows: 24)))
        stage.press(.enter)
        #expect(stage.actions.contains(.open(message.id)))
    }

    /// Another command fetched it while this screen had no link.
    @Test func whatIsFoundStoredRingsAsWhatArrives() {
        var stage = ScreenStage()
        stage.tell(.listed([]))
        stage.forgetActions()
        stage.tell(.listed([.sample(0, .urgent, age: 60)]))
        #expect(stage.rings == 1)
        stage.tell(.listed([.sample(0, .urgent, age: 60)]))
        #expect(stage.rings == 1)
        // And reminds by the policy.
        stage.wait(seconds: 301)
        #expect(stage.rings == 2)
    }

    @Test func theFootNamesTheMessageThatItSpeaksOf() {
        var stage = ScreenStage()
        let first = ListedMessage.sample(0, .sameDay, age: 60, from: "Ward Desk")
        let second = ListedMessage.sample(1, .urgent, age: 30)
        stage.tell(.listed([first, second]))
        stage.tell(.signed(.acknowledged, first.id))
        stage.press(.enter)
        stage.open(second)
        #expect(!stage.text.contains("Acknowledged"))
        stage.tell(.proven(.acknowledged, first.id, index: 91))
        #expect(stage.text.contains("Acknowledged (Ward Desk, sent 22:06); proven as entry 91"))
    }

    @Test func thatAnAnswerIsProvenIsSaidWhoeverToldOfItFirst() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60, state: "read")
        stage.begin(message)
        stage.tell(.signed(.acknowledged, message.id))
        var told = message
        told.state = "acknowledged"
        stage.tell(.message(told), .proven(.acknowledged, message.id, index: 7))
        #expect(stage.text.contains("Acknowledged; proven as entry 7"))
    }

    @Test func anUnknownAnswerIsSaidUntilItIsKnown() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60, state: "read")
        stage.tell(.listed([message]), .signed(.acknowledged, message.id), .unposted("the relay does not answer"))
        #expect(stage.text.contains("NOT yet known to the sender (Night Desk, sent 22:06): if it is urgent,"))
        // Somebody else tells of the message in between: what was signed here stays.
        stage.tell(.message(message))
        stage.wait(seconds: 5)
        stage.press(.down)
        #expect(stage.text.contains("1 answer NOT yet known to the sender"))
        #expect(stage.text.contains("NOT SENT: acknowledged"))
        stage.tell(.proven(.acknowledged, message.id, index: 3))
        #expect(!stage.text.contains("NOT"))
    }

    @Test func aListThatIsLoadedAnewKeepsTheChoice() {
        var stage = ScreenStage()
        let messages = (0..<5).map { ListedMessage.sample($0, .urgent, age: 100 - Int64($0)) }
        stage.tell(.listed(messages))
        stage.press(.down, .down)
        #expect(stage.state.selected == messages[2].id)
        stage.tell(.listed(messages.reversed()), .message(.sample(6, .urgent, age: 0)))
        #expect(stage.state.selected == messages[2].id)
        stage.press(.end)
        #expect(stage.state.selected == stage.state.messages.last?.id)
        stage.press(.home, .up)
        #expect(stage.state.selected == stage.state.messages.first?.id)
    }

    @Test func pastedWordsDoNothing() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message)
        stage.forgetActions()
        let pasted: [Key] = "d1y then more".unicodeScalars.map { .character($0) }
        stage.tell(.terminal(.keys(pasted)), .terminal(.keys([.character("c"), .character("y")])))
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("pasted"))
        stage.wait(seconds: 1)
        stage.type("a1")
        #expect(stage.actions == [.answer(.acknowledged, .callingNow, message.id)])
    }

    @Test func filesAreListedAndSavedWhereOneSays() {
        var stage = ScreenStage(rows: 60)
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message)
        stage.type("v")
        #expect(stage.text.contains("This message has no files."))
        stage.press(.escape, .enter)
        stage.open(message, files: ["call.wav recording, audio/wav, 1.2 MiB"])
        #expect(stage.text.contains("call.wav recording, audio/wav, 1.2 MiB"))
        stage.forgetActions()
        stage.type("v")
        // Letters are text here, and no commands; what is pasted is text as well, its line breaks too.
        stage.tell(.terminal(.keys([.character("/"), .character("d"), .enter, .character("\u{7}"), .character("q")])))
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("/d q_"))
        stage.press(.backspace, .backspace, .enter)
        #expect(stage.actions == [.save(message.id, folder: "/d")])
    }

    @Test func leavingIsAskedAboutWhileSomethingWaits() {
        var stage = ScreenStage()
        stage.type("q")
        #expect(stage.actions == [.quit])
        stage.forgetActions()
        stage.tell(.listed([.sample(0, .urgent, age: 60)]))
        stage.type("q")
        #expect(stage.actions.isEmpty)
        #expect(stage.text.contains("1 message waits for an answer"))
        stage.type("y")
        #expect(stage.actions == [.quit])
        // A signal does not ask.
        stage.forgetActions()
        stage.tell(.terminal(.ending(signal: 15)))
        #expect(stage.actions == [.quit])
    }

    @Test func findingsAreSaidAndStayReachable() {
        var stage = ScreenStage()
        let finding = ScreenNote(
            at: ScreenStage.start, sentence: "the relay signed two activity logs that cannot both be true",
            evidence: "/profile/evidence/checkpoints_contradict-0011.json")
        stage.tell(.note(finding), .note(finding))
        #expect(stage.text.contains("1 FINDING: something was not true. Press !"))
        stage.wait(seconds: 3_600)
        stage.type("!")
        #expect(stage.text.contains("the relay signed two activity logs"))
        #expect(stage.text.contains("checkpoints_contradict-0011.json"))
        stage.press(.escape)
        #expect(stage.text.contains("1 FINDING"))
    }

    @Test func aNewDeviceIsSeenOnceItsNoticeWasRead() {
        var stage = ScreenStage()
        let device = DeviceID("dev-" + String(repeating: "a", count: 32))!
        let sentence = "a further device of this member joined: \"tablet\""
        // Whoever learns of it says the sentence; which device it is comes after it.
        stage.tell(
            .note(ScreenNote(at: ScreenStage.start, sentence: sentence, evidence: nil)),
            .note(ScreenNote(at: ScreenStage.start, sentence: sentence, evidence: nil, device: device)))
        #expect(stage.state.notes.count == 1)
        #expect(stage.text.contains("A NEW DEVICE joined: press !"))
        #expect(!stage.actions.contains(.seen([device])))
        // What stands below the edge was not read.
        for number in 0..<20 {
            stage.tell(.note(ScreenNote(at: ScreenStage.start, sentence: "remark \(number)", evidence: nil)))
        }
        stage.type("!")
        #expect(!stage.actions.contains(.seen([device])))
        stage.press(.end)
        #expect(stage.text.contains("tablet"))
        #expect(stage.actions.filter { $0 == .seen([device]) }.count == 1)
        stage.wait(seconds: 2)
        stage.press(.escape)
        #expect(!stage.text.contains("NEW DEVICE"))
        stage.type("!")
        #expect(stage.actions.filter { $0 == .seen([device]) }.count == 1)
    }

    /// In one calm line, until it is over; which log it is stands among the notices.
    @Test func thatTooFewWitnessesVouchIsSaidWithoutRinging() {
        var stage = ScreenStage()
        stage.tell(.listed([]))
        stage.forgetActions()
        let notice =
            "for 24 hours only 1 of the 2 demanded witnesses have cosigned the roster log: tell your administrator"
        stage.tell(.witnesses(notice), .witnesses(notice))
        #expect(stage.text.contains("Too few witnesses cosigned the logs for 24 hours: tell your administrator."))
        #expect(stage.rings == 0)
        #expect(stage.state.notes.map(\.sentence) == [notice])
        stage.type("!")
        #expect(stage.text.contains("only 1 of the 2 demanded"))
        stage.press(.escape)
        stage.tell(.witnesses(nil))
        #expect(!stage.text.contains("Too few witnesses"))
    }

    @Test func whatTheRelaySaysOfThePresentIsShownWithItsAge() {
        var stage = ScreenStage()
        #expect(stage.text.contains("Connecting to relay.example:8443"))
        stage.tell(.link(.open), .present(ScreenStage.start.adding(seconds: -12)))
        #expect(stage.text.contains("Connected. The relay's last signed word is 12 s old."))
        stage.wait(seconds: 289)
        #expect(stage.text.contains("STALE: no signed word of the relay for 5 min."))
        let down = stage.now
        stage.tell(.link(.down(since: down, cause: "the relay does not answer", retry: down.adding(seconds: 4))))
        #expect(stage.text.contains("NO LINK since 22:11: nothing new arrives."))
        #expect(stage.text.contains("Trying again in 4 s."))
        stage.wait(seconds: 120)
        let later = stage.now
        stage.tell(.link(.down(since: later, cause: "the relay does not answer", retry: later)))
        #expect(stage.text.contains("NO LINK since 22:11"))
        stage.tell(.link(.open), .present(later))
        #expect(stage.text.contains("Connected."))
    }

    /// A full disk is no broken link: what is to be done is at this machine.
    @Test func whatKeepsMessagesFromBeingStoredIsSaidWithWhatToDo() {
        var stage = ScreenStage()
        let since = stage.now
        func blocked(_ retry: Timestamp) -> ScreenEvent {
            .link(.blocked(since: stage.now, cause: "the store cannot be used", next: "free some space", retry: retry))
        }
        stage.tell(blocked(since.adding(seconds: 4)))
        #expect(stage.rings == 1, "what comes meanwhile cannot ring")
        #expect(stage.text.contains("NOTHING IS RECEIVED since 22:07."))
        #expect(stage.text.contains("Trying again in 4 s."))
        #expect(stage.text.contains("The store cannot be used. Free some space."))
        #expect(!stage.text.contains("NO LINK"))
        stage.wait(seconds: 120)
        stage.tell(.told("Something else.", .plain))
        stage.tell(blocked(stage.now))
        #expect(stage.text.contains("NOTHING IS RECEIVED since 22:07."))
        #expect(stage.text.contains("Something else."), "what is known is not said at each try")
        #expect(stage.rings == 1)
    }

    @Test func notVerifiedIsSaidWithThePromise() {
        var stage = ScreenStage()
        let broken = [BrokenPromise("log", "its place in the log is not proven: the relay refuses")]
        let message = ListedMessage.sample(0, .urgent, age: 60, isVerified: false)
        stage.tell(.listed([message]))
        #expect(stage.text.contains("NOT VERIFIED"))
        stage.press(.enter)
        stage.open(message, broken: broken)
        #expect(stage.text.contains("NOT VERIFIED, its place in the log"))
        #expect(stage.text.contains("check by telephone what you act on"))
        #expect(!stage.text.contains("Verified:"))
    }

    @Test func theEndOfALongMessageIsTheEnd() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message)
        #expect(stage.text.contains("more lines: down or space"))
        stage.press(.end)
        #expect(stage.text.contains("twice its size"))
        #expect(!stage.text.contains("more lines"))
        let end = stage.text
        stage.press(.down, .down, .up)
        #expect(stage.text != end)
    }

    @Test func everySizeIsDrawnAndSmallOnesSayWhatIsNeeded() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message)
        for columns in stride(from: 1, through: 240, by: 7) {
            for rows in stride(from: 1, through: 80, by: 5) {
                stage.tell(.terminal(.resized(columns: columns, rows: rows)))
                let frame = stage.machine.frame
                #expect(frame.columns == columns && frame.rows == rows)
                let isLarge = columns >= 80 && rows >= 24
                if isLarge { #expect(frame.text.contains("CALL BACK"), "\(columns) × \(rows)") }
            }
        }
        stage.tell(.terminal(.resized(columns: 60, rows: 20)))
        #expect(stage.text.contains("The screen needs 80"))
    }
}
