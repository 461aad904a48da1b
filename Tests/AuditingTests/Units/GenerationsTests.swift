import Statements
import Testing

@testable import Auditing

@Suite struct GenerationsTests {
    private static func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private static func filled() -> Generations<String, Int> {
        var generations = Generations<String, Int>(milliseconds: 100)
        generations.turn(at: time(1_000))
        generations.set(1, for: "first")
        return generations
    }

    @Test func whatIsSetIsRememberedForAsLongAsItMustBe() {
        var generations = Self.filled()
        for time in [Int64(1_050), 1_099, 1_100, 1_199] {
            generations.turn(at: Self.time(time))
            #expect(generations["first"] == 1)
        }
        generations.turn(at: Self.time(1_200))
        #expect(generations["first"] == nil)
    }

    @Test func aLongSilenceForgetsEverything() {
        var generations = Self.filled()
        generations.turn(at: Self.time(1_200))
        #expect(generations["first"] == nil)
    }

    @Test func theNewerValueCounts() {
        var generations = Self.filled()
        generations.turn(at: Self.time(1_100))
        generations.set(2, for: "first")
        #expect(generations["first"] == 2)
    }

    @Test func goesOnFromItsRecord() throws {
        var generations = Self.filled()
        generations.turn(at: Self.time(1_150))
        generations.set(2, for: "second")
        var writer = RecordWriter()
        generations.write(to: &writer) { writer, key, value in
            writer.put(key)
            writer.put(value)
        }
        var reader = RecordReader(writer.bytes)
        var again = try Generations<String, Int>(milliseconds: 100, from: &reader) { (reader) throws(AuditError) in
            (try reader.text(), try reader.count())
        }
        #expect(again["first"] == 1 && again["second"] == 2)
        again.turn(at: Self.time(1_250))
        #expect(again["first"] == nil && again["second"] == 2)
    }
}
