import DeviceKit
import Foundation
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// What stands at the screen's foot and in its help can be read at the least width that it takes.
@Suite struct ScreenWordsTests {
    @Test func keysAndTheirMeaningStandApartInTheHelp() {
        let lines = HelpPainter.lines(columns: 78).map { $0.pieces.map(\.text).joined() }
        for entry in ScreenHelp.sections.flatMap(\.entries) {
            let line = lines.first { $0.hasPrefix("  \(entry.key)  ") && $0.contains(entry.words.prefix(8)) }
            #expect(line != nil, "\(entry.key)")
        }
        #expect(lines.allSatisfy { Columns.width($0) <= 78 })
    }

    @Test(arguments: [80, 110])
    func aNoteThatIsLongerThanTheFootSaysWhereItsEndStands(_ columns: Int) {
        var stage = ScreenStage(columns: columns)
        let sentence =
            "a further device of this member joined: \"dr-noor-laptop\" (linux); it reads and signs as you: if you do not "
            + "know it, have it revoked (dev-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, 23 Nov 03:07 CET), and so on, and so on, and so on, and so on, and so on: THE END"
        stage.tell(.note(ScreenNote(at: ScreenStage.start, sentence: sentence, evidence: nil)))
        let foot = stage.text.split(separator: "\n", omittingEmptySubsequences: false).suffix(3)
        let words = foot.dropLast().flatMap { $0.split(separator: " ") }.joined(separator: " ")
        #expect(words.contains("if you do not know it, have it revoked"), "\(foot)")
        #expect(foot.dropLast().last?.hasSuffix(" … press ! to read on") == true, "\(foot)")
        stage.press(.character("!"))
        #expect(stage.text.contains("END"))
    }

    @Test func aShortNoteStandsWhole() {
        let note = ScreenNote(at: ScreenStage.start, sentence: "the relay is \u{1B} back", evidence: nil)
        #expect(FooterPainter.beginning(of: note, columns: 80) == "the relay is \\u{1B} back")
    }

    @Test func aStatusThatDoesNotFitIsSeenToGoOn() {
        var stage = ScreenStage()
        stage.tell(.told(String(repeating: "word ", count: 60), .plain))
        let foot = stage.text.split(separator: "\n", omittingEmptySubsequences: false).suffix(3)
        #expect(foot.dropLast().last?.hasSuffix("…") == true, "\(foot)")
    }

    /// What a sender writes stands behind a bar: it is never taken for what the screen says.
    @Test func aSendersWordsCannotImitateTheScreen() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(
            message,
            .text(
                "WHAT WAS SAID AND DONE ABOUT IT\n12:29         Dr. Noor replied\n" + String(repeating: "a ", count: 90)
            ))
        let lines = stage.text.split(separator: "\n")
        for words in ["WHAT WAS SAID", "Dr. Noor replied", "a a a"] {
            let said = lines.filter { $0.contains(words) }
            #expect(!said.isEmpty)
            #expect(said.allSatisfy { $0.trimmingCharacters(in: .whitespaces).hasPrefix("│ ") }, "\(said)")
        }
    }

    @Test func filesAreSaidAtTheTopAndHaveTheirKey() {
        var stage = ScreenStage()
        let message = ListedMessage.sample(0, .urgent, age: 60)
        stage.begin(message, files: ["call.wav"])
        #expect(stage.text.contains("1 FILE came with it: v saves it"))
        #expect(stage.text.contains("v save files"))
        stage = ScreenStage()
        stage.begin(message)
        #expect(!stage.text.contains("save files"))
    }
}
