import RelayAPI
import Statements
import Testing

@testable import RelayService

/// Ring streams stand beside a device's stream, and are told what concerns them.
@Suite struct RingHubTests {
    private let device = DeviceID(bytes: [UInt8](repeating: 1, count: 20))
    private let other = DeviceID(bytes: [UInt8](repeating: 2, count: 20))
    private let message = MessageID(bytes: [UInt8](repeating: 3, count: 16))

    @Test func aRingStreamDisplacesNothingAndIsServedNothing() {
        let hub = StreamHub()
        let stream = hub.open(device)
        let ring = hub.rings.open(device)
        #expect(stream.problem == nil && ring.take().problem == nil)
        hub.close(stream)
        // The relay does not take a device that only rings for one that receives.
        #expect(!hub.hasRoom(device))
        #expect(hub.count == 0 && hub.rings.count == 1)
    }

    @Test func theNewestRingStreamWins() {
        let hub = StreamHub()
        let first = hub.rings.open(device)
        let second = hub.rings.open(device)
        #expect(first.take().problem?.code == .conflict)
        #expect(second.take().problem == nil)
        hub.rings.close(first)
        #expect(hub.rings.count == 1)
        hub.rings.close(second)
        #expect(hub.rings.count == 0)
    }

    @Test func aMessageIsNewsAndAnAnswerAReasonToLook() {
        let hub = StreamHub()
        let ring = hub.rings.open(device)
        _ = ring.take()
        hub.perform([.waits(other)])
        var work = ring.take()
        #expect(!work.isNews && !work.mustLook)
        hub.perform([.waits(device)])
        work = ring.take()
        #expect(work.isNews && work.mustLook)
        hub.perform([.answered(device, message, by: other)])
        work = ring.take()
        #expect(!work.isNews && work.mustLook)
        hub.tickAll()
        #expect(ring.take().isTicked)
        #expect(!ring.take().isTicked)
    }

    @Test func othersAnswersAreHintedAtOnTheStream() {
        let hub = StreamHub()
        let mailbox = hub.open(device)
        hub.perform([.answered(device, message, by: device)])
        #expect(mailbox.takeAnswered() == [])
        hub.perform([.answered(device, message, by: other)])
        #expect(mailbox.takeAnswered() == [message])
        #expect(mailbox.takeAnswered() == [])
    }

    @Test func whateverEndsTheDeviceEndsItsRingingAndTellsNoMore() {
        let hub = StreamHub()
        let ring = hub.rings.open(device)
        var revoked = Problems.revoked
        revoked.statement = LoggedEntry(log: "roster", index: 7, entry: "who and why", proof: "", consistency: [])
        hub.perform([.end(device, revoked, by: nil)])
        let told = ring.take().problem
        #expect(told?.code == .revoked && told?.statement == nil)
        let next = hub.rings.open(other)
        hub.perform([.ringReplaced(other)])
        #expect(next.take().problem?.code == .conflict)
        let last = hub.rings.open(other)
        hub.endAll(Problems.draining)
        #expect(last.take().problem?.code == .busy)
    }
}
