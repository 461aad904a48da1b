import Auditing
import DeviceKit
import Foundation
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
        words.held = [
            Finding(.contradiction, "", evidence: "/evidence/two.json"),
            Finding(.rolledBack, "", evidence: "/evidence/older.json"),
        ]
        #expect(words.human.hasPrefix("NOT ONE HISTORY, as \"/evidence/two.json\" proves, which this device holds"))
        #expect(words.document["evidence"]?.array?.compactMap(\.string) == words.held.map(\.evidence))
        #expect(words.status == .verificationFailed)
        // A withheld end is one history, and no proof of two.
        words.held.removeFirst()
        #expect(
            words.human.hasPrefix("ROLLED BACK (the relay signed a larger tree, and then showed a smaller one), as "))
        #expect(!words.human.contains("NOT ONE HISTORY") && words.status == .verificationFailed)
    }

    @Test func whatComparedNothingIsNotTakenForOneHistory() async throws {
        let foreign = ComparisonWords(
            try await Comparison([], history: nil), leftOut: [.init(file: "theirs", notes: 2)])
        #expect(foreign.human.contains("NOTHING WAS COMPARED") && foreign.human.contains("--export DIR"))
        #expect(foreign.status == .usage)
        let same = [Self.claim("one", signedBy: "a"), Self.claim("one", signedBy: "b")]
        #expect(ComparisonWords(try await Comparison([same], history: nil)).status == .done)
    }

    /// What was not read could be what contradicts: a script must not take the rest for the whole.
    @Test func whatCouldNotBeReadIsNamedAndIsNotDone() async throws {
        let same = [Self.claim("one", signedBy: "a"), Self.claim("one", signedBy: "b")]
        let words = ComparisonWords(
            try await Comparison([same], history: nil), unread: [.init(file: "mail.txt", lines: [3, 17])])
        #expect(
            words.human.hasPrefix(
                "2 places in \"mail.txt\" look like a checkpoint and could not be read: line 3, 17. It could"),
            "\(words.human)")
        #expect(words.human.contains("give the file itself") && words.status == .usage)
        #expect(words.document["unread"]?.array?.first?["lines"]?.array?.count == 2)
        let other = [Self.claim("one", signedBy: "a"), Self.claim("two", signedBy: "b")]
        let two = ComparisonWords(
            try await Comparison([other], history: nil), unread: [.init(file: "mail.txt", lines: [3])])
        #expect(two.status == .verificationFailed && two.human.contains("1 place in \"mail.txt\" looks like"))
    }

    /// What a device kept of two trees of two sizes convicts nobody by itself, and whoever compares it is told what is missing.
    @Test func treesOfTwoSizesAreSaidToNeedAHistory() async throws {
        let later = TreeClaim(
            log: .activity, size: 9, root: .whole(Digest.sha256([1])), note: Array("note\n".utf8), isSigned: true)
        let words = ComparisonWords(
            try await Comparison([[Self.claim("one", signedBy: "a"), later]], history: nil)
        ).human
        #expect(
            words.contains("2 of 2 trees are not proven: no history was asked; trees of two sizes prove"), "\(words)")
        #expect(words.contains("nightbell audit export DIR") && words.contains("--export DIR"))
        let one = ComparisonWords(try await Comparison([[later]], history: nil)).human
        #expect(one.hasSuffix("compare with an export (--export DIR) or a relay that has them"), "\(one)")
    }

    @Test func whoHasNoProfileHearsHowToCompareWithoutOne() {
        let missing = DeviceKitError("profile_missing", .configuration, "there is no profile", next: "join")
        let told = AuditCompareCommand.orWithoutProfile(missing)
        #expect(told.code == missing.code && told.category == missing.category && told.message == missing.message)
        #expect(told.next.hasPrefix("join; or "))
        #expect(told.next.contains("--export DIR") && told.next.contains("--log FILE"))
        let other = DeviceKitError("locked", .locked, "it is locked", next: "unlock")
        #expect(AuditCompareCommand.orWithoutProfile(other).next == "unlock")
    }

    /// A quiet log's heads say one thing a hundred times.
    @Test func aContradictionIsToldOnce() async throws {
        let one = ["a", "b", "c"].map { Self.claim("one", signedBy: $0) }
        let other = ["d", "e", "f"].map { Self.claim("other", signedBy: $0) }
        let longer = ["one", "other"].map { word in
            TreeClaim(
                log: .activity, size: 9, root: .whole(Digest.sha256(Array(word.utf8))), note: Array("\(word)\n".utf8),
                isSigned: true)
        }
        for claims in [one + other, [one[0], other[0], one[1], other[1]]] {
            let words = ComparisonWords(try await Comparison([claims + longer], history: nil))
            #expect(words.human.components(separatedBy: "CONTRADICT").count == 3, "\(words.human)")
            #expect(words.human.components(separatedBy: "Keep these notes").count == 2, "\(words.human)")
            #expect(words.document["logs"]?.array?.first?["contradictions"]?.array?.count == 2)
        }
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
