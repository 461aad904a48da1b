import Testing

@testable import DeviceKit

/// Items of the queue that were passed over are told apart exactly, and never grow without bound.
@Suite struct MissingItemsTests {
    @Test func joinsWhatTouchesAndSplitsWhatIsTakenOut() throws {
        var missing = MissingItems()
        missing.insert(5...7)
        missing.insert(8...9)
        missing.insert(2...2)
        missing.insert(6...8)
        #expect(missing.ranges == [2...2, 5...9])
        let wasIn = missing.remove(7)
        let wasOut = missing.remove(4)
        #expect(wasIn)
        #expect(!wasOut)
        #expect(missing.ranges == [2...2, 5...6, 8...9])
        #expect([2, 5, 6, 8, 9].allSatisfy(missing.contains))
        #expect(![1, 3, 4, 7, 10].contains(where: missing.contains))
        #expect(missing.first == 2)
        #expect(missing.last == 9)
        missing.forget(beyond: 8)
        #expect(missing.ranges == [2...2, 5...6, 8...8])
        missing.forget(beyond: 4)
        #expect(missing.ranges == [2...2])
    }

    @Test func joinsTheNearestWhenThereAreTooMany() {
        var missing = MissingItems()
        for number in 0..<UInt64(MissingItems.maximumRanges) { missing.insert(10 * number...10 * number + 1) }
        missing.insert(1_000_003...1_000_003)
        #expect(missing.ranges.count == MissingItems.maximumRanges)
        #expect(missing.ranges.last == 1_000_003...1_000_003)
        missing.insert(1_000_001...1_000_001)
        #expect(missing.ranges.count == MissingItems.maximumRanges)
        #expect(missing.ranges.last == 1_000_001...1_000_003)
        for number in 0..<UInt64(MissingItems.maximumRanges) { #expect(missing.contains(10 * number)) }
    }

    @Test func readsWhatItWrote() throws {
        var missing = MissingItems()
        #expect(MissingItems(missing.text) == missing)
        missing.confirmed = 12
        missing.insert(14...20)
        missing.insert(31...31)
        #expect(missing.text == "12 14-20 31-31")
        #expect(MissingItems(missing.text) == missing)
        for text in ["", "x", "1 2", "1 5-4", "1 a-b", "1 -3"] { #expect(MissingItems(text) == nil) }
    }
}
