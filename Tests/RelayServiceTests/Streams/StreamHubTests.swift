import RelayAPI
import Statements
import Testing

@testable import RelayService

@Suite struct StreamHubTests {
    private let device = DeviceID(bytes: [UInt8](repeating: 1, count: 20))
    private func message(_ number: UInt8) -> MessageID { MessageID(bytes: [UInt8](repeating: number, count: 16)) }

    @Test func theNewestStreamWinsAndTheOneBeforeIsTold() {
        let hub = StreamHub()
        let first = hub.open(device)
        let second = hub.open(device)
        #expect(first.problem?.code == .conflict)
        #expect(second.problem == nil)
        hub.close(first)
        #expect(hub.count == 1)
        hub.close(second)
        #expect(hub.count == 0)
    }

    @Test func roomEndsWithTheWindowAndComesBackWithReceipts() {
        let hub = StreamHub()
        #expect(!hub.hasRoom(device))
        let mailbox = hub.open(device)
        #expect(mailbox.room == APILimits.itemsInFlight)
        for number in 0..<APILimits.itemsInFlight {
            mailbox.sent(
                MessageID(bytes: [UInt8(number & 255), UInt8(number >> 8)] + [UInt8](repeating: 0, count: 14)))
        }
        #expect(!hub.hasRoom(device))
        hub.perform([.receipted(device, MessageID(bytes: [UInt8](repeating: 0, count: 16)))])
        #expect(mailbox.room == 1)
    }

    @Test func aRevokedDeviceHasNoRoom() {
        let hub = StreamHub()
        let mailbox = hub.open(device)
        hub.perform([.end(device, Problems.revoked, by: nil)])
        #expect(mailbox.problem?.code == .revoked)
        #expect(!hub.hasRoom(device))
    }

    @Test func signsOfLifeAndPrekeysAreAskedForOnce() {
        let hub = StreamHub()
        let mailbox = hub.open(device)
        hub.tickAll()
        #expect(mailbox.takeTick())
        #expect(!mailbox.takeTick())
        hub.perform([.prekeysWanted(device, left: 3)])
        #expect(mailbox.takePrekeysWanted() == 3)
        #expect(mailbox.takePrekeysWanted() == nil)
    }

    @Test func wakingTwiceIsWakingOnce() async {
        let hub = StreamHub()
        let mailbox = hub.open(device)
        hub.perform([.wake(device), .wake(device), .receipted(device, message(1))])
        var signals = mailbox.signals.makeAsyncIterator()
        #expect(await signals.next() != nil)
        mailbox.end(Problems.draining)
        #expect(await signals.next() != nil)
    }
}
