import SignerSupport
import Statements
import Testing

@testable import Auditing

@Suite struct EarlyFactsTests {
    private static let start = Timestamp(Array("2026-11-23T03:07:00.000Z".utf8))!
    private static let hour: Int64 = 3_600_000

    private static func time(hours: Int64) -> Timestamp { start.adding(milliseconds: hours * hour) }

    private static func fact(hours: Int64) -> AuditedMessage.Fact {
        AuditedMessage.Fact(
            word: "fallback", reason: "a prekey", device: .named("bo"), member: .named("bo"), at: time(hours: hours),
            logged: time(hours: hours), index: UInt64(hours))
    }

    /// A claim is good for a day: whenever it was logged, its message has more time than that, and then is waited for no more.
    @Test func whatMayStillComeIsRememberedAndNothingElse() {
        for claimed in Int64(0)..<48 {
            var early = EarlyFacts()
            early.add(Self.fact(hours: claimed), about: .named("m"))
            for hour in claimed + 1...claimed + 97 {
                early.turn(from: Self.time(hours: hour - 1), to: Self.time(hours: hour))
                if hour <= claimed + 47 { #expect(early.messageCount == 1, "\(claimed), \(hour)") }
            }
            #expect(early.messageCount == 0, "\(claimed)")
        }
    }

    @Test func itDoesNotGrowWithClaimsThatCameToNothing() {
        var early = EarlyFacts()
        for hour in Int64(1)...2_000 {
            early.turn(from: Self.time(hours: hour - 1), to: Self.time(hours: hour))
            early.add(Self.fact(hours: hour), about: .named("never \(hour)"))
            #expect(early.messageCount <= 97)
        }
    }

    /// A device was revoked after its claim, and another one's prekey was claimed later: the message may still come.
    @Test func aLaterClaimKeepsTheEarlierOnes() {
        var early = EarlyFacts()
        early.add(Self.fact(hours: 0), about: .named("m"))
        early.turn(from: Self.time(hours: 0), to: Self.time(hours: 40))
        early.add(Self.fact(hours: 40), about: .named("m"))
        early.turn(from: Self.time(hours: 40), to: Self.time(hours: 80))
        let facts = early.take(about: .named("m"))
        #expect(facts.map(\.index) == [0, 40] && early.messageCount == 0)
    }

    /// A relay that writes a time of the far future and goes back fills no memory with it.
    @Test func factsOfTheFutureAreForgotten() {
        var early = EarlyFacts()
        early.turn(from: Self.time(hours: 0), to: Self.time(hours: 90_000))
        early.add(Self.fact(hours: 90_000), about: .named("m"))
        early.turn(from: Self.time(hours: 90_000), to: Self.time(hours: 1))
        #expect(early.messageCount == 0)
    }

    @Test func goesOnFromItsRecord() throws {
        var early = EarlyFacts()
        early.add(Self.fact(hours: 0), about: .named("m"))
        early.add(Self.fact(hours: 1), about: .named("m"))
        early.add(Self.fact(hours: 2), about: .named("other"))
        var writer = RecordWriter()
        early.write(to: &writer)
        var reader = RecordReader(writer.bytes)
        var again = try EarlyFacts(from: &reader)
        try reader.end()
        #expect(again.messageCount == 2)
        let facts = again.take(about: .named("m"))
        #expect(facts.map(\.index) == [0, 1] && facts.map(\.logged) == [Self.time(hours: 0), Self.time(hours: 1)])
        #expect(facts.allSatisfy { $0.word == "fallback" && $0.device == .named("bo") })
    }
}
