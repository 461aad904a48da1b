import Statements
import Testing

@testable import DeviceKit

/// Two persons whom nobody could tell apart by their names.
@Suite struct AlikeNamesTests {
    private let known = [TextValue(typed: "Night Desk")!, TextValue(typed: "Dr. Noor Straße")!]

    @Test(arguments: [
        "dr. noor straße", "DR. NOOR STRASSE", "Dr.  Noor Straße", "Dr.\u{A0}Noor\u{2003}Straße", "night desk",
        "Dr. \u{FF2E}oor Straße", "Dr. Noor\u{FE0F} Straße", "Dr. N\u{34F}oor Straße", "Dr. Noor Straße\u{E0100}",
        "Dr. Noor\u{2800}Straße", "\u{3164}Night Desk",
    ])
    func whatDiffersInCaseOrBlanksIsRefusedWithBothWaysOut(_ typed: String) throws {
        let name = try #require(TextValue(typed: typed))
        let error = #expect(throws: DeviceKitError.self) { try AlikeNames.check(name, among: known) }
        #expect(error?.category == .usage && error?.code == "name_too_alike")
        let meant = typed.lowercased().contains("night") ? known[0] : known[1]
        #expect(error?.message.contains("\"\(meant)\"") == true, "\(String(describing: error))")
        #expect(error?.next.contains("exactly so: \"\(meant)\"") == true)
    }

    @Test(arguments: ["Night Desk", "Dr. Noor Straße", "Dr. Noor", "Dr Noor Straße", "Dr. Noor Straße 2", "NightDesk"])
    func theVeryNameAndOthersAreNot(_ typed: String) throws {
        try AlikeNames.check(try #require(TextValue(typed: typed)), among: known)
    }

    /// Whoever is renamed is no new member: the way out is another name.
    @Test func aMemberIsNotRenamedToWhatAnotherIsCalled() throws {
        for typed in ["Night Desk", "night  desk", "DR. NOOR STRASSE"] {
            let name = try #require(TextValue(typed: typed))
            let error = #expect(throws: DeviceKitError.self) { try MemberName.check(name, besides: known) }
            #expect(error?.category == .refused && error?.code == "name_taken")
            #expect(error?.message.contains("looks the same") == (typed != "Night Desk"))
        }
        let unseen = try #require(TextValue(typed: "Day\u{34F} Desk"))
        let odd = #expect(throws: DeviceKitError.self) { try MemberName.check(unseen, besides: known) }
        #expect(odd?.code == "bad_name")
        try MemberName.check(try #require(TextValue(typed: "Day Desk")), besides: known)
    }

    /// Two that nobody tells apart, and one that would be taken for the id of somebody else.
    @Test(arguments: [
        "\u{FE0F}", "\u{FE00}", "\u{34F}", "\u{3164}", "\u{115F}", "\u{1160}", "\u{FFA0}", "\u{2800}", "\u{180B}",
        "\u{17B4}",
        "\u{E0100}",
    ])
    func whatNobodySeesIsInNoNewName(_ mark: String) throws {
        let name = try #require(TextValue(typed: "Dr. Noor\(mark)x"))
        let error = #expect(throws: DeviceKitError.self) { try MemberName.check(name) }
        #expect(error?.code == "bad_name" && error?.category == .usage)
        let number = String(mark.unicodeScalars.first?.value ?? 0, radix: 16, uppercase: true)
        #expect(error?.message.contains("\(number))") == true, "\(String(describing: error))")
    }

    @Test func anIdIsNoName() throws {
        let id = MemberID.random().description
        for text in [id, id.uppercased()] {
            let name = try #require(TextValue(typed: text))
            let error = #expect(throws: DeviceKitError.self) { try MemberName.check(name) }
            #expect(error?.code == "bad_name")
        }
        for text in ["mem-ory", "Dr. Noor Straße", "漢字", "Zoë", "김철수"] {
            try MemberName.check(try #require(TextValue(typed: text)))
        }
    }
}
