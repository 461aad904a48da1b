import ArgumentParser
import Auditing
import DeviceKit
import Foundation
import Statements
import Testing

@testable import TerminalClient

/// Why somebody looks, asked for and given.
@Suite struct LookOptionsTests {
    /// What is typed, line by line, and what is said to it.
    private static func asked(_ lines: String...) -> (reason: AccessReason?, said: [String]) {
        var rest = lines[...]
        var said: [String] = []
        let reason = try? LookOptions.asked({ rest.popFirst() }, { said.append($0) })
        return (reason, said)
    }

    @Test func aWrongWordIsAskedForAgain() {
        let slip = Self.asked("legla", "0", "legal")
        #expect(slip.reason == .legal && slip.said.count == 2)
        #expect(slip.said[0].hasPrefix("\"legla\" is none of them: type a number from 1 to "))
        #expect(Self.asked("Patient request").reason == .patientRequest)
        #expect(Self.asked("1").reason == AccessReason.allCases[0])
        #expect(Self.asked("").reason == nil && Self.asked("x").reason == nil)
    }

    /// It would be logged nowhere, and whoever gave it must not believe that it was.
    @Test func aReasonForAQuestionToAnExportIsRefused() throws {
        try LookOptions.parse([]).checkOfExport()
        let given = try LookOptions.parse(["--reason", "legal"])
        let error = try #require(throws: DeviceKitError.self) { try given.checkOfExport() }
        #expect(error.code == "no_look" && error.category == .usage && error.next.contains("without --export"))
    }
}

/// What is said of a file that holds no heads, or not all of them.
@Suite struct HeadsFileTests {
    @Test func aFileThatIsCutOffIsSaidToBe() throws {
        let path = FileManager.default.temporaryDirectory.path + "/heads-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        func told(_ text: String) throws -> DeviceKitError {
            try Data(text.utf8).write(to: URL(filePath: path))
            return try #require(throws: DeviceKitError.self) { try AuditRun.heads(path) }
        }
        let cut = try told("nightbell.head/v1\norg org-a\n").message
        #expect(cut.contains("is cut off, or something else stands among its heads"), "\(cut)")
        #expect(try told("good night\n").message.hasSuffix("is no file of kept heads"))
        #expect(try told("").code == "no_heads")
    }

    /// A false head behind an empty line, or behind words, must not be taken for a note that nobody signed.
    @Test func whatIsNoHeadIsSentBack() throws {
        let path = FileManager.default.temporaryDirectory.path + "/heads-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let head = "nightbell.head/v1\norg org-a\n\n\u{2014} relay.example/a \(String(repeating: "A", count: 92))\n\n"
        try Data((head + head).utf8).write(to: URL(filePath: path))
        #expect(try AuditRun.heads(path).notes.count == 2)
        for text in ["\n" + head + "\n", "# of the desk\n" + head, head + "of the desk\n" + head, head + "\n" + head] {
            try Data(text.utf8).write(to: URL(filePath: path))
            let error = try #require(throws: DeviceKitError.self, "\(text)") { try AuditRun.heads(path) }
            #expect(error.code == "no_heads" && error.category == .usage)
        }
    }
}
