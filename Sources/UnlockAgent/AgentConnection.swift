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
///
/// A question that was not answered in time ends the connection: its answer may come later, and would be taken for the
/// next one's, a key for another key. The next question is asked over a new one.
public final class AgentConnection: Sendable {
    /// 5 s: an agent that does not answer for so long is stopped or broken.
    private static let patienceSeconds = 5

    private struct Wire {
        var socket: Int32
        /// Whether an answer may still come that nobody waits for.
        var isOutOfStep = false
        var isListening = false
    }

    /// How to reach the agent anew.
    private struct Address {
        let profile: String
        let role: AgentRole
        let isPerson: Bool
    }

    private let wire: Mutex<Wire>
    private let address: Address?
    /// What the agent said of itself when it was greeted.
    public let greeted: AgentState

    /// Connects to the agent of a profile.
    /// - Returns: `nil` when none runs.
    public convenience init?(profile: String, role: AgentRole, isPerson: Bool) {
        let address = Address(profile: profile, role: role, isPerson: isPerson)
        guard let descriptor = Self.connect(address) else { return nil }
        self.init(descriptor, address, role: role, isPerson: isPerson)
    }

    private static func connect(_ address: Address) -> Int32? {
        UnixSocket.connect(
            in: AgentPlace(profile: address.profile).folder, name: AgentPlace.socketName,
            patienceSeconds: patienceSeconds)
    }

    /// Greets the agent at the other end of a connected socket, which is this object's from now on.
    /// - Returns: `nil` when the other end is no agent of this user.
    public convenience init?(connected descriptor: Int32, role: AgentRole, isPerson: Bool) {
        self.init(descriptor, nil, role: role, isPerson: isPerson)
    }

    /// How long an answer may take from here on. For tests: nobody else is impatient.
    func setPatience(seconds: Int) { wire.withLock { UnixSocket.setPatience(of: $0.socket, seconds: seconds) } }

    private init?(_ descriptor: Int32, _ address: Address?, role: AgentRole, isPerson: Bool) {
        guard let state = Self.greet(descriptor, role, isPerson: isPerson) else { return nil }
        wire = Mutex(Wire(socket: descriptor))
        self.address = address
        greeted = state
    }

    /// - Returns: `nil` when the other end is no agent of this user; then the socket is closed.
    private static func greet(_ descriptor: Int32, _ role: AgentRole, isPerson: Bool) -> AgentState? {
        UnixSocket.setPatience(of: descriptor, seconds: patienceSeconds)
        let hello = [AgentFrame.version, role.rawValue, isPerson ? 1 : 0]
        guard SocketPeer(of: descriptor)?.isOurs == true, send(.hello, hello, to: descriptor),
            case .plain(.state, let body) = receive(from: descriptor), let state = AgentState(body)
        else {
            close(descriptor)
            return nil
        }
        return state
    }

    deinit { wire.withLock { _ = close($0.socket) } }

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
            let answer = exchange { socket in
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
        let answer = exchange { socket in
            ticket.send(after: header, count: ticket.count, to: socket) ? Self.receive(from: socket) : .gone
        }
        guard case .plain(.done, _) = answer else { throw .gone }
    }

    /// A person did something: locking by idleness begins anew.
    public func noteUse() { tell(.used) }

    /// Makes it forget the key for good, and end.
    public func erase() { _ = ask(.erase) }

    /// Asks that this process's terminal be put back when it is ended without a word. Before ``beginListening()``.
    /// - Parameter body: As `TerminalRescue` makes it.
    public func guardTerminal(_ body: [UInt8]) {
        guard body.count <= TerminalRescue.longestBody else { return }
        _ = ask(.guardTerminal, body)
    }

    /// This process has put its terminal back, or is about to. Nothing is answered.
    public func releaseTerminal() { tell(.releaseTerminal) }

    /// Hears what the agent tells, on this thread, until it is gone or `body` has heard enough.
    ///
    /// Nothing else can be asked over this connection afterwards.
    /// - Parameter body: Gets `nil` at last when the agent is gone. Returns whether to go on.
    public func listen(_ body: (AgentNotice?) -> Bool) {
        let socket = beginListening(patienceSeconds: 0)
        while true {
            let notice = nextNotice(socket)
            guard body(notice), notice != nil else { return }
        }
    }

    /// 2 s for the rest of a notice of which a part is there: whoever polls has other things to do.
    private static let restPatienceSeconds = 2

    /// Begins to listen, for whoever polls by itself.
    /// - Returns: What to poll.
    public func beginListening() -> Int32 { beginListening(patienceSeconds: Self.restPatienceSeconds) }

    /// - Parameter patienceSeconds: How long a notice is waited for; 0: for ever.
    private func beginListening(patienceSeconds: Int) -> Int32 {
        wire.withLock { wire in
            wire.isListening = true
            UnixSocket.setPatience(of: wire.socket, seconds: patienceSeconds)
            if !wire.isOutOfStep { _ = Self.send(.listen, [], to: wire.socket) }
            return wire.socket
        }
    }

    /// What the agent tells next, for whoever polled; waits for the rest of it. `nil`: it is gone, or not to be believed.
    public func nextNotice() -> AgentNotice? { nextNotice(wire.withLock { $0.socket }) }

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
        exchange { Self.send(request, body, to: $0) ? Self.receive(from: $0) : .gone }
    }

    /// What gets no answer.
    private func tell(_ request: AgentFrame.Request) {
        wire.withLock { wire in
            if !wire.isOutOfStep, !Self.send(request, [], to: wire.socket) { Self.endConnection(&wire) }
        }
    }

    /// A question and its answer. After anything else than a whole answer, the connection is used no more.
    private func exchange(_ body: (Int32) -> Reply) -> Reply {
        overWire { socket in
            let reply = body(socket)
            if case .gone = reply { return nil }
            return reply
        } ?? .gone
    }

    /// - Parameter body: Returns `nil` for anything else than a whole answer.
    private func overWire<Answer>(_ body: (Int32) -> Answer?) -> Answer? {
        wire.withLock { wire in
            guard isInStep(&wire) else { return nil }
            let answer = body(wire.socket)
            if answer == nil { Self.endConnection(&wire) }
            return answer
        }
    }

    private func isInStep(_ wire: inout Wire) -> Bool {
        guard wire.isOutOfStep else { return true }
        guard !wire.isListening, let address, let descriptor = Self.connect(address),
            Self.greet(descriptor, address.role, isPerson: address.isPerson) != nil
        else { return false }
        close(wire.socket)
        wire = Wire(socket: descriptor)
        return true
    }

    /// The number stays taken: somebody may be reading from it.
    private static func endConnection(_ wire: inout Wire) {
        wire.isOutOfStep = true
        _ = shutdown(wire.socket, Int32(SHUT_RDWR))
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
        let answer = overWire { socket in
            Self.derived(body, count * StoreKeysLimits.keyByteCount, into: &room, from: offset, over: socket)
        }
        switch answer {
        case .given?: return
        case .refused?: throw StoreKeysError(.locked)
        case nil: throw StoreKeysError(.agentGone)
        }
    }

    private enum Derived {
        case given, refused
    }

    /// - Returns: `nil` for anything else than a whole answer.
    private static func derived(
        _ body: [UInt8], _ wanted: Int, into room: inout SecretBytes, from offset: Int, over socket: Int32
    ) -> Derived? {
        guard send(.derive, body, to: socket), let header = exactly(AgentFrame.headerByteCount, from: socket) else {
            return nil
        }
        switch AgentFrame.Answer(rawValue: header[0]) {
        case .keys where AgentFrame.length(of: header) == wanted:
            var got = 0
            while got < wanted {
                let read = room.read(offset + got..<offset + wanted, from: socket)
                if read < 0 && errno == EINTR { continue }
                guard read > 0 else { return nil }
                got += read
            }
            return .given
        case .refused where AgentFrame.length(of: header) == 1: return exactly(1, from: socket).map { _ in .refused }
        default: return nil
        }
    }

    public func forget() { erase() }
}
