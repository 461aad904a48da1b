import DeviceKit
import Foundation
import Processes
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads bodies of Web Push from a pipe or from whoever connects to a socket, on a thread of its own.
///
/// Nobody who writes costs more than a line's memory, and nobody keeps another from writing: at most eight connections, the
/// one that was silent for the longest goes for a new one; a line must end 10 s after it began; whoever writes what is no line
/// is cut off.
final class PageIntake: Sendable {
    enum News: Sendable, Equatable {
        case frame(PushFrame)
        /// Why something was not taken, in our own words.
        case refused(String)
        /// Standard input has ended: nothing comes any more.
        case ended
    }

    static let connections = 8
    /// 10 s.
    static let lineSeconds = 10
    /// 20 ms between two looks whether there is room again.
    private static let roomMilliseconds: Int32 = 20

    private let input: (descriptor: Int32, isListener: Bool)
    private let isFull: @Sendable () -> Bool
    private let hear: @Sendable (News) -> Void
    private let lineLimit: Duration
    /// Whose end here is read by the thread, whose other end stops it.
    private let stopping: (Int32, Int32)
    private let done = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - isFull: While so, nothing is read: whoever writes waits.
    ///   - hear: Called on the thread.
    /// - Returns: `nil` when no files can be opened.
    init?(
        _ input: (descriptor: Int32, isListener: Bool), lineLimit: Duration = .seconds(lineSeconds),
        isFull: @escaping @Sendable () -> Bool = { false }, hear: @escaping @Sendable (News) -> Void
    ) {
        guard let stopping = UnixSocket.pair() else { return nil }
        self.input = input
        self.lineLimit = lineLimit
        self.isFull = isFull
        self.hear = hear
        self.stopping = stopping
    }

    deinit {
        close(stopping.0)
        close(stopping.1)
    }

    /// Reads from now on. Once.
    func start() {
        Thread.detachNewThread { [self] in
            run()
            done.signal()
        }
    }

    /// Returns when nothing is read any more, and every connection is closed.
    func stop() {
        shutdown(stopping.1, Int32(SHUT_RDWR))
        done.wait()
        done.signal()
    }

    // MARK: The thread

    /// Who writes.
    private struct Writer {
        let descriptor: Int32
        var reader = PushFrameReader()
        /// When the line began that has not ended.
        var began: ContinuousClock.Instant?
        var heard = ContinuousClock.now
    }

    private func run() {
        // Standard input is a writer like any other, but that it is not cut off.
        var writers: [Writer] = input.isListener ? [] : [Writer(descriptor: input.descriptor)]
        defer { if input.isListener { for writer in writers { close(writer.descriptor) } } }
        while input.isListener || !writers.isEmpty {
            let hasRoom = !isFull()
            var polled = [pollfd(fd: stopping.0, events: Int16(POLLIN), revents: 0)]
            if hasRoom {
                if input.isListener { polled.append(Self.readable(input.descriptor)) }
                polled += writers.map { Self.readable($0.descriptor) }
            }
            let pause = hasRoom ? pause(writers) : Self.roomMilliseconds
            guard unsafe poll(&polled, nfds_t(polled.count), pause) >= 0 || errno == EINTR else { return }
            if polled[0].revents != 0 { return }
            guard hasRoom else { continue }
            let places = polled.suffix(writers.count)
            for (writer, place) in zip(writers, places) where place.revents != 0 { read(writer, &writers) }
            if input.isListener {
                cutOffTheSlow(&writers)
                if polled[1].revents != 0 { admit(&writers) }
            }
        }
    }

    private static func readable(_ descriptor: Int32) -> pollfd {
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    }

    /// Until a line has taken too long, in milliseconds; -1: nobody is in one.
    private func pause(_ writers: [Writer]) -> Int32 {
        guard input.isListener, let first = writers.compactMap(\.began).min() else { return -1 }
        let left = first + lineLimit - .now
        return Int32(clamping: max(0, Int64((left / .milliseconds(1)).rounded(.up))))
    }

    private func admit(_ writers: inout [Writer]) {
        let descriptor = accept(input.descriptor, nil, nil)
        guard descriptor >= 0 else { return }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        guard let peer = SocketPeer(of: descriptor), peer.isOurs else {
            close(descriptor)
            return hear(.refused("another user's program connected to the socket"))
        }
        if writers.count == Self.connections, let silent = writers.min(by: { $0.heard < $1.heard }) {
            hear(
                .refused(
                    "more than \(Self.connections) programs are connected: the one that was silent longest was cut off")
            )
            cutOff(silent, &writers)
        }
        writers.append(Writer(descriptor: descriptor))
    }

    private func read(_ writer: Writer, _ writers: inout [Writer]) {
        guard let place = writers.firstIndex(where: { $0.descriptor == writer.descriptor }) else { return }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe systemRead(writer.descriptor, $0.baseAddress, $0.count)
        }
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            if let refusal = writers[place].reader.end() { hear(.refused("a line was not taken: \(refusal)")) }
            if !input.isListener { hear(.ended) }
            return cutOff(writer, &writers)
        }
        var isToBeCut = false
        let found = writers[place].reader.take(bytes[..<count])
        for result in found {
            switch result {
            case .success(let frame): hear(.frame(frame))
            case .failure(let refusal):
                hear(.refused("a line was not taken: \(refusal)"))
                isToBeCut = input.isListener
            }
        }
        writers[place].heard = .now
        if !writers[place].reader.isInLine {
            writers[place].began = nil
        } else if !found.isEmpty || writers[place].began == nil {
            writers[place].began = .now
        }
        if isToBeCut { cutOff(writer, &writers) }
    }

    private func cutOffTheSlow(_ writers: inout [Writer]) {
        let now = ContinuousClock.now
        for writer in writers {
            guard let began = writer.began, began + lineLimit <= now else { continue }
            hear(.refused("a line was not taken: it did not end in time"))
            cutOff(writer, &writers)
        }
    }

    private func cutOff(_ writer: Writer, _ writers: inout [Writer]) {
        if input.isListener { close(writer.descriptor) }
        writers.removeAll { $0.descriptor == writer.descriptor }
    }
}

/// `read` of the system, which a method above hides.
private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    unsafe read(file, buffer, count)
}
