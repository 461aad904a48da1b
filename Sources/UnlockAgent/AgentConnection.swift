import Processes
public import Secrets
public import StoreKeying
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A client's connection to its profile's agent: one question at a time.
public final class AgentConnection: Sendable {
    /// 5 s: an agent that does not answer for so long is stopped or broken.
    private static let patienceSeconds = 5

    private let socket: Mutex<Int32>
    /// What the agent said of itself when it was greeted.
    public let greeted: AgentState

    /// Connects to the agent of a profile.
    /// - Returns: `nil` when none runs.
    public convenience init?(profile: String, role: AgentRole, isPerson: Bool) {
        let place = AgentPlace(profile: profile)
        guard
            let descriptor = UnixSocket.connect(
                in: place.folder, name: AgentPlace.socketName, patienceSeconds: Self.patienceSeconds)
        else { return nil }
        self.init(connected: descriptor, role: role, isPerson: isPerson)
    }

    /// Greets the agent at the other end of a connected socket, which is this object's from now on.
    /// - Returns: `nil` when the other end is no agent of this user.
    public init?(connected descriptor: Int32, role: AgentRole, isPerson: Bool) {
        UnixSocket.setPatience(of: descriptor, seconds: Self.patienceSeconds)
        let hello = [AgentFrame.version, role.rawValue, isPerson ? 1 : 0]
        guard SocketPeer(of: descriptor)?.isOurs == true, Self.send(.hello, hello, to: descriptor),
            case .plain(.state, let body) = Self.receive(from: descriptor), let state = AgentState(body)
        else {
            close(descriptor)
            return nil
        }
        socket = Mutex(descriptor)
        greeted = state
    }

    deinit { socket.withLock { _ = close($0) } }

    /// What the agent says of itself now; `nil` when it is gone.
    public func state() -> AgentState? {
        guard case .plain(.state, let body) = ask(.state) else { return nil }
        return AgentState(body)
    }

    /// Hands the store key over.
    public func unlock(_ storeKey: borrowing SecretBytes) throws(AgentError) {
        let header = AgentFrame.header(AgentFrame.Request.unlock.rawValue, count: storeKey.count)
        // A lock that is not over yet takes a second or two.
        for _ in 0..<50 {
            let answer = socket.withLock { socket -> Reply in
                storeKey.send(after: header, count: storeKey.count, to: socket) ? Self.receive(from: socket) : .gone
            }
            switch answer {
            case .plain(.done, _): return
            case .plain(.refused, [AgentFrame.Refusal.notYet.rawValue]): usleep(100_000)
            case .plain(.refused, [AgentFrame.Refusal.wrongKey.rawValue]): throw .wrongKey
            case .plain(.refused, [AgentFrame.Refusal.unlockable.rawValue]): throw .memoryNotLockable
            default: throw .gone
            }
        }
        throw .gone
    }

    /// Locks; returns when nobody holds a key any more.
    public func lock() throws(AgentError) {
        guard case .plain(.done, _) = ask(.lock) else { throw .gone }
    }

    /// Locks, and ends the agent.
    public func end() throws(AgentError) {
        guard case .plain(.done, _) = ask(.end) else { throw .gone }
    }

    /// Tells after how long without a person it locks.
    public func setLockAfter(seconds: UInt32) throws(AgentError) {
        guard case .plain(.done, _) = ask(.lockAfter, AgentState.bytes(UInt64(seconds), 4)) else { throw .gone }
    }

    /// Leaves what it shall listen with while it is locked.
    public func leave(ticket: borrowing SecretBytes) throws(AgentError) {
        let header = AgentFrame.header(AgentFrame.Request.ring.rawValue, count: ticket.count)
        let answer = socket.withLock { socket -> Reply in
            ticket.send(after: header, count: ticket.count, to: socket) ? Self.receive(from: socket) : .gone
        }
        guard case .plain(.done, _) = answer else { throw .gone }
    }

    /// A person did something: locking by idleness begins anew.
    public func noteUse() { _ = socket.withLock { Self.send(.used, [], to: $0) } }

    /// Makes it forget the key for good, and end.
    public func erase() { _ = ask(.erase) }

    /// Asks that this process's terminal be put back when it is ended without a word. Before ``beginListening()``.
    /// - Parameter body: As `TerminalRescue` makes it.
    public func guardTerminal(_ body: [UInt8]) {
        guard body.count <= TerminalRescue.longestBody else { return }
        _ = ask(.guardTerminal, body)
    }

    /// This process has put its terminal back, or is about to. Nothing is answered.
    public func releaseTerminal() { _ = socket.withLock { Self.send(.releaseTerminal, [], to: $0) } }

    /// Hears what the agent tells, on this thread, until it is gone or `body` has heard enough.
    ///
    /// Nothing else can be asked over this connection afterwards.
    /// - Parameter body: Gets `nil` at last when the agent is gone. Returns whether to go on.
    public func listen(_ body: (AgentNotice?) -> Bool) {
        let socket = beginListening()
        while true {
            let notice = nextNotice(socket)
            guard body(notice), notice != nil else { return }
        }
    }

    /// Begins to listen, for whoever polls by itself.
    /// - Returns: What to poll.
    public func beginListening() -> Int32 {
        socket.withLock { socket in
            UnixSocket.setPatience(of: socket, seconds: 0)
            _ = Self.send(.listen, [], to: socket)
            return socket
        }
    }

    /// What the agent tells next; waits for it. `nil`: it is gone.
    public func nextNotice() -> AgentNotice? { nextNotice(socket.withLock { $0 }) }

    private func nextNotice(_ socket: Int32) -> AgentNotice? {
        switch Self.receive(from: socket) {
        case .plain(.locked, let body): .locked(LockReason(rawValue: body.first ?? 0) ?? .asked)
        case .plain(.unlocked, _): .unlocked
        case .plain(.link, let body): .link(RingLink(rawValue: body.first ?? 0) ?? .down)
        case .plain(.ring, let body): .ring(urgency: body.first.flatMap { $0 == AgentFrame.nothingWaits ? nil : $0 })
        default: nil
        }
    }

    // MARK: Frames

    private enum Reply {
        case plain(AgentFrame.Answer, [UInt8])
        case gone
    }

    private func ask(_ request: AgentFrame.Request, _ body: [UInt8] = []) -> Reply {
        socket.withLock { Self.send(request, body, to: $0) ? Self.receive(from: $0) : .gone }
    }

    private static func send(_ request: AgentFrame.Request, _ body: [UInt8], to socket: Int32) -> Bool {
        let bytes = AgentFrame.header(request.rawValue, count: body.count) + body
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.send(socket, buffer.baseAddress!, buffer.count, Int32(MSG_NOSIGNAL)) == buffer.count
        }
    }

    private static func receive(from socket: Int32) -> Reply {
        guard let header = exactly(AgentFrame.headerByteCount, from: socket),
            let answer = AgentFrame.Answer(rawValue: header[0]), answer != .keys,
            AgentFrame.length(of: header) <= answer.bound,
            let body = exactly(AgentFrame.length(of: header), from: socket)
        else { return .gone }
        return .plain(answer, body)
    }

    private static func exactly(_ count: Int, from socket: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let room = count - got
            let read = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(socket, $0.baseAddress! + got, room) }
            if read < 0 && errno == EINTR { continue }
            guard read > 0 else { return nil }
            got += read
        }
        return bytes
    }
}

extension AgentConnection: StoreKeys {
    public func derive(_ labels: [StoreKeyLabel], into room: inout SecretBytes) throws(StoreKeysError) {
        var done = 0
        while done < labels.count {
            let (body, count) = AgentLabels.body(of: labels[done...])
            try derive(body, count, into: &room, from: done * StoreKeysLimits.keyByteCount)
            done += count
        }
    }

    private func derive(
        _ body: [UInt8], _ count: Int, into room: inout SecretBytes, from offset: Int
    ) throws(StoreKeysError) {
        let failure: StoreKeysError? = socket.withLock { socket in
            Self.exchange(body, count * StoreKeysLimits.keyByteCount, into: &room, from: offset, over: socket)
        }
        if let failure { throw failure }
    }

    private static func exchange(
        _ body: [UInt8], _ wanted: Int, into room: inout SecretBytes, from offset: Int, over socket: Int32
    ) -> StoreKeysError? {
        guard send(.derive, body, to: socket), let header = exactly(AgentFrame.headerByteCount, from: socket) else {
            return StoreKeysError(.agentGone)
        }
        switch AgentFrame.Answer(rawValue: header[0]) {
        case .keys where AgentFrame.length(of: header) == wanted:
            var got = 0
            while got < wanted {
                let read = room.read(offset + got..<offset + wanted, from: socket)
                if read < 0 && errno == EINTR { continue }
                guard read > 0 else { return StoreKeysError(.agentGone) }
                got += read
            }
            return nil
        case .refused where AgentFrame.length(of: header) == 1:
            return StoreKeysError(exactly(1, from: socket) == nil ? .agentGone : .locked)
        default: return StoreKeysError(.agentGone)
        }
    }

    public func forget() { erase() }
}
