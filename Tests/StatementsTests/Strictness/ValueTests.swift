import FuzzSupport
import Secrets
import Statements
import Testing

/// The one form of each kind of value, tried on real lines.
@Suite struct ValueTests {
    private func sample(_ name: String, where accept: (TextLines) -> Bool = { _ in true }) -> (StatementCase, TextLines)
    {
        let statement = StatementCase.named(name)
        var random = RandomStatements("values of \(name)")
        while true {
            let text = TextLines(statement.sample(&random))
            if accept(text) { return (statement, text) }
        }
    }

    private func expect(
        _ statement: StatementCase, _ bytes: [UInt8], _ code: StatementError.Code = .malformed, _ comment: Comment
    ) {
        #expect(throws: StatementError(code, part: ""), comment) { try statement.rewrite(bytes) }
    }

    @Test(arguments: [
        "+5", "-5", "05", "00", "5.0", "5 ", "0x5", "5e1", "９", "", "9007199254740992", "9007199254740993",
        "18446744073709551616", "99999999999999999999", "184467440737095516160000", "none",
    ]) func integersHaveOneForm(_ value: String) {
        let (statement, text) = sample("genesis")
        expect(statement, text.replacing("retention", with: value), .malformed, "retention \(value)")
        expect(statement, text.replacing("lifespan", with: "1 \(value)"), .malformed, "lifespan 1 \(value)")
        expect(statement, text.replacing("lifespan", with: "\(value) 9"), .malformed, "lifespan \(value) 9")
    }

    @Test(arguments: ["0", "1", "9007199254740991"]) func theEndsOfTheRangeAreIntegers(_ value: String) throws {
        let (statement, text) = sample("genesis")
        let bytes = text.replacing("retention", with: value)
        #expect(try statement.rewrite(bytes) == bytes)
    }

    @Test func aLifespanLastsAndIsNotLongerThanTheLongest() throws {
        let (statement, text) = sample("genesis")
        for value in ["0 0", "1 0", "0 1", "2 1", "1", "1 2 3"] {
            expect(statement, text.replacing("lifespan", with: value), .malformed, "lifespan \(value)")
        }
        let bytes = text.replacing("lifespan", with: "1 1")
        #expect(try statement.rewrite(bytes) == bytes)
    }

    static let textValues: [(name: String, value: [UInt8])] = [
        ("257 bytes", [UInt8](repeating: UInt8(ascii: "a"), count: 257)),
        ("256 bytes and an accent", [UInt8](repeating: UInt8(ascii: "a"), count: 255) + [0xC3, 0xA9]),
        ("space in front", Array(" a".utf8)), ("space behind", Array("a ".utf8)),
        ("no-break space behind", Array("a\u{A0}".utf8)), ("ideographic space in front", Array("\u{3000}a".utf8)),
        ("NFD", Array("Schro\u{308}der".utf8)),
        ("compatibility accents in the wrong order", Array("a\u{301}\u{323}".utf8)),
        ("Ångström sign", Array("\u{212B}".utf8)), ("Kelvin sign", Array("\u{212A}".utf8)),
        ("Hangul jamo", Array("\u{1100}\u{1161}".utf8)), ("zero-width space", Array("a\u{200B}b".utf8)),
        ("zero-width joiner", Array("a\u{200D}b".utf8)), ("right-to-left override", Array("a\u{202E}b".utf8)),
        ("soft hyphen", Array("a\u{AD}b".utf8)), ("byte order mark", Array("\u{FEFF}a".utf8)),
        ("tag", Array("a\u{E0041}".utf8)), ("line separator", Array("a\u{2028}b".utf8)),
        ("paragraph separator", Array("a\u{2029}b".utf8)), ("tab", Array("a\tb".utf8)), ("NUL", [0x61, 0, 0x62]),
        ("escape", Array("\u{1B}[31m".utf8)), ("delete", [0x7F]), ("C1 control", Array("a\u{85}b".utf8)),
        ("not UTF-8", [0xFF]), ("overlong", [0xC0, 0xAF]), ("surrogate", [0xED, 0xA0, 0x80]), ("cut short", [0xC3]),
        ("beyond Unicode", [0xF4, 0x90, 0x80, 0x80]),
    ]

    @Test(arguments: textValues) func textsHaveOneForm(_ name: String, _ value: [UInt8]) {
        for (type, key) in [("member", "name"), ("revoke", "reason"), ("enrol", "label"), ("genesis", "name")] {
            let (statement, text) = sample(type)
            expect(statement, text.replacing(key, with: value), .malformed, "\(name) in \(type) \(key)")
        }
        #expect(TextValue(value) == nil)
    }

    @Test func valuesHaveABound() {
        let (statement, text) = sample("revoke")
        for count in [2_048, 2_049, 60_000] {
            let value = String(repeating: "a", count: count)
            for key in ["reason", "revokes", "org", "at", "seen"] {
                expect(statement, text.replacing(key, with: value), .malformed, "\(key) of \(count) bytes")
            }
        }
    }

    @Test func hashesAreLowerCaseHex() throws {
        let (statement, text) = sample("manifest")
        let hash = text.value("binding")
        for value in [
            hash.uppercased(), String(hash.dropLast()), hash + "0", "0x" + hash, "none", String(hash.dropLast()) + "g",
            Base64.encode(Digest(hex: hash.utf8)!.bytes),
        ] {
            expect(statement, text.replacing("binding", with: value), .malformed, "binding \(value)")
        }
        let other = text.replacing("binding", with: String(repeating: "0", count: 64))
        #expect(try statement.rewrite(other) == other)
    }

    @Test func binaryIsCanonicalBase64OfItsLength() {
        let (statement, text) = sample("event")
        let salt = text.value("salt")
        #expect(salt.hasSuffix("=="))
        // 16 bytes leave four unused bits in the last character.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let last = alphabet.firstIndex(of: Array(salt)[21])!
        for value in [
            String(salt.dropLast(3)) + "\(alphabet[last + 1])==", String(salt.dropLast()), salt + "=",
            String(salt.dropLast(2)), salt.replacing("=", with: ""), "AAAA" + salt, "",
            salt.replacing("+", with: "-").replacing("/", with: "_") + "\n",
        ] {
            expect(statement, text.replacing("salt", with: value), .malformed, "salt \(value)")
        }
    }

    @Test func identifiersHaveTheirPrefixAndLength() {
        let (statement, text) = sample("receipt")
        let device = text.value("device")
        let characters = String(device.dropFirst(4))
        for value in [
            "mem-" + characters, "pk-" + characters, characters, device.uppercased(), "Dev-" + characters,
            String(device.dropLast()), device + "a", "dev-" + characters.uppercased(), "dev-", "dev",
            "dev-" + characters.dropLast() + "1", "dev-" + characters.dropLast() + "=", "none",
        ] {
            expect(statement, text.replacing("device", with: value), .malformed, "device \(value)")
        }
        // 16 bytes are 26 characters and two unused bits.
        let message = text.value("message")
        let unused = Array("abcdefghijklmnopqrstuvwxyz234567")
        let last = unused.firstIndex(of: message.last!)!
        #expect(last % 4 == 0)
        for step in 1...3 {
            expect(
                statement, text.replacing("message", with: String(message.dropLast()) + String(unused[last + step])),
                .malformed, "unused bits \(step)")
        }
    }

    @Test func wordsAreOfTheirClosedLists() {
        let (member, memberText) = sample("member")
        for value in ["Active", "ACTIVE", "active ", "inactive", "none", "active suspended", "\u{430}ctive"] {
            expect(member, memberText.replacing("status", with: value), .malformed, "status \(value)")
        }
        for value in [
            "admin", "provider admin", "intake provider", "provider provider", "provider,intake", "provider  intake",
            "none provider", "None", "operator",
        ] {
            expect(member, memberText.replacing("roles", with: value), .malformed, "roles \(value)")
        }
        let (enrol, enrolText) = sample("enrol")
        for value in ["Linux", "a b", String(repeating: "a", count: 33), "é", "a/b", ""] {
            expect(enrol, enrolText.replacing("platform", with: value), .malformed, "platform \(value)")
        }
    }
}
