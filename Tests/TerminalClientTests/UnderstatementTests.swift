import DeviceKit
import Foundation
import Statements
import Testing

@testable import TerminalClient

/// A record that is sent as less urgent than it says it is.
@Suite struct UnderstatementTests {
    /// The demo's record, which says `urgent`.
    private func demo() throws -> MessageContent {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try MessageContent(
            recordFile: Array(try Data(contentsOf: root.appending(path: "Config/demo-call-record.json"))))
    }

    @Test(
        arguments: [(.emergent, false), (.urgent, false), (.sameDay, true), (.routine, true)] as [(Urgency, Bool)])
    func onlyALowerUrgencyIsSaid(_ urgency: Urgency, _ isLower: Bool) throws {
        #expect((Understatement(try demo(), sentAs: urgency) != nil) == isLower)
    }

    @Test func bothAreNamedAndWhatToType() throws {
        let understated = try #require(Understatement(try demo(), sentAs: .sameDay))
        let warning = understated.warning(to: "Dr. Noor", record: "call.json")
        #expect(warning.hasPrefix("the record says URGENT, and this sends it as SAME DAY: "))
        #expect(warning.hasSuffix(": nightbell send --to \"Dr. Noor\" --urgency urgent --record call.json"))
    }

    @Test func aTextSaysNothingOfUrgency() throws {
        #expect(Understatement(try MessageContent(text: "emergent"), sentAs: .routine) == nil)
    }
}
