import Foundation
import Processes
import Statements
import Synchronization
import Testing

@testable import DeviceKit
@testable import TerminalClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite(.timeLimit(.minutes(40))) struct PageIntakeTests {
    private let frame = PushFrame(subscription: SubscriptionID(bytes: [UInt8](repeating: 4, count: 16)), body: [1, 2])

    /// Lends an intake at a socket.
    private func listening(
        lineLimit: Duration = .seconds(60), isFull: @escaping @Sendable () -> Bool = { false },
        _ body: (PageFolder, HeardNews) async throws -> Void
    ) async throws {
        let folder = try PageFolder()
        let socket = try PageSocket(folder.socket)
        let heard = HeardNews()
        let intake = try #require(
            PageIntake((socket.descriptor, true), lineLimit: lineLimit, isFull: isFull) { heard.add($0) })
        intake.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(folder, heard)) } catch { result = .failure(error) }
        intake.stop()
        socket.remove()
        try result.get()
    }

    @Test func linesOfSeveralWritersAreHeard() async throws {
        try await listening { folder, heard in
            let (first, second) = (try folder.writer(), try folder.writer())
            first.write(Array(frame.line.prefix(9)))
            second.write(frame.line + frame.line)
            #expect(try await heard.wait { $0.frames == 2 })
            first.write(Array(frame.line.dropFirst(9)))
            #expect(try await heard.wait { $0.frames == 3 })
            #expect(heard.all.allSatisfy { $0 == .frame(frame) })
        }
    }

    /// Each is named, none is repeated, and who wrote it is cut off; the others are not.
    @Test func whoWritesWhatIsNoLineIsCutOff() async throws {
        try await listening { folder, heard in
            let good = try folder.writer()
            for bad in ["secret words\n", "\n", String(repeating: "A", count: 6_000)] {
                let writer = try folder.writer()
                writer.write(Array(bad.utf8))
                #expect(writer.isCutOff, "\(bad.prefix(9))")
            }
            var unfinished: PageWriter? = try folder.writer()
            unfinished?.write([65])
            unfinished = nil
            #expect(try await heard.wait { $0.refusals.count == 4 })
            #expect(heard.refusals.allSatisfy { !$0.contains("secret") && !$0.contains("AAA") })
            good.write(frame.line)
            #expect(try await heard.wait { $0.frames == 1 })
        }
    }

    @Test func aLineThatDoesNotEndInTimeIsCutOff() async throws {
        try await listening(lineLimit: .milliseconds(200)) { folder, heard in
            let slow = try folder.writer()
            slow.write([65])
            #expect(slow.isCutOff)
            #expect(try await heard.wait { $0.refusals.contains { $0.contains("in time") } })
            // Who is silent between two lines stays.
            let idle = try folder.writer()
            idle.write(frame.line)
            #expect(try await heard.wait { $0.frames == 1 })
            try await Task.sleep(for: .milliseconds(600))
            idle.write(frame.line)
            #expect(try await heard.wait { $0.frames == 2 })
        }
    }

    /// However many connect, the newest is heard.
    @Test func nobodyKeepsAnotherFromWriting() async throws {
        try await listening { folder, heard in
            let silent = try (0..<20).map { _ in try folder.writer() }
            let last = try folder.writer()
            last.write(frame.line)
            #expect(try await heard.wait { $0.frames == 1 })
            #expect(silent.count == 20 && silent[0].isCutOff)
            #expect(try await heard.wait { $0.refusals.count == 21 - PageIntake.connections })
        }
    }

    /// While nobody takes what came, nothing more is read, and nothing is lost.
    @Test func whoWritesWaitsWhileThereIsNoRoom() async throws {
        let isFull = Atomic(true)
        try await listening(isFull: { isFull.load(ordering: .sequentiallyConsistent) }) { folder, heard in
            let writer = try folder.writer()
            writer.write(frame.line)
            try await Task.sleep(for: .milliseconds(200))
            #expect(heard.all.isEmpty)
            isFull.store(false, ordering: .sequentiallyConsistent)
            #expect(try await heard.wait { $0.frames == 1 })
        }
    }

    /// Standard input is one writer, which stays whatever it writes, and whose end is said.
    @Test func aPipeIsReadToItsEnd() async throws {
        let (theirs, ours) = try #require(UnixSocket.pair())
        let heard = HeardNews()
        let intake = try #require(PageIntake((ours, false)) { heard.add($0) })
        intake.start()
        var writer: PageWriter? = PageWriter(theirs)
        writer?.write(Array("no sense\n".utf8) + frame.line)
        #expect(try await heard.wait { $0.frames == 1 && $0.refusals.count == 1 })
        writer = nil
        #expect(try await heard.wait { $0.all.last == .ended })
        intake.stop()
        close(ours)
    }

    /// On a locked profile any body rings, and no more often than every ten seconds; what is no body does not.
    @Test func lockedPagesRingSeldom() async throws {
        let folder = try PageFolder()
        let source = try PageSource(folder.socket, isWorker: false)
        defer { source.close() }
        let locked = try #require(LockedPages(source))
        func comes() async throws -> Bool {
            for _ in 0..<12_000 {
                var polled = [pollfd(fd: locked.descriptor, events: Int16(POLLIN), revents: 0)]
                if unsafe poll(&polled, 1, 0) == 1 { return true }
                try await Task.sleep(for: .milliseconds(10))
            }
            return false
        }
        locked.begin()
        let writer = try folder.writer()
        writer.write(frame.line)
        #expect(try await comes())
        let now = ContinuousClock.now
        #expect(locked.take(at: now))
        writer.write(frame.line)
        #expect(try await comes())
        #expect(!locked.take(at: now + .seconds(9)))
        writer.write(frame.line)
        #expect(try await comes())
        #expect(locked.take(at: now + .seconds(10)))
        writer.write(Array("no sense\n".utf8))
        #expect(writer.isCutOff)
        #expect(!locked.take(at: now + .seconds(60)))
        // A worker reads now: nobody is rung here for what comes.
        locked.end()
        let later = try folder.writer()
        later.write(frame.line)
        #expect(!locked.take(at: now + .seconds(60)))
        // What it had not read when it was locked is rung for.
        locked.begin()
        #expect(try await comes())
        locked.end()
    }
}
