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
        /// How long a whole answer may take.
        var patienceSeconds = AgentConnection.patienceSeconds
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
    /// The process that answers, as far as the system tells.
    public let process: Int32?

    /// Connects to the agent of a profile.
    /// - Returns: `nil` when none answers there, for whatever reason.
    public convenience init?(profile: String, role: AgentRole, isPerson: Bool) {
        let address = Address(profile: profile, role: role, isPerson: isPerson)
        guard case .agent(let descriptor, let state) = Self.reach(address) else { return nil }
        self.init(descriptor, address, state)
    }

    /// Connects to the agent of a profile, or says what stands in its place.
    public static func find(profile: String, role: AgentRole, isPerson: Bool) -> AgentFinding {
        let address = Address(profile: profile, role: role, isPerson: isPerson)
        return switch reach(address) {
        case .agent(let descriptor, let state): .agent(AgentConnection(descriptor, address, state))
        case .none, .gone: .none
        case .stranger(let stranger): .stranger(stranger)
        }
    }

    /// Greets the agent at the other end of a connected socket, which is this object's from now on.
    /// - Returns: `nil` when the other end is no agent of this user.
    public convenience init?(connected descriptor: Int32, role: AgentRole, isPerson: Bool) {
        guard case .agent(_, let state) = Self.greet(descriptor, role, isPerson: isPerson, at: "") else { return nil }
        self.init(descriptor, nil, state)
    }

    /// How long an answer may take from here on. For tests: nobody else is impatient.
    func setPatience(seconds: Int) { wire.withLock { $0.patienceSeconds = seconds } }

    private init(_ descriptor: Int32, _ address: Address?, _ state: AgentState) {
        wire = Mutex(Wire(socket: descriptor))
        self.address = address
        greeted = state
        process = SocketPeer(of: descriptor).flatMap { $0.pid > 0 ? $0.pid : nil }
    }

    // MARK: Reaching it

    private enum Reached {
        case none
        case agent(Int32, AgentState)
        case stranger(AgentStranger)
        /// It closed without a word.
        case gone
    }

    private static func reach(_ address: Address) -> Reached {
        let place = AgentPlace(profile: address.profile)
        let first = reach(place, address)
        guard case .gone = first else { return first }
        // An agent that was just ending listens no more in a moment; what goes on closing is none.
        usleep(100_000)
        let second = reach(place, address)
        if case .gone = second { return .stranger(AgentStranger(.noAgent, place.socket)) }
        return second
    }

    private static func reach(_ place: AgentPlace, _ address: Address) -> Reached {
        if let obstacle = place.obstacle { return .stranger(obstacle) }
        guard
            let descriptor = UnixSocket.connect(
                in: place.folder, name: AgentPlace.socketName, patienceSeconds: patienceSeconds)
        else { return errno == EAGAIN ? .stranger(AgentStranger(.silent, place.socket)) : .none }
        let reached = greet(descriptor, address.role, isPerson: address.isPerson, at: place.socket)
        guard case .agent = reached, !place.isTaken else { return reached }
        // The agent of this profile has its lock as long as it listens: this is the one of another.
        let process = SocketPeer(of: descriptor)?.pid
        close(descriptor)
        return .stranger(AgentStranger(.noAgent, place.socket, process: process))
    }

    /// - Returns: When the other end is no agent of this user, its socket is closed.
    private static func greet(_ descriptor: Int32, _ role: AgentRole, isPerson: Bool, at path: String) -> Reached {
        UnixSocket.setPatience(of: descriptor, seconds: patienceSeconds)
        let peer = SocketPeer(of: descriptor)
        let kind: AgentStranger.Kind
        if peer?.isOurs == true {
            let hello = [AgentFrame.version, role.rawValue, isPerson ? 1 : 0]
            let reply =
                send(.hello, hello, to: descriptor)
                ? AgentReading.reply(from: descriptor, by: AnswerDeadline(seconds: patienceSeconds)) : .gone
            if let state = reply.body(of: .state).flatMap(AgentState.init) { return .agent(descriptor, state) }
            if case .gone = reply {
                close(descriptor)
                return .gone
            }
            kind = if case .late = reply { .silent } else { .noAgent }
        } else {
            kind = .otherUser
        }
        close(descriptor)
        return .stranger(AgentStranger(kind, path, process: peer?.pid))
    }

    deinit { wire.withLock { _ = close($0.socket) } }

    /// What the agent says of itself now; `nil` when it is gone.
    public func state() -> AgentState? {
        ask(.state).body(of: .state).flatMap(AgentState.init)
    }

    /// Hands the store key over.
    public func unlock(_ storeKey: borrowing SecretBytes) throws(AgentError) {
        let header = AgentFrame.header(AgentFrame.Request.unlock.rawValue, count: storeKey.count)
        // A lock that is not over yet takes a second or two.
        let deadline = AnswerDeadline(seconds: 2 * Self.patienceSeconds)
        repeat {
            let answer = exchange { storeKey.send(after: header, count: storeKey.count, to: $0) }
            switch answer {
            case .plain(.done, _): return
            case .plain(.refused, [AgentFrame.Refusal.notYet.rawValue]): usleep(100_000)
            case .plain(.refused, [AgentFrame.Refusal.wrongKey.rawValue]): throw .wrongKey
            case .plain(.refused, [AgentFrame.Refusal.unlockable.rawValue]): throw .memoryNotLockable
            default: throw .gone
            }
        } while !deadline.isOver
        throw .gone
    }

    /// Locks; returns when nobody holds a key any more.
    public func lock() throws(AgentError) {
        guard case .plain(.done, _) = ask(.lock) else { throw .gone }
        // Not by its bare word: what says that it locks, and goes on giving keys, is no agent.
        if let state = state(), !state.isLocked { throw .stillUnlocked }
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
        let answer = exchange { ticket.send(after: header, count: ticket.count, to: $0) }
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
        let socket = beginListening()
        while true {
            let notice = nextNotice(socket, patienceSeconds: 0)
            guard body(notice), notice != nil else { return }
        }
    }

    /// 2 s for the rest of a notice of which a part is there: whoever polls has other things to do.
    private static let restPatienceSeconds = 2

    /// Begins to listen.
    /// - Returns: What to poll, for whoever polls by itself.
    public func beginListening() -> Int32 {
        wire.withLock { wire in
            wire.isListening = true
            if !wire.isOutOfStep { _ = Self.send(.listen, [], to: wire.socket) }
            return wire.socket
        }
    }

    /// What the agent tells next, for whoever polled; waits for the rest of it. `nil`: it is gone, or not to be believed.
    public func nextNotice() -> AgentNotice? {
        nextNotice(wire.withLock { $0.socket }, patienceSeconds: Self.restPatienceSeconds)
    }

    private func nextNotice(_ socket: Int32, patienceSeconds: Int) -> AgentNotice? {
        switch AgentReading.reply(from: socket, by: AnswerDeadline(seconds: patienceSeconds)) {
        case .plain(.locked, let body): .locked(LockReason(rawValue: body.first ?? 0) ?? .asked)
        case .plain(.unlocked, _): .unlocked
        case .plain(.link, let body): .link(RingLink(rawValue: body.first ?? 0) ?? .down)
        case .plain(.ring, let body): .ring(urgency: body.first.flatMap { $0 == AgentFrame.nothingWaits ? nil : $0 })
        default: nil
        }
    }

    // MARK: Frames

    private func ask(_ request: AgentFrame.Request, _ body: [UInt8] = []) -> AgentReading.Reply {
        exchange { Self.send(request, body, to: $0) }
    }

    /// What gets no answer.
    private func tell(_ request: AgentFrame.Request) {
        wire.withLock { wire in
            if !wire.isOutOfStep, !Self.send(request, [], to: wire.socket) { Self.endConnection(&wire) }
        }
    }

    /// A question and its answer. After anything else than a whole answer, the connection is used no more.
    private func exchange(_ send: (Int32) -> Bool) -> AgentReading.Reply {
        overWire { socket, deadline in
            let reply: AgentReading.Reply = send(socket) ? AgentReading.reply(from: socket, by: deadline) : .gone
            return if case .plain = reply { reply } else { nil }
        } ?? .gone
    }

    /// - Parameter body: Returns `nil` for anything else than a whole answer.
    private func overWire<Answer>(_ body: (Int32, AnswerDeadline) -> Answer?) -> Answer? {
        wire.withLock { wire in
            guard isInStep(&wire) else { return nil }
            let answer = body(wire.socket, AnswerDeadline(seconds: wire.patienceSeconds))
            if answer == nil { Self.endConnection(&wire) }
            return answer
        }
    }

    private func isInStep(_ wire: inout Wire) -> Bool {
        guard wire.isOutOfStep else { return true }
        guard !wire.isListening, let address, case .agent(let descriptor, _) = Self.reach(address) else { return false }
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
}

extension AgentConnection: StoreKeys {
    public var areAnothers: Bool { true }

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
        let answer = overWire { socket, deadline in
            Self.send(.derive, body, to: socket)
                ? AgentReading.keys(
                    count * StoreKeysLimits.keyByteCount, into: &room, from: offset, over: socket, by: deadline) : nil
        }
        switch answer {
        case .given?: return
        case .refused?: throw StoreKeysError(.locked)
        case nil: throw StoreKeysError(.agentGone)
        }
    }

    public func forget() { erase() }
}
