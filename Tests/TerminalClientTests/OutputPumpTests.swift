import Dispatch
import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import TerminalClient

/// What a command that stays says, and nobody takes.
@Suite struct OutputPumpTests {
    /// A reader that takes nothing until it is let.
    private final class Reader: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let asked = DispatchSemaphore(value: 0)
        private let taken = Mutex<[String]>([])

        func take(_ bytes: [UInt8], _ isError: Bool) -> Errno? {
            asked.signal()
            gate.wait()
            taken.withLock { $0.append((isError ? "! " : "") + String(decoding: bytes, as: UTF8.self)) }
            return nil
        }

        /// Waits until one more is there to be taken.
        func waitUntilAsked() { asked.wait() }

        func go(_ count: Int) { for _ in 0..<count { gate.signal() } }
        var lines: [String] { taken.withLock { $0 } }
    }

    private func put(_ pump: OutputPump, _ text: String, _ isError: Bool = false) {
        pump.put(
            Array(text.utf8), isError, lost: { Array("\($0) lost".utf8) }, failed: { _, _ in })
    }

    @Test func nobodyWaitsAndTheOrderIsKept() {
        let reader = Reader()
        let pump = OutputPump(limit: 1_000, write: reader.take)
        put(pump, "one")
        put(pump, "two", true)
        put(pump, "three")
        #expect(reader.lines.isEmpty)
        reader.go(3)
        pump.drain(atMost: 300)
        #expect(reader.lines == ["one", "! two", "three"])
    }

    @Test func whatFindsNoRoomIsCountedAndSaid() {
        let reader = Reader()
        let pump = OutputPump(limit: 20, write: reader.take)
        // The first is taken, the second waits: no other has room.
        put(pump, "line 0 of ten")
        reader.waitUntilAsked()
        for line in 1..<9 { put(pump, "line \(line) of ten") }
        reader.go(9)
        pump.drain(atMost: 300)
        #expect(reader.lines == ["line 0 of ten", "line 1 of ten"])
        put(pump, "last")
        reader.go(2)
        pump.drain(atMost: 300)
        #expect(reader.lines.dropFirst(2) == ["! 7 lost", "last"])
        put(pump, "after")
        pump.drain(atMost: 300)
        #expect(reader.lines.last == "after")
    }

    @Test func theEndWaitsForNobody() {
        let reader = Reader()
        let pump = OutputPump(limit: 1_000, write: reader.take)
        put(pump, "one")
        let start = ContinuousClock.now
        pump.drain(atMost: 0.05)
        #expect(start.duration(to: .now) < .seconds(60))
        #expect(reader.lines.isEmpty)
        reader.go(1)
    }

    @Test func whatIsNotWrittenIsTold() {
        let told = Mutex<[Errno]>([])
        let pump = OutputPump(limit: 1_000) { _, _ in .noSpace }
        pump.put([1], false, lost: { _ in [] }, failed: { cause, _ in told.withLock { $0.append(cause) } })
        pump.drain(atMost: 300)
        #expect(told.withLock { $0 } == [.noSpace])
    }
}
