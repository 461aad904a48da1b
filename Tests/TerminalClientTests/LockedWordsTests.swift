import Testing
import UnlockAgent

@testable import TerminalClient

/// What a locked terminal says.
@Suite struct LockedWordsTests {
    private func words(
        _ reason: LockReason? = .asked, hasAgent: Bool = true, awaited: Int = 0, needsKeyFile: Bool = false
    ) -> LockedWords {
        LockedWords(
            reason: reason, hasAgent: hasAgent, awaited: awaited, hasUnlockFile: false, needsKeyFile: needsKeyFile,
            command: "nightbell unlock --profile practice/noor\(needsKeyFile ? " --key-file FILE" : "")")
    }

    private func text(_ words: LockedWords) -> String {
        words.screen(columns: 80) { $0 }.map { $0.drop { $0 == " " } }.joined(separator: " ")
    }

    @Test(arguments: LockReason.allCases)
    func everyLineOfTheScreenFitsBetweenItsWords(_ reason: LockReason) {
        for needsKeyFile in [false, true] {
            for link in [nil, RingLink.listening, .down, .over] {
                var words = words(reason, hasAgent: link != .over, awaited: 2, needsKeyFile: needsKeyFile)
                (words.link, words.waiting, words.lostWords) = (link, 0, true)
                words.overdue = LockedDeadlines.Overdue(messages: 3, promises: 2)
                words.remark = "this is not the passphrase of this profile; type it once more, and mind the Caps Lock"
                #expect(words.screen(columns: 80) { $0 }.allSatisfy { TextWidth.of($0) < 80 })
            }
        }
    }

    @Test func whoPressedTheKeyReadsThatItWasLockedByHand() {
        #expect(text(words()).contains("It was locked by hand (the key L, or \"nightbell lock\")."))
    }

    @Test func whatMustBeTelephonedStandsInsteadOfWhatIsAwaited() {
        var words = words(.idle, awaited: 2)
        #expect(text(words).contains("2 messages sent or handed on from here had none yet"))
        words.overdue.messages = 1
        #expect(text(words).contains("CALL BY TELEPHONE about a message sent or handed on from here"))
        #expect(!text(words).contains("had none yet"))
    }

    /// What is over rings at once, and is told in the next line.
    @Test func whatIsOverWhenItLocksIsNotSaidToRingLater() {
        var words = words(.idle, awaited: 4)
        words.late = 1
        #expect(words.awaitedSentence?.contains("3 messages sent or handed on from here had none yet") == true)
        words.late = 4
        #expect(words.awaitedSentence == nil)
    }

    /// What was sent from here rings for itself.
    @Test func thatNothingWaitsSaysOnlyWhatItMeans() {
        var words = words(.idle, awaited: 4)
        #expect(words.nothingWaits == "nothing rings here now: no message that came here waits for an answer")
        words.overdue.messages = 1
        #expect(words.nothingWaits == "no message that came here waits for an answer")
    }

    @Test func withoutItsAgentItSaysThatNothingRings() {
        #expect(text(words(.ending, hasAgent: false)).contains("Its agent is gone or does not answer: nothing rings"))
    }

    @Test func aCallThatIsDueAndWordsThatAreLostAreSaid() {
        var words = words(.idle, awaited: 1)
        words.overdue.promises = 1
        words.lostWords = true
        #expect(text(words).contains("CALL NOW: it is time for a call that you promised. Unlock to see whom"))
        #expect(text(words).contains("one message sent or handed on from here had none yet"))
        #expect(text(words).contains("What was being written when this was locked was not sent, and is gone"))
    }

    /// "It goes out by itself" is not true while it is locked.
    @Test func whatIsNotSentIsSaidAndSoIsWhatWaitsWithoutALink() {
        var words = words()
        (words.unsent, words.waiting, words.link) = (1, 0, .down)
        #expect(text(words).contains("1 answer is NOT SENT, and does not go out while this is locked: unlock it, or"))
        #expect(text(words).contains("SOMETHING WAITS (EMERGENT)"))
        #expect(text(words).contains("The relay cannot be reached: nothing new arrives here until it can."))
    }

    @Test func anUrgencyIsSaidInWords() {
        var words = words()
        words.waiting = 2
        #expect(text(words).contains("SOMETHING WAITS (SAME DAY): UNLOCK TO READ IT"))
    }
}
