import RelayAPI
import Secrets
import Statements
import Testing

@testable import DeviceKit

/// What a locked client makes of a ring stream, and of its machine's clocks.
@Suite struct RingingTests {
    @Test func aWordOnWhatWaitsMustAgreeWithItself() {
        func ring(_ waiting: UInt64, _ urgency: String?, new: Bool = false) -> RingEvent.Ring? {
            RingEvent.Ring(RingWord(waiting: waiting, urgency: urgency, isNew: new))
        }
        #expect(ring(2, "urgent", new: true) == RingEvent.Ring(waiting: 2, urgency: .urgent, isNew: true))
        #expect(ring(0, nil) == RingEvent.Ring(waiting: 0, urgency: nil, isNew: false))
        #expect(ring(0, nil, new: true)?.isNew == false)
        #expect(ring(1, nil) == nil)
        #expect(ring(0, "urgent") == nil)
        #expect(ring(1, "critical") == nil)
        #expect(ring(0, "critical") == nil)
        #expect(ring(.max, "urgent") == nil)
    }

    @Test func aTokenHas32BytesAndSaysNothingOfThem() throws {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let short = RingToken(secret: SecretBytes(random: 31), expires: now)
        #expect(short == nil)
        let made = RingToken(secret: SecretBytes(copying: [UInt8](repeating: 7, count: 32)), expires: now)
        let token = try #require(made)
        #expect(token.header == "Bearer BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
        #expect(!"\(token)".contains("BwcH") && !"\(token)".contains("7, 7"))
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!dumped.contains("BwcH") && !dumped.contains("7\n"))
    }

    @Test func pausesGrowToHalfAMinuteAndAreNeverTheSameForAll() {
        var pause = RetryPause()
        for longest in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] as [Int64] {
            let next = pause.next()
            #expect((longest / 2...longest).contains(next))
        }
        pause.reset()
        #expect((250...500).contains(pause.next()))
        let first = Set(
            (0..<64).map { _ in
                var pause = RetryPause()
                return pause.next()
            })
        #expect(first.count > 1)
    }

    @Test func twoThatTakeTheStreamFromEachOtherDoSoMoreAndMoreSeldom() {
        var (pause, contest) = (RetryPause(), StreamContest())
        let now = ContinuousClock.now
        contest.lose(at: now)
        for longest in [500, 1_000, 2_000] as [Int64] {
            let next = pause.next()
            #expect((longest / 2...longest).contains(next))
            pause.reset(at: now + .seconds(119), contest)
        }
        pause.reset(at: now + .seconds(120), contest)
        let next = pause.next()
        #expect((250...500).contains(next))
    }

    private func reading(awake: Int64, since: Int64, wall: Int64) -> WakeDetector.Reading {
        WakeDetector.Reading(awake: awake, since: since, wall: wall)
    }

    @Test func sleepIsSeenByTheClockThatStoodStill() {
        var detector = WakeDetector(reading(awake: 0, since: 0, wall: 0))
        var woken = [detector.hasWoken(reading(awake: 1_000, since: 1_000, wall: 1_000))]
        // A busy machine looks late: no sleep.
        woken.append(detector.hasWoken(reading(awake: 61_000, since: 61_000, wall: 61_000)))
        woken.append(detector.hasWoken(reading(awake: 62_000, since: 63_900, wall: 63_900)))
        woken.append(detector.hasWoken(reading(awake: 63_000, since: 3_663_000, wall: 3_663_000)))
        // Said once.
        woken.append(detector.hasWoken(reading(awake: 64_000, since: 3_664_000, wall: 3_664_000)))
        #expect(woken == [false, false, false, true, false])
    }

    @Test func aClockThatWasSetIsSeenInEitherDirection() {
        var detector = WakeDetector(reading(awake: 0, since: 0, wall: 1_000_000))
        let synchronised = detector.hasWoken(reading(awake: 1_000, since: 1_000, wall: 1_000_200))
        let forward = detector.hasWoken(reading(awake: 2_000, since: 2_000, wall: 1_061_000))
        let back = detector.hasWoken(reading(awake: 3_000, since: 3_000, wall: 1_001_000))
        #expect([synchronised, forward, back] == [false, true, true])
    }
}
