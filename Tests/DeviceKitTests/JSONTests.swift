import DeviceKit
import Testing

@Suite struct JSONTests {
    /// A list that is written item by item is the one that is written whole.
    @Test(arguments: [0, 1, 3, 499, 1_000, 2_345])
    func listsAreWrittenItemByItem(_ count: Int) {
        let items = Array(0..<count)
        @Sendable func document(_ item: Int) -> JSONValue { ["n": .integer(item), "ü": ["\"", .null]] }
        var others = JSONObject()
        others.set("relay", to: "reachable")
        others.set("more", to: [true])
        let whole: JSONValue = ["messages": .array(items.map(document)), "relay": "reachable", "more": [true]]
        #expect(String(decoding: others.ascii(after: "messages", items, { document }), as: UTF8.self) == whole.ascii)
        let bare: JSONValue = ["messages": .array(items.map(document))]
        let written = JSONObject().ascii(after: "messages", items) { document }
        #expect(String(decoding: written, as: UTF8.self) == bare.ascii)
    }

    @Test(arguments: [
        "{}", "[]", "0", "-0.5e+10", "\"a\"", "null", " [1 , {\"a\" : \"\\u0041\\n\\ud83d\\ude00\"} ] ",
        "{\"a\":1,\"b\":[true,false]}",
    ])
    func readsWhatTheSpecificationPermits(_ text: String) throws {
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(try JSONParser.parse(value.bytes) == value)
        #expect(try JSONParser.parse(Array(value.ascii.utf8)) == value)
        #expect(value.ascii.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e", "NaN", "'a'", "\"\\x\"", "\"\\u12\"", "nul",
        "[1] 2", "{a:1}",
        "\"a\nb\"", "// c\n1", "\u{FEFF}1",
    ])
    func refusesWhatItDoesNot(_ text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func refusesDuplicateKeysByTheirBytes() throws {
        #expect { try JSONParser.parse(Array("{\"a\":1,\"\\u0061\":2}".utf8)) } throws: {
            ($0 as? JSONError)?.code == .duplicateKey
        }
        // Canonically equivalent, and two keys all the same.
        let value = try JSONParser.parse(Array("{\"K\":1,\"\u{212A}\":2}".utf8))
        #expect(value["K"] == 1)
        #expect(value["\u{212A}"] == 2)
    }

    @Test func refusesBadUTF8LoneSurrogatesAndDepth() {
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.self) { try JSONParser.parse(Array("\"\\ud800\"".utf8)) }
        #expect(throws: JSONError.self) { try JSONParser.parse(Array("\"\\udc00\"".utf8)) }
        let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect { try JSONParser.parse(Array(deep.utf8)) } throws: { ($0 as? JSONError)?.code == .tooLarge }
        #expect { try JSONParser.parse(Array("[1]".utf8), maximumByteCount: 2) } throws: {
            ($0 as? JSONError)?.code == .tooLarge
        }
    }

    @Test func escapesEverythingThatIsNotASCII() {
        #expect(
            JSONValue.string("é\u{202E}\u{1F600}\u{7F}\u{1}").ascii == "\"\\u00e9\\u202e\\ud83d\\ude00\\u007f\\u0001\"")
    }

    /// What needs no escape is copied whole; anything else is written scalar by scalar. Both are the same form.
    @Test func stringsAreWrittenInOneFormWhateverStandsInThem() throws {
        let parts = [
            "a", "msg-2q", " ", "~", "\u{7F}", "\u{0}", "\u{1F}", "\n", "\"", "\\", "é", "e\u{301}", "\u{202E}", "🚑",
        ]
        for first in parts {
            for second in parts {
                let value = JSONValue.string(first + second + first)
                #expect(value.ascii == "\"" + (first + second + first).unicodeScalars.map(Self.escaped).joined() + "\"")
                #expect(try JSONParser.parse(value.bytes) == value)
            }
        }
    }

    /// RFC 8259 section 7, with nothing but ASCII.
    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\u{20}"..."\u{7E}": return String(scalar)
        default:
            return UTF16.encode(scalar)!.map { unit in
                "\\u" + String(repeating: "0", count: 4 - String(unit, radix: 16).count) + String(unit, radix: 16)
            }.joined()
        }
    }

    @Test func wholeNumbersAreWholeHoweverWritten() throws {
        #expect(try JSONParser.parse(Array("1.0".utf8)).integer == 1)
        #expect(try JSONParser.parse(Array("1e2".utf8)).integer == 100)
        #expect(try JSONParser.parse(Array("1.5".utf8)).integer == nil)
        #expect(try JSONParser.parse(Array("9007199254740992".utf8)).integer == nil)
    }
}
