import DeviceKit
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// What the foot says of a message is read of that one, and boxes leave to be seen whom they are about.
@Suite struct ScreenNoticeTests {
    private let first = ListedMessage.sample(0, .urgent, age: 60)
    private let second = ListedMessage.sample(1, .urgent, age: 30, from: "Ward Desk")

    private func foot(_ stage: borrowing ScreenStage) -> String {
        stage.text.split(separator: "\n", omittingEmptySubsequences: false).suffix(3).dropLast().joined()
    }

    @Test func whatBelongsToAMessageGoesWithIt() {
        for key: Key in [.escape, .character("n"), .character("?"), .character("s")] {
            var stage = ScreenStage()
            stage.tell(.listed([first, second]))
            stage.press(.enter)
            stage.open(first)
            stage.type("v")
            #expect(foot(stage).contains("This message has no files."))
            stage.press(key)
            if key == .character("n") { stage.open(second) }
            #expect(!stage.text.contains("This message has no files."), "\(key)")
        }
    }

    @Test func whatCameOfAnAnswerNamesTheMessageWhereItIsNotInView() {
        var stage = ScreenStage()
        stage.tell(.listed([first, second]))
        stage.press(.enter)
        stage.open(first)
        stage.tell(.signed(.acknowledged, first.id))
        #expect(foot(stage).contains("Acknowledged: signed and stored here."))
        stage.press(.escape)
        #expect(!stage.text.contains("signed and stored here"))
        stage.tell(.proven(.acknowledged, first.id, index: 9))
        #expect(foot(stage).contains("Acknowledged (Night Desk, sent 22:06); proven as entry 9"))
        // It was closed from the message, and stands over the list.
        stage.press(.home, .enter)
        stage.open(second)
        stage.tell(.signed(.closed, second.id))
        #expect(stage.state.pane == .list)
        #expect(foot(stage).contains("Closed (Ward Desk, sent 22:06): signed and stored here."))
        stage.tell(
            .failed("the disk is full", next: "make room", about: first.id))
        #expect(foot(stage).contains("The disk is full (Night Desk, sent 22:06). Make room."))
        stage.tell(.told("Saved 1 file into /x; the sender is told.", .good, about: first.id))
        #expect(foot(stage).contains("the sender is told (Night Desk, sent 22:06)."))
    }

    @Test func whoeverIsAskedSeesWhomItIsAbout() {
        for keys in ["a", "d", "d1", "h", "c", "r", "a2", "a3"] {
            var stage = ScreenStage()
            // As high as the head of the screen can be.
            stage.tell(
                .note(ScreenNote(at: ScreenStage.start, sentence: "false", evidence: "/x")),
                .listed([first, second]))
            stage.press(.enter)
            stage.open(first)
            stage.type(keys)
            let line = stage.text.split(separator: "\n").last { $0.contains("Zephyrine Quillfeather") }
            #expect(line?.contains("+1 202 555 0147, LEAVE NO MESSAGE") == true, "\(keys): \(stage.text)")
        }
        var stage = ScreenStage()
        stage.begin(first)
        stage.type("h")
        stage.press(.enter, .enter)
        #expect(stage.box.contains("Zephyrine Quillfeather +1 202 555 0147"))
        // The box stands at the foot: the number stays where it was.
        stage.type("na")
        #expect(stage.text.contains("CALL BACK    +1 202 555 0147   confirmed"))
    }

    @Test func whatIsAskedAboutNothingOpenShowsNothing() {
        var stage = ScreenStage()
        stage.begin(first)
        stage.press(.escape)
        stage.type("q")
        #expect(stage.box.contains("Leave the screen?"))
        #expect(!stage.box.contains("Quillfeather"))
    }

    @Test func whatWasOpenedIsToldApartInTheList() {
        var stage = ScreenStage(columns: 100)
        stage.tell(.listed([first, second]))
        #expect(!stage.text.contains("ABOUT"))
        stage.press(.enter)
        stage.open(first)
        stage.press(.escape)
        #expect(stage.text.contains("FROM / ABOUT"))
        #expect(stage.text.contains("Night Desk: Quillfeather, Zeph"))
        #expect(stage.text.contains("Ward Desk"))
        stage.press(.end, .enter)
        stage.open(second, .text("\n Wound check,\nday 3"))
        stage.press(.escape)
        stage.tell(.terminal(.resized(columns: 80, rows: 24)))
        #expect(stage.text.contains("Quillfeather"))
        #expect(stage.text.contains(" Wound check,"))
        #expect(!stage.text.contains("202 555"))
        // A screen that is opened anew has forgotten it.
        stage = ScreenStage()
        stage.tell(.listed([first, second]))
        #expect(!stage.text.contains("Quillfeather"))
    }

    /// Only the message's urgency rings: a record that says more is told where the message is read and where it is answered.
    @Test func aRecordThatSaysMoreIsToldWhereverItIsAnswered() throws {
        let emergent = try JSONParser.parse(Array(#"{"triage":{"urgency":"emergent"},"patient":{"family":"Q"}}"#.utf8))
        let bodies: [ShownMessage.Body] = [
            .record(emergent), .handedOn(HandOffPath(hands: [], content: nil), .record(emergent)),
        ]
        let words = "The record itself says EMERGENT: it was sent as URGENT."
        for body in bodies {
            for keys in ["", "a", "a2", "d", "c", "r"] {
                var stage = ScreenStage()
                stage.tell(.listed([first]))
                stage.press(.enter)
                stage.open(first, body)
                stage.type(keys)
                #expect(stage.text.contains(words), "\(keys): \(stage.text)")
            }
        }
        // The sample's own record says what it was sent as, and the same record is no understatement of an emergent message.
        var stage = ScreenStage()
        stage.tell(.listed([first]))
        stage.press(.enter)
        stage.open(first)
        #expect(!stage.text.contains("The record itself"))
        #expect(MessageWords.understated(.emergent, .emergent) == nil)
        #expect(MessageWords.understated(.sameDay, .urgent) == nil)
        #expect(MessageWords.understated(nil, .routine) == nil)
    }

    @Test func aMessageWithoutAPatientIsToldByItsCaller() throws {
        let record = try JSONParser.parse(
            Array(#"{"caller":{"name":"Ada","callback":{"e164":"+12025550199","ext":"7","confirmed":false}}}"#.utf8))
        let shown = ShownMessage(id: first.id, body: .record(record), broken: [], files: [])
        #expect(
            shown.subject
                == MessageSubject(
                    who: "caller Ada", listed: "caller Ada", callback: "+1 202 555 0199  extension 7, NOT CONFIRMED"))
        let nothing = ShownMessage(id: first.id, body: .record(.object(JSONObject())), broken: [], files: [])
        #expect(nothing.subject?.callback == "NO NUMBER")
        #expect(ShownMessage(id: first.id, body: .quarantined(.seal), broken: [], files: []).subject == nil)
    }
}
