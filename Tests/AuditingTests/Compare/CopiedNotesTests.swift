import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@testable import Auditing

/// What a mail makes of a note takes nothing from it, and what cannot be read is not passed over.
@Suite struct CopiedNotesTests {
    private static let activity = ForkingLog("relay.example/org/activity", count: 40, fork: 20)
    private static let keys: [LogKind: LogKey] = [.activity: activity.signer.logKey]
    private static let good = activity.checkpoint(25).note.bytes
    private static let fork = activity.checkpoint(25, 1).note.bytes
    private static let head = activity.signer.sign(
        Head(
            organisation: OrganisationID(bytes: Digest.of("organisation").bytes.prefix(20)),
            time: Timestamp(milliseconds: 1), roster: .init(size: 3, root: Digest.of("roster")),
            activity: .init(size: 25, root: activity.root(25, 1)), device: nil)
    ).bytes

    private static func read(_ file: [UInt8]) throws -> TreeClaims {
        try #require(TreeClaims(parsing: file, keys: keys))
    }

    /// The same note with other characters, and behind it one that is as it was signed.
    private static func copied(_ note: [UInt8], _ change: (String) -> String) -> [UInt8] {
        Array((change(String(decoding: note, as: UTF8.self)) + "\n\n").utf8) + good
    }

    private static let changes: [(name: String, change: @Sendable (String) -> String)] = [
        ("quoted", { "> " + $0.replacing("\n", with: "\n> ") }),
        ("quoted twice", { ">> " + $0.replacing("\n", with: "\n> > ") }),
        ("indented", { "  " + $0.replacing("\n", with: "\n\t  ") }),
        ("blanks behind", { $0.replacing("\n", with: " \n") }),
        ("hard blanks", { $0.replacing(" \n", with: "\n").replacing("\n", with: "\u{A0}\n") }),
        ("hard blanks within", { $0.replacing("\u{2014} ", with: "\u{2014}\u{A0}") }),
        ("a mark in front", { "\u{FEFF}" + $0 }),
        ("old line ends", { $0.replacing("\n", with: "\r") }),
        ("doubled line ends", { $0.replacing("\n", with: "\r\r\n") }),
        ("hyphen", { $0.replacing("\u{2014}", with: "-") }), ("hyphens", { $0.replacing("\u{2014}", with: "--") }),
        ("words between", { $0.replacing("\n\n", with: "\n\nAnd the signature:\n") }),
        ("spread", { $0.replacing("\n", with: "\n\n") }),
        ("blanks in the empty line", { $0.replacing("\n\n", with: "\n   \n") }),
        ("wrapped", { String($0.dropLast(30)) + "\n" + String($0.suffix(30)) }),
        (
            "wrapped at the blank",
            { $0.replacing("activity ", with: "activity\n").replacing("activity\n25 ", with: "activity 25 ") }
        ),
        ("one further line", { $0 + "\u{2014} foo bar\n" }),
        ("its line twice", { $0 + String($0.drop(while: { $0 != "\u{2014}" })) }),
        (
            "a wrong line first",
            { text in
                let wrong = String(decoding: Self.good, as: UTF8.self).drop(while: { $0 != "\u{2014}" })
                return text.replacing("\n\n", with: "\n\n" + wrong)
            }
        ),
        ("too many lines", { $0 + String(repeating: "\u{2014} z AAAAAAA=\n", count: 70) }),
    ]

    @Test func aCopiedNoteConvictsAllTheSame() throws {
        for note in [Self.fork, Self.head] {
            for (name, change) in Self.changes {
                let claims = try Self.read(Self.copied(note, change))
                let roots = Set(
                    claims.claims.filter { $0.isSigned && $0.log == .activity && $0.size == 25 }.map(\.root))
                #expect(roots.count == 2, "\(name)")
                #expect(claims.unread.isEmpty && claims.foreign == 0, "\(name): \(claims.unread) \(claims.foreign)")
            }
        }
    }

    /// Each character as two bytes, in either order, and behind it one byte for each.
    @Test func otherEncodingsAreRead() throws {
        for order in [false, true] {
            let wide = "\u{FEFF}\(String(decoding: Self.fork, as: UTF8.self))".utf16.flatMap {
                (unit: UInt16) -> [UInt8] in
                let bytes = [UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8)]
                return order ? bytes.reversed() : bytes
            }
            let claims = try Self.read(wide + Array("\n\n".utf8) + Self.good)
            #expect(claims.claims.count == 2 && claims.unread.isEmpty)
        }
        let short = Array("Gr".utf8) + [0xFC] + Array("sse\nactivity \(Self.activity.checkpoint(7).shortForm)\n\n".utf8)
        #expect(try Self.read(short + Self.good).claims.map(\.size) == [7, 25])
    }

    /// Nobody believes it; but it is not passed over either, for what was copied wrong may be what convicts.
    @Test func whatCannotBeReadIsNamedByItsLine() throws {
        let text = String(decoding: Self.fork, as: UTF8.self)
        let signature = String(text.drop(while: { $0 != "\u{2014}" }))
        for (copy, line) in [
            (text.replacing("\n25\n", with: "\n26\n"), 1), ("Hello\r\n\r\n" + text.dropLast(9) + "\r\n", 3),
            ("> " + text.prefix(while: { $0 != "\u{2014}" }), 1), ("of it is left:\n" + signature, 2),
            (text.replacing("relay.example/org/activity\n", with: "relay.example/\norg/activity\n"), 5 + 1),
        ] {
            let claims = try Self.read(Array((copy + "\n\n").utf8) + Self.good)
            #expect(claims.claims.map(\.note) == [Self.good], "\(copy)")
            #expect(claims.unread == [line], "\(copy): \(claims.unread)")
            // Behind a note that was read, too.
            #expect(try Self.read(Self.good + Array(("\nsee:\n" + copy).utf8)).unread.count == 1, "\(copy)")
        }
        // Notes of others, and words with the name of a log, are none of these.
        let other = ForkingLog("other.example", count: 3, fork: 1).checkpoint(2).note.bytes
        let words = Array("\nI was shown relay.example/org/activity today:\n\n".utf8)
        let claims = try Self.read(Self.good + words + other + [0x0A] + Self.head)
        #expect(claims.unread.isEmpty && claims.foreign == 1)
    }
}
