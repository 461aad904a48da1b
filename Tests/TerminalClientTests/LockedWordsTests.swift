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
                (words.link, words.waiting, words.overdue) = (link, 0, 3)
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
        #expect(text(words).contains("2 messages that were sent from here had none yet"))
        words.overdue = 1
        #expect(text(words).contains("CALL BY TELEPHONE: a message sent or handed on from here had no"))
        #expect(!text(words).contains("had none yet"))
    }

    @Test func withoutItsAgentItSaysThatNothingRings() {
        #expect(text(words(.ending, hasAgent: false)).contains("Its agent is gone or does not answer: nothing rings"))
    }
}
