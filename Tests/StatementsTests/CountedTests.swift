import Statements
import Testing

@Suite struct CountedTests {
    @Test(arguments: [(0, "0 notes", "0 entries"), (1, "1 note", "1 entry"), (2, "2 notes", "2 entries")])
    func onlyOneIsSingular(_ count: Int, _ notes: String, _ entries: String) {
        #expect(count.counted("note") == notes)
        #expect(UInt64(count).counted("entry", "entries") == entries)
    }
}
