import Auditing
import DeviceKit
import Secrets
import Statements
import Testing

@testable import TerminalClient

/// What a comparison prints of notes that whoever is convicted wrote.
@Suite struct ComparisonWordsTests {
    private static func claim(_ word: String, signedBy line: String) -> TreeClaim {
        TreeClaim(
            log: .activity, size: 7, root: .whole(Digest.sha256(Array(word.utf8))),
            note: Array("relay.example/activity\n7\n\(word)\n\n\(line)\n".utf8), isSigned: true)
    }

    /// A history that is shorter than what it is asked of.
    private struct Shorter: LogHistory {
        func root(of log: LogKind, size: UInt64) -> Digest? { nil }
        func checkpoint(of log: LogKind) -> [UInt8]? { nil }
    }

    @Test func whatIsNotReachedIsSaidToBeMistypedOrWithheld() async throws {
        let shown = [Self.claim("one", signedBy: "a"), Self.claim("one", signedBy: "b")]
        let words = ComparisonWords(try await Comparison([shown], history: Shorter()))
        #expect(words.document["verdict"]?.string == "unproven")
        #expect(
            words.human.hasPrefix("activity: nothing contradicts at 7 entries, but 2 of 2 trees are not proven: larger")
        )
        #expect(words.human.contains("than what is shown here: mistyped, or withheld"))
    }

    @Test func whatThisDeviceKeepsAgainstTheRelayIsSaidFirst() async throws {
        let shown = [Self.claim("one", signedBy: "a"), Self.claim("one", signedBy: "b")]
        var words = ComparisonWords(try await Comparison([shown], history: nil))
        #expect(!words.human.contains("NOT ONE HISTORY") && words.document["evidence"]?.array?.isEmpty == true)
        words.held = ["/evidence/two.json", "/evidence/older.json"]
        #expect(words.human.hasPrefix("NOT ONE HISTORY, as \"/evidence/two.json\" proves, which this device holds"))
        #expect(words.document["evidence"]?.array?.compactMap(\.string) == words.held)
    }

    /// What was read aloud, and written down without what it is of.
    @Test func aShortFormWithoutItsLogIsSentBackWithWhatIsMissing() throws {
        let digits = "0011 2233 4455 6677 8899 aabb ccdd eeff"
        let named = try AuditCompareCommand.claims(Array("activity 9 \(digits)\n".utf8), from: "said", [:])
        #expect(named.claims.map(\.size) == [9])
        // Half of it is no answer either.
        for text in ["9 \(digits)\n", "activity 9 \(digits)\n3 \(digits)\n"] {
            let error = try #require(throws: DeviceKitError.self) {
                try AuditCompareCommand.claims(Array(text.utf8), from: "said", [:])
            }
            #expect(error.code == "short_form_without_log" && error.category == .usage)
            #expect(error.message.contains("\"said\"") && error.message.contains("the log's name is missing"))
            #expect(error.next.contains("\"roster\" or \"activity\" directly before the size"))
        }
        let nothing = try #require(throws: DeviceKitError.self) {
            try AuditCompareCommand.claims(Array("good night\n".utf8), from: "said", [:])
        }
        #expect(nothing.code == "nothing_shown")
    }

    @Test func oneTreeAndOneNoteAreNotSeveral() async throws {
        let one = ComparisonWords(
            try await Comparison([[Self.claim("one", signedBy: "a")]], history: Shorter()),
            leftOut: [.init(file: "his.heads", notes: 1)])
        #expect(one.human.contains("note: 1 note in \"his.heads\" is not this relay's word"), "\(one.human)")
        #expect(one.human.contains("at 7 entries, but 1 of 1 tree is not proven"), "\(one.human)")
    }

    /// A key may be named as its owner likes, and a terminal must not obey the name.
    @Test func aNoteThatConvictsSteersNoTerminal() async throws {
        let plain = "\u{2014} relay.example/activity AAAA"
        let evil = "\(plain)\n\u{2014} \u{9B}2J\u{202E}witness AAAA"
        let comparison = try await Comparison(
            [[Self.claim("one", signedBy: plain)], [Self.claim("other", signedBy: evil)]], history: nil)
        let words = ComparisonWords(comparison)
        #expect(words.human.contains("CONTRADICT") && words.human.contains(plain))
        for scalar in ["\u{9B}", "\u{202E}"] as [Unicode.Scalar] {
            #expect(!words.human.unicodeScalars.contains(scalar), "\(scalar.value)")
        }
        // Whoever keeps the notes needs them as they came.
        #expect(comparison.results[0].contradictions[0].evidence[1] == Self.claim("other", signedBy: evil).note)
    }
}
