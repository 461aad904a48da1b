import Synchronization
import Testing

@testable import DeviceKit

/// A link that moves and brings nothing whole is given up; a slow one is not.
@Suite struct LinkWatchdogTests {
    private let start = ContinuousClock.now
    private func after(_ seconds: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func nothingIsWaitedForLongerThanHalfAMinute() {
        let patience = LinkPatience.standard
        for time in [patience.connect, patience.answer, patience.silence] { #expect(time <= .seconds(30)) }
        #expect(patience.whole < .seconds(30))
    }

    @Test func silenceEndsTheLinkOnce() {
        let dog = LinkWatchdog { 0 }
        #expect(!dog.isDead(at: after(100)))
        dog.expect(at: start)
        #expect(!dog.isDead(at: after(27)))
        #expect(dog.isDead(at: after(28)))
        #expect(!dog.isDead(at: after(29)))
        dog.expect(at: after(40))
        dog.rest()
        #expect(!dog.isDead(at: after(400)))
    }

    @Test func aByteNowAndThenIsNothing() {
        let bytes = Mutex<Int64>(0)
        let dog = LinkWatchdog { bytes.withLock { $0 } }
        dog.expect(at: start)
        bytes.withLock { $0 = 28 * 2_048 - 1 }
        #expect(dog.isDead(at: after(28)))
    }

    @Test func aSlowLinkThatBringsALargeMessageIsAlive() {
        let bytes = Mutex<Int64>(0)
        let dog = LinkWatchdog { bytes.withLock { $0 } }
        dog.expect(at: start)
        for round in 1...10 {
            bytes.withLock { $0 += 28 * 2_048 }
            #expect(!dog.isDead(at: after(28 * round)))
        }
        #expect(dog.isDead(at: after(28 * 11)))
    }
}
