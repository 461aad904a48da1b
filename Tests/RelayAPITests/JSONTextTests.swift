import Foundation
import Testing

@testable import RelayAPI

/// What writes itself gives the same bytes as Foundation's encoder with sorted keys.
@Suite struct JSONTextTests {
    private static let awkward = [
        "", "plain", "two\nlines\n", "quote \" backslash \\ slash /", "tab\t return\r feed\u{0C} back\u{08}",
        "\u{00}\u{01}\u{0F}\u{10}\u{1F}\u{7F}", "Zoë — Ärztin 医師 👩🏽‍⚕️", "e\u{301} \u{2028}\u{2029}", "\"", "\\",
    ]

    private static let entries = awkward.map {
        LoggedEntry(log: $0, index: 1 << 53, entry: $0, proof: $0, consistency: [$0, ""])
    }

    private static let head = HeadAnswer(
        head: awkward[2], roster: "r", activity: "a", rosterConsistency: [], activityConsistency: ["x", "y"])

    private func expectSame(_ value: some Encodable & JSONWritable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let expected = String(decoding: try encoder.encode(value), as: UTF8.self)
        #expect(String(decoding: APIJSON.encode(value), as: UTF8.self) == expected)
    }

    @Test(arguments: entries) func loggedEntries(_ entry: LoggedEntry) throws { try expectSame(entry) }

    @Test func heads() throws { try expectSame(Self.head) }

    @Test(arguments: [nil, "c2VhbGVk"] as [String?]) func queueItems(_ part: String?) throws {
        for entry in Self.entries {
            try expectSame(
                QueueItem(number: 0, entry: entry, sealedKey: part, alert: part, capsule: nil, content: part))
        }
    }

    @Test func claims() throws {
        for text in Self.awkward {
            try expectSame(
                ClaimAnswer(
                    prekeys: [
                        .init(device: text, prekey: PrekeyShape(text: text, signature: text), without: nil),
                        .init(device: text, prekey: nil, without: text),
                    ], head: Self.head))
        }
        try expectSame(ClaimAnswer(prekeys: [], head: Self.head))
    }

    @Test func receipts() throws {
        try expectSame(ReceiptsAnswer(logged: Self.entries, refused: nil))
        try expectSame(
            ReceiptsAnswer(
                logged: [], refused: Problem(.brokenChain, status: 409, detail: "a \"detail\"", next: "read\n")))
    }
}
