import Testing

@testable import Statements

@Suite struct TextFieldsTests {
    /// Every value of up to seven letters and spaces, against a split of it.
    @Test(arguments: 1...5, [false, true]) func areWhatStandsBetweenSingleSpaces(_ count: Int, _ lastIsText: Bool) {
        for length in 0...7 {
            for bits in 0..<(1 << length) {
                let value = (0..<length).map { UInt8(bits >> $0 & 1 == 1 ? 0x20 : 0x61) }
                // A value lies anywhere in its text.
                let inText = ([0x20, 0x20] + value + [0x20])[2..<2 + value.count]
                let fields = TextFields(inText, count: count, lastIsText: lastIsText)
                let found = fields.map { fields in (0..<count).map { Array(fields[$0]) } }
                #expect(found == Self.split(value, count, lastIsText))
            }
        }
    }

    private static func split(_ value: [UInt8], _ count: Int, _ lastIsText: Bool) -> [[UInt8]]? {
        let parts = value.split(
            separator: 0x20, maxSplits: lastIsText ? count - 1 : .max, omittingEmptySubsequences: false)
        return parts.count == count && parts.allSatisfy { !$0.isEmpty } ? parts.map { Array($0) } : nil
    }
}
