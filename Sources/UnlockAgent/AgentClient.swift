import Processes
import Secrets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One connection, as the agent sees it: who it is, and the request that is coming in.
///
/// Reads exactly what the next part of a request needs and never beyond, so that a key goes from the socket straight into
/// guarded memory.
final class AgentClient {
    enum Received {
        /// The rest is on its way.
        case nothing
        case request(AgentFrame.Request, [UInt8])
        /// A request whose body is secret.
        case secret(AgentFrame.Request)
        /// The client is gone, or says what no client says.
        case over
    }

    let descriptor: Int32
    let peer: SocketPeer
    let since: ContinuousClock.Instant
    var role: AgentRole?
    var isListening = false
    /// Whether its greeting was answered by "locked".
    var knowsItLocked = true
    /// Wants to hear when all is locked.
    var waitsForLock = false

    private var header: [UInt8] = []
    private var body: [UInt8] = []
    /// The body of a request that is secret.
    private(set) var secret = SecretBytes(zeros: 4_096)
    private var secretCount = 0

    init(descriptor: Int32, peer: SocketPeer, at now: ContinuousClock.Instant) {
        self.descriptor = descriptor
        self.peer = peer
        since = now
    }

    deinit { close(descriptor) }

    /// Takes in what is there.
    func receive() -> Received {
        if header.count < AgentFrame.headerByteCount {
            var piece = [UInt8](repeating: 0, count: AgentFrame.headerByteCount - header.count)
            let count = unsafe read(descriptor, &piece, piece.count)
            guard count > 0 else { return isOver(count) }
            header += piece[..<count]
            guard header.count == AgentFrame.headerByteCount else { return .nothing }
        }
        guard let request = AgentFrame.Request(rawValue: header[0]) else { return .over }
        let length = AgentFrame.length(of: header)
        guard length <= request.bound else { return .over }
        return request == .unlock || request == .ring ? receiveSecret(request, length) : receive(request, length)
    }

    private func receive(_ request: AgentFrame.Request, _ length: Int) -> Received {
        if body.count < length {
            var piece = [UInt8](repeating: 0, count: length - body.count)
            let count = unsafe read(descriptor, &piece, piece.count)
            guard count > 0 else { return isOver(count) }
            body += piece[..<count]
            guard body.count == length else { return .nothing }
        }
        defer {
            header = []
            body = []
        }
        return .request(request, body)
    }

    private func receiveSecret(_ request: AgentFrame.Request, _ length: Int) -> Received {
        if secretCount < length {
            let count = secret.read(secretCount..<length, from: descriptor)
            guard count > 0 else { return isOver(count) }
            secretCount += count
            guard secretCount == length else { return .nothing }
        }
        header = []
        return .secret(request)
    }

    /// The secret body as a value of its own; what it came in is wiped.
    func takeSecret() -> SecretBytes {
        let taken = secret.slice(0..<secretCount)
        secret.clear()
        secretCount = 0
        return taken
    }

    private func isOver(_ count: Int) -> Received {
        count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .over
    }

    /// Sends an answer.
    /// - Returns: Whether it went out whole: a client that does not read is no client.
    func send(_ answer: AgentFrame.Answer, _ body: [UInt8] = []) -> Bool {
        let bytes = AgentFrame.header(answer.rawValue, count: body.count) + body
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.send(descriptor, buffer.baseAddress!, buffer.count, Int32(MSG_NOSIGNAL))
                == buffer.count
        }
    }

    /// Sends keys out of guarded memory.
    func send(keys room: borrowing SecretBytes, count: Int) -> Bool {
        room.send(after: AgentFrame.header(AgentFrame.Answer.keys.rawValue, count: count), count: count, to: descriptor)
    }
}
