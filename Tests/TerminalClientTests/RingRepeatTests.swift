import Statements
import Testing

@testable import TerminalClient

@Suite struct RingRepeatTests {
    private let start = ContinuousClock.now

    private func make() -> RingRepeat { RingRepeat(realertSeconds: [.emergent: 120, .urgent: 300, .routine: 0]) }

    @Test func ringsAgainByThePolicyUntilNothingWaits() {
        var ring = make()
        ring.heard(.urgent, at: start)
        #expect(ring.look(at: start + .seconds(299)) == nil)
        #expect(ring.look(at: start + .seconds(300)) == .urgent)
        #expect(ring.look(at: start + .seconds(301)) == nil)
        #expect(ring.look(at: start + .seconds(600)) == .urgent)
        ring.heard(nil, at: start + .seconds(601))
        #expect(ring.look(at: start + .seconds(9_000)) == nil)
    }

    @Test func whatIsMoreUrgentHasATimeOfItsOwn() {
        var ring = make()
        ring.heard(.urgent, at: start)
        ring.heard(.emergent, at: start + .seconds(10))
        #expect(ring.look(at: start + .seconds(129)) == nil)
        #expect(ring.look(at: start + .seconds(130)) == .emergent)
    }

    @Test func aStreamThatTellsTheSameDoesNotPutItOff() {
        var ring = make()
        for second in 0..<300 { ring.heard(.urgent, at: start + .seconds(second)) }
        #expect(ring.look(at: start + .seconds(300)) == .urgent)
    }

    @Test func whatThePolicyRingsForOnceIsNotRungForAgain() {
        var ring = make()
        ring.heard(.routine, at: start)
        ring.heard(.sameDay, at: start)
        #expect(ring.look(at: start + .seconds(1 << 20)) == nil)
    }
}
