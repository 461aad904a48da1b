import Secrets
import StoreKeying

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// By when an answer must be there as a whole, in however many pieces it comes: whoever sends a byte now and then answers
/// nobody.
struct AnswerDeadline {
    /// By the clock that stands still while the machine sleeps.
    private let end: SuspendingClock.Instant?

    /// - Parameter seconds: 0: it is waited for without end.
    init(seconds: Int) { end = seconds == 0 ? nil : .now + .seconds(seconds) }

    var isOver: Bool { end.map { SuspendingClock.now >= $0 } ?? false }

    /// Waits until there is something to read, or the other end is gone.
    /// - Returns: Whether that came in time.
    func waits(for socket: Int32) -> Bool {
        var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&wanted, 1, milliseconds)
            if count < 0 && errno == EINTR { continue }
            return count > 0
        }
    }

    private var milliseconds: Int32 {
        guard let end else { return -1 }
        let left = SuspendingClock.now.duration(to: end) / .milliseconds(1)
        return Int32(clamping: Int64(max(0, left).rounded(.up)))
    }
}

/// What came from the other end of a socket: exactly what was announced, or nothing.
enum AgentReading {
    enum Reply {
        case plain(AgentFrame.Answer, [UInt8])
        /// The other end closed without a further word.
        case gone
        /// It was not there in time.
        case late
        /// No agent answers so.
        case nonsense

        /// The whole answer, if it is one of this kind.
        func body(of wanted: AgentFrame.Answer) -> [UInt8]? {
            if case .plain(wanted, let body) = self { body } else { nil }
        }
    }

    static func reply(from socket: Int32, by deadline: AnswerDeadline) -> Reply {
        guard let header = exactly(AgentFrame.headerByteCount, from: socket, by: deadline) else {
            return deadline.isOver ? .late : .gone
        }
        guard let answer = AgentFrame.Answer(rawValue: header[0]), answer != .keys,
            AgentFrame.length(of: header) <= answer.bound
        else { return .nonsense }
        guard let body = exactly(AgentFrame.length(of: header), from: socket, by: deadline) else {
            return deadline.isOver ? .late : .gone
        }
        return .plain(answer, body)
    }

    private static func exactly(_ count: Int, from socket: Int32, by deadline: AnswerDeadline) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            guard deadline.waits(for: socket) else { return nil }
            let room = count - got
            let read = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(socket, $0.baseAddress! + got, room) }
            if read < 0 && errno == EINTR { continue }
            guard read > 0 else { return nil }
            got += read
        }
        return bytes
    }

    enum Keys {
        case given, refused
    }

    /// Reads so many bytes of keys straight into guarded memory.
    /// - Returns: `nil` for anything else than a whole answer.
    static func keys(
        _ wanted: Int, into room: inout SecretBytes, from offset: Int, over socket: Int32, by deadline: AnswerDeadline
    ) -> Keys? {
        guard let header = exactly(AgentFrame.headerByteCount, from: socket, by: deadline) else { return nil }
        switch AgentFrame.Answer(rawValue: header[0]) {
        case .keys where AgentFrame.length(of: header) == wanted:
            var got = 0
            while got < wanted {
                guard deadline.waits(for: socket) else { return nil }
                let read = room.read(offset + got..<offset + wanted, from: socket)
                if read < 0 && errno == EINTR { continue }
                guard read > 0 else { return nil }
                got += read
            }
            return .given
        case .refused where AgentFrame.length(of: header) == 1:
            return exactly(1, from: socket, by: deadline).map { _ in .refused }
        default: return nil
        }
    }
}
