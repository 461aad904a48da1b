import Statements
import Testing

@testable import DeviceKit

/// Two persons whom nobody could tell apart by their names.
@Suite struct AlikeNamesTests {
    private let known = [TextValue(typed: "Night Desk")!, TextValue(typed: "Dr. Noor Straße")!]

    @Test(arguments: [
        "dr. noor straße", "DR. NOOR STRASSE", "Dr.  Noor Straße", "Dr.\u{A0}Noor\u{2003}Straße", "night desk",
    ])
    func whatDiffersInCaseOrBlanksIsRefusedWithBothWaysOut(_ typed: String) throws {
        let name = try #require(TextValue(typed: typed))
        let error = #expect(throws: DeviceKitError.self) { try AlikeNames.check(name, among: known) }
        #expect(error?.category == .usage && error?.code == "name_too_alike")
        let meant = typed.lowercased().hasPrefix("night") ? known[0] : known[1]
        #expect(error?.message.contains("\"\(meant)\"") == true, "\(String(describing: error))")
        #expect(error?.next.contains("exactly so: \"\(meant)\"") == true)
    }

    @Test(arguments: ["Night Desk", "Dr. Noor Straße", "Dr. Noor", "Dr Noor Straße", "Dr. Noor Straße 2", "NightDesk"])
    func theVeryNameAndOthersAreNot(_ typed: String) throws {
        try AlikeNames.check(try #require(TextValue(typed: typed)), among: known)
    }
}
