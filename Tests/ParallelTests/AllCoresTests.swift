import Parallel
import Testing

@Suite struct AllCoresTests {
    private struct Refused: Error, Equatable { let item: Int }

    @Test(arguments: [0, 1, 499, 500, 999, 1_000, 1_001, 12_345])
    func partsAreTheListInItsOrder(_ count: Int) throws {
        let items = Array(0..<count)
        let parts = AllCores.parts(of: items) { Array($0) }
        #expect(parts.flatMap { $0 } == items)
        #expect(AllCores.map(items) { $0 * 2 } == items.map { $0 * 2 })
    }

    /// Whichever thread finds one first.
    @Test func theFirstErrorOfTheListIsThrown() {
        let items = Array(0..<5_000)
        #expect(throws: Refused(item: 1_200)) {
            try AllCores.map(items) { item throws(Refused) in
                if item >= 1_200 { throw Refused(item: item) }
                return item
            }
        }
    }
}
