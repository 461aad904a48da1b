import DeviceKit
import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import TerminalClient

/// What a console wrote.
private final class Recorder: Sendable {
    private let texts = Mutex<(out: String, err: String)>(("", ""))

    var out: String { texts.withLock { $0.out } }
    var err: String { texts.withLock { $0.err } }

    /// - Parameter refusal: What standard output says instead of taking anything.
    func console(json: Bool, colour: Bool = false, columns: Int? = nil, refusal: Errno? = nil) -> Console {
        Console(isJSON: json, isVerbose: true, hasColour: colour, columns: columns, refusal: refusal) { text, isError in
            self.texts.withLock { texts in
                if isError { texts.err += text } else { texts.out += text }
            }
        }
    }
}

@Suite struct ConsoleTests {
    private let error = DeviceKitError("a_code", .refused, "the thing \u{1B}[31mand é its cause", next: "do this")

    @Test func errorsAreOneObjectForScripts() throws {
        let recorder = Recorder()
        recorder.console(json: true).fail(error)
        #expect(recorder.out.isEmpty)
        #expect(recorder.err.utf8.allSatisfy { $0 < 0x7F && ($0 >= 0x20 || $0 == 10) })
        let document = try JSONParser.parse(Array(recorder.err.utf8))
        #expect(document["error"]?["code"] == "a_code")
        #expect(document["error"]?["message"] == .string(error.message))
        #expect(document["error"]?["next"] == "do this")
    }

    @Test func warningsAndEarlyFactsAreObjectsForScripts() throws {
        let recorder = Recorder()
        let console = recorder.console(json: true)
        console.warn("receipts wait here: \u{1B}[31mé")
        console.early(["sent": ["message": "msg-a"]], human: "human")
        #expect(recorder.out.isEmpty)
        #expect(recorder.err.utf8.allSatisfy { $0 < 0x7F && ($0 >= 0x20 || $0 == 10) })
        let lines = try recorder.err.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
        #expect(lines.count == 2)
        #expect(lines.first?["warning"]?["message"] == "receipts wait here: \u{1B}[31mé")
        #expect(lines.last?["sent"]?["message"] == "msg-a")
    }

    /// A command that ends tells a lie once, however often it met it; one that stays each time.
    @Test func aFindingIsToldOnceByWhatEnds() {
        let finding = Finding(.contradiction, "two histories", evidence: "/e/1")
        for isStaying in [false, true] {
            let recorder = Recorder()
            let observer = ConsoleObserver(
                console: recorder.console(json: false), findings: MetFindings(), isStaying: isStaying)
            for _ in 0..<3 {
                observer.found(finding)
                observer.remark("not believed: two histories")
                observer.remark("the link is gone")
            }
            observer.found(Finding(.contradiction, "two histories", evidence: "/e/2"))
            #expect(recorder.err.ranges(of: "FINDING: two histories").count == (isStaying ? 4 : 2))
            #expect(recorder.err.ranges(of: "not believed").count == (isStaying ? 3 : 1))
            #expect(recorder.err.ranges(of: "the link is gone").count == 3)
        }
    }

    @Test func earlyFactsAreResultsForPeople() {
        let recorder = Recorder()
        recorder.console(json: false).early(["sent": 1], human: "sent")
        #expect(recorder.out == "sent\n")
        #expect(recorder.err.isEmpty)
    }

    @Test func errorsAreTwoHarmlessLinesForPeople() {
        let recorder = Recorder()
        recorder.console(json: false).fail(error)
        #expect(
            recorder.err == "nightbell: error: the thing \\u{1B}[31mand é its cause\nnightbell: hint: do this\n")
    }

    @Test func hintsNameTheProfileOfTheCommand() throws {
        let error = DeviceKitError("a_code", .locked, "it is locked", next: "\"nightbell unlock\" opens it")
        let recorder = Recorder()
        for json in [false, true] {
            var console = recorder.console(json: json)
            console.profile = ProfileHint(folder: "/p")
            console.fail(error)
            console.warn("see nightbell sent")
            console.say("or nightbell watch")
        }
        #expect(recorder.err.ranges(of: "nightbell --profile /p unlock").count == 2, "\(recorder.err)")
        #expect(recorder.err.ranges(of: "see nightbell --profile /p sent").count == 2, "\(recorder.err)")
        #expect(recorder.err.ranges(of: "or nightbell --profile /p watch").count == 1, "\(recorder.err)")
    }

    /// What others wrote is shown as they wrote it.
    @Test func resultsAreLeftAlone() {
        let recorder = Recorder()
        var console = recorder.console(json: false)
        console.profile = ProfileHint(folder: "/p")
        console.result(.null, human: "type nightbell inbox, she said")
        #expect(recorder.out == "type nightbell inbox, she said\n")
    }

    @Test func resultsBreakAtWordsUnderTheirBeginning() {
        let text = "EMERGENT  to Dr. Noor  sent 06:04, not read\n  msg-agrclz5z\n  one two three four five six seven"
        let recorder = Recorder()
        recorder.console(json: false, columns: 30).result(.null, human: text)
        #expect(
            recorder.out
                == "EMERGENT  to Dr. Noor  sent\n  06:04, not read\n  msg-agrclz5z\n  one two three four five six\n    seven\n"
        )
        let file = Recorder()
        file.console(json: false).result(.null, human: text)
        #expect(file.out == text + "\n")
        var talk = recorder.console(json: false, columns: 30)
        talk.wrapsTalk = true
        talk.fail(error)
        talk.say("next: one two three four five six seven")
        #expect(recorder.err.split(separator: "\n").allSatisfy { TextWidth.of(String($0)) <= 30 }, "\(recorder.err)")
    }

    /// What somebody wrote keeps the blanks that no line breaks at.
    @Test func whatIsNotOursIsNotTakenForACommand() {
        let text = "a\u{A0}b nightbell c d e f"
        #expect(TextWrap.page(text, columns: 14) == "a\u{A0}b nightbell\n  c d e f")
    }

    @Test func linesBreakAtWordsAndLeaveCommandsWhole() {
        let text = "11:54:59 EMERGENT from Night Desk, OVERDUE by 12 min: nightbell read msg-agrceart"
        let recorder = Recorder()
        recorder.console(json: false, columns: 60).line(.null, human: text)
        #expect(
            recorder.out
                == "11:54:59 EMERGENT from Night Desk, OVERDUE by 12 min:\n         nightbell read msg-agrceart\n")
        let file = Recorder()
        file.console(json: false).line(.null, human: text)
        #expect(file.out == text + "\n", "nobody looks at a file's lines' ends")
        var talk = recorder.console(json: false, colour: true, columns: 40)
        talk.wrapsTalk = true
        talk.warn("the relay cannot be reached: \"nightbell doctor\" says why, and what to do")
        let lines = recorder.err.split(separator: "\n").map {
            String($0).replacing("\u{1B}[33m", with: "").replacing("\u{1B}[0m", with: "")
        }
        #expect(lines.first == "nightbell: warning: the relay cannot be")
        #expect(lines.allSatisfy { TextWidth.of($0) <= 40 }, "\(lines)")
        #expect(lines.contains { $0.contains("\"nightbell doctor\"") }, "\(lines)")
    }

    @Test func resultsGoToStandardOutput() {
        let recorder = Recorder()
        recorder.console(json: true).result(["a": "é"], human: "human")
        recorder.console(json: false).result(["a": 1], human: "human")
        #expect(recorder.out == "{\"a\":\"\\u00e9\"}\nhuman\n")
        recorder.console(json: true).say("talk")
        #expect(recorder.err.isEmpty)
    }

    @Test(arguments: [true, false])
    func aFullDiskIsSaidOnceAndKept(_ isJSON: Bool) throws {
        let recorder = Recorder()
        let console = recorder.console(json: isJSON, refusal: .noSpace)
        #expect(!console.hasLostOutput)
        let isTaken = console.result(["a": 1], human: "human")
        #expect(!isTaken)
        console.result("list", [1], { { .integer($0) } }, and: JSONObject(), human: "human")
        console.output("help")
        #expect(console.hasLostOutput)
        #expect(recorder.err.contains("what is to be shown cannot be written to standard output: the disk is full"))
        #expect(recorder.err.split(separator: "\n").count == (isJSON ? 1 : 2), "\(recorder.err)")
    }

    @Test func aReaderThatWentAwayIsNoError() {
        let recorder = Recorder()
        let console = recorder.console(json: false, refusal: .brokenPipe)
        let isTaken = console.result(["a": 1], human: "human")
        #expect(!isTaken, "whoever tells others that it was shown must know")
        #expect(!console.hasLostOutput)
        #expect(recorder.err.isEmpty)
    }

    @Test func colourIsForTerminalsOnly() {
        let recorder = Recorder()
        recorder.console(json: false, colour: true).warn("x")
        #expect(recorder.err.contains("\u{1B}[33m"))
    }

    @Test func whatWasReceivedIsHarmless() {
        #expect(SafeText.line("a\u{1B}]0;title\u{7}\nb") == "a\\u{1B}]0;title\\u{7}\\u{A}b")
    }

    @Test func blocksKeepTheirLinesAndNothingElse() {
        #expect(SafeText.block("a\nb\r\u{1B}") == "  a\n  b\\u{D}\\u{1B}")
    }

    @Test func recordsAreShownInTheOrderInWhichTheyAreNeeded() throws {
        guard case .record(let record) = Samples.record else { throw CancellationError() }
        let text = RecordText.text(record, at: ScreenStage.start)
        let names = ["CALL BACK", "CALLER", "PATIENT", "REASON", "ALLERGIES", "MEDICINES", "SUMMARY", "RECORD  "]
        let places = names.map { text.range(of: $0)?.lowerBound }
        #expect(places.allSatisfy { $0 != nil }, "\(text)")
        #expect(zip(places, places.dropFirst()).allSatisfy { $0! < $1! }, "\(text)")
        #expect(text.hasPrefix("CALL BACK    +1 202 555 0147"))
        #expect(!text.split(separator: "\n").contains { $0.hasSuffix(" ") })
        #expect(text.contains("3f0d9a52-6c1e-4b7a-9d28-5e0c41f7ab63"))
        let narrow = RecordText.text(record, at: ScreenStage.start, columns: 60)
        #expect(narrow.split(separator: "\n").allSatisfy { TextWidth.of(String($0)) <= 60 })
    }

    @Test func whatARecordSaysIsHarmless() throws {
        let record = try JSONParser.parse(
            Array("{\"caller\":{\"name\":\"A\\u001b[2J\"},\"record_id\":\"\\u202e\"}".utf8))
        let text = RecordText.text(record, at: ScreenStage.start)
        #expect(text.contains("A\\u{1B}[2J") && text.contains("\\u{202E}"))
    }

    /// "No allergies" and "nobody asked" are not the same, and an empty place says neither.
    @Test func whatIsBlankWasNotRecorded() throws {
        let record = try JSONParser.parse(
            Array(
                """
                {"caller":{"name":" "},"patient":{"given":"","family":"\\u3164"},"request":{"reason":"\\t"},
                "clinical":{"allergies":[""],"medications":["", " "],"pharmacy":{"name":""},"recent_procedure":{"what":""}},
                "content":{"summary":""},"practice":{"name":""},"intake":{"method":""}}
                """.utf8))
        let text = RecordText.text(record, at: ScreenStage.start)
        for (name, words) in [
            ("CALLER", "not recorded"), ("PATIENT", "name not recorded"), ("REASON", "not recorded"),
            ("ALLERGIES", "not recorded"), ("MEDICINES", "not recorded"), ("PROCEDURE", "not recorded"),
            ("PHARMACY", "name not recorded"), ("SUMMARY", "not recorded"), ("TAKEN BY", "not recorded"),
            ("PRACTICE", "not recorded"),
        ] {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
            #expect(line?.dropFirst(13) == words[...], "\(line ?? "")")
        }
        let some = try JSONParser.parse(Array(#"{"clinical":{"allergies":["", "latex"]}}"#.utf8))
        #expect(RecordText.text(some, at: ScreenStage.start).contains("ALLERGIES    latex\n"))
    }

    @Test func aSummaryKeepsItsLines() throws {
        let record = try JSONParser.parse(
            Array(#"{"content":{"summary":"Pain since noon.\r\nNo fever.\nTwo\u001b[2J"}}"#.utf8))
        let text = RecordText.text(record, at: ScreenStage.start)
        let blanks = String(repeating: " ", count: 13)
        #expect(
            text.contains("SUMMARY      Pain since noon.\n\(blanks)No fever.\n\(blanks)Two\\u{1B}[2J\n"), "\(text)")
    }
}
