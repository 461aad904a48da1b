import DesktopBus
import Foundation
import Processes
public import Secrets
import StoreKeying

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The agent at work: one thread, one loop, one key.
///
/// Holds the store key of one profile in locked memory and gives keys that are derived from it to processes of the same
/// user, which it can end. It knows neither what the keys open nor how. It ends, too, when nobody can find it any more.
public final class AgentServer {
    /// What goes on outside of the loop while the profile is locked.
    public protocol Ringing: AnyObject {
        /// Begins to listen with what a client left for it.
        func listen(_ ticket: consuming SecretBytes)
        func stop()
    }

    /// 256. More of them wait, connected, until others have gone: their patience is five seconds.
    static let maximumClients = 256
    /// 256.
    static let maximumHolders = 256
    /// 5 s: for a client to say who it is.
    private static let greetingTime = Duration.seconds(5)
    /// 5 s: how far `poll` may lag behind a clock that went on while the machine slept.
    private static let longestPause: Int32 = 5_000

    private let seat: AgentSeat
    private let inbox: AgentInbox
    private let ringing: (any Ringing)?
    private var machine: LockMachine
    private var since = Date()
    private var lastReason = LockReason.asked
    /// What rings since it was locked, and whether anything can: for whoever comes later.
    private var lastRing: UInt8?
    private var lastLink: RingLink?
    private var keys: DirectStoreKeys?
    private var fingerprint: [UInt8]?
    private var ticket: Ticket?
    var clients: [AgentClient] = []
    private var holders: [Holder] = []
    /// Terminals to put back.
    var guarded: [GuardedTerminal] = []
    private var room = SecretBytes(zeros: StoreKeysLimits.labelsAtOnce * StoreKeysLimits.keyByteCount)
    private var sleep: SleepSignals?
    private var isEnding = false
    /// Who erases the profile: it has something to say before it ends.
    private var eraser: Int32?

    /// What to listen with while it is locked.
    private final class Ticket {
        let secret: SecretBytes
        init(_ secret: consuming SecretBytes) { self.secret = secret }
    }

    /// A process that has got keys, until it ends.
    private final class Holder {
        let process: ProcessHandle
        init(_ process: consuming ProcessHandle) { self.process = process }
    }

    /// - Parameters:
    ///   - seat: The place where clients find it. The listening socket is this object's from now on.
    ///   - first: A connected one whose client is served at once: whoever started this agent.
    ///   - inbox: Where signals and rings arrive.
    public init(seat: AgentSeat, first: Int32?, inbox: AgentInbox, ringing: (any Ringing)?, lockAfterSeconds: UInt32) {
        self.seat = seat
        self.inbox = inbox
        self.ringing = ringing
        machine = LockMachine(lockAfter: .seconds(Int64(lockAfterSeconds)))
        Self.makePatient(seat.listener)
        if let first { admit(first) }
    }

    deinit { close(seat.listener) }

    /// Serves until it is asked to end. The keys are gone when this returns.
    public func run() {
        connectBus()
        while !(isEnding && machine.isSettled) {
            // Before each wait, not only when there is something to read: what came during a call waits in its queue, and
            // while it does the bus asks to be polled for nothing.
            if sleep?.process() == false { sleep = nil }
            var polled = [
                pollfd(fd: hasRoom ? seat.listener : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: sleep?.descriptor ?? -1, events: sleep?.events ?? 0, revents: 0),
            ]
            let first = polled.count
            let (served, ended) = (clients, holders)
            polled += served.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            polled += ended.map { pollfd(fd: $0.process.descriptor, events: Int16(POLLIN), revents: 0) }
            polled += guarded.map { pollfd(fd: $0.keeper.descriptor, events: Int16(POLLIN), revents: 0) }
            guard unsafe poll(&polled, nfds_t(polled.count), pause) >= 0 || errno == EINTR else { break }
            holders.removeAll { $0.process.hasEnded }
            for word in inbox.take() { hear(word) }
            // Whoever removes a profile means its key as well, and nobody could ask this agent to forget it.
            if !isEnding, seat.isLost { hear(.end) }
            for (index, client) in served.enumerated() where polled[first + index].revents != 0 { serve(client) }
            // After the requests: what was put back is said before its process ends.
            rescueTerminals()
            if polled[0].revents != 0 { accept() }
            perform(machine.look(at: .now, holders: holders.count))
            dropTheSilent()
        }
        wipe()
    }

    private var hasRoom: Bool { clients.count < Self.maximumClients }

    private var pause: Int32 {
        guard let due = machine.due else { return clients.contains { $0.role == nil } ? 1_000 : Self.longestPause }
        let left = ContinuousClock.now.duration(to: due)
        let milliseconds = left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: max(0, min(milliseconds, Int64(Self.longestPause))))
    }

    // MARK: Clients

    private func accept() {
        while hasRoom {
            let descriptor = Glibc.accept(seat.listener, nil, nil)
            guard descriptor >= 0 else { return }
            admit(descriptor)
        }
    }

    private func admit(_ descriptor: Int32) {
        guard let peer = SocketPeer(of: descriptor), peer.isOurs, hasRoom else {
            close(descriptor)
            return
        }
        Self.makePatient(descriptor)
        clients.append(AgentClient(descriptor: descriptor, peer: peer, at: .now))
    }

    private static func makePatient(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    private func dropTheSilent() {
        let now = ContinuousClock.now
        clients.removeAll { $0.role == nil && now - $0.since > Self.greetingTime }
    }

    private func drop(_ client: AgentClient) { clients.removeAll { $0 === client } }

    func serve(_ client: AgentClient) {
        let stays: Bool
        switch client.receive() {
        case .nothing: stays = true
        case .over: stays = false
        case .request(let request, let body): stays = answer(request, body, client)
        case .secret(let request):
            stays =
                client.role != nil
                && (request == .unlock
                    ? unlock(client.takeSecret(), client) : keep(ticket: client.takeSecret(), client))
        }
        if !stays { drop(client) }
    }

    /// - Returns: Whether the client goes on.
    private func answer(_ request: AgentFrame.Request, _ body: [UInt8], _ client: AgentClient) -> Bool {
        if request == .hello { return greet(body, client) }
        if request == .releaseTerminal {
            guard client.role == .supervisor else { return false }
            guarded.removeAll { $0.keeper.pid == client.peer.pid }
            return true
        }
        guard client.role != nil, !client.isListening else { return false }
        switch request {
        case .derive: return derive(body, client)
        case .used:
            machine.used(at: .now)
            return true
        case .lock:
            client.waitsForLock = true
            perform(machine.lock(.asked, at: .now, holders: holders.count))
            return true
        case .end:
            client.waitsForLock = true
            hear(.end)
            return true
        case .state: return client.send(.state, state.bytes)
        case .lockAfter:
            guard body.count == 4 else { return false }
            machine.setLockAfter(.seconds(Int64(AgentState.number(body))))
            return client.send(.done)
        case .erase:
            // Whoever erases holds keys itself, and ends by itself.
            holders.removeAll { $0.process.pid == client.peer.pid }
            client.waitsForLock = true
            eraser = client.peer.pid
            fingerprint = nil
            ticket = nil
            isEnding = true
            perform(machine.lock(.revoked, at: .now, holders: holders.count))
            return true
        case .listen:
            client.isListening = true
            return catchUp(client)
        case .guardTerminal: return guardTerminal(body, client)
        case .hello, .unlock, .ring, .releaseTerminal: return false
        }
    }

    private func greet(_ body: [UInt8], _ client: AgentClient) -> Bool {
        guard client.role == nil, body.count == 3, body[0] == AgentFrame.version,
            let role = AgentRole(rawValue: body[1]), body[2] <= 1
        else { return false }
        client.role = role
        client.knowsItLocked = !machine.isUnlocked
        if body[2] == 1 { machine.used(at: .now) }
        return client.send(.state, state.bytes)
    }

    /// What was told between a client's greeting and its beginning to listen went past it: it is told now.
    private func catchUp(_ client: AgentClient) -> Bool {
        if client.knowsItLocked == machine.isUnlocked {
            guard machine.isUnlocked ? client.send(.unlocked) : client.send(.locked, [lastReason.rawValue]) else {
                return false
            }
        }
        // The stream may say for long nothing new of what waits.
        guard !machine.isUnlocked else { return true }
        if let lastLink, !client.send(.link, [lastLink.rawValue]) { return false }
        return lastRing.map { client.send(.ring, [$0]) } ?? true
    }

    // MARK: Keys

    private func derive(_ body: [UInt8], _ client: AgentClient) -> Bool {
        guard let labels = AgentLabels.parse(body) else { return false }
        guard machine.isUnlocked, let keys, hold(client) else {
            return client.send(.refused, [AgentFrame.Refusal.locked.rawValue])
        }
        defer { room.clear() }
        do throws(StoreKeysError) { try keys.derive(labels, into: &room) } catch { return false }
        return client.send(keys: room, count: labels.count * StoreKeysLimits.keyByteCount)
    }

    /// Notes who gets keys, before the first one.
    private func hold(_ client: AgentClient) -> Bool {
        // Within its own process (in tests) there is nobody to end.
        if client.peer.pid == getpid() { return true }
        if holders.contains(where: { $0.process.pid == client.peer.pid && !$0.process.hasEnded }) { return true }
        // Whoever cannot be ended gets no key.
        guard holders.count < Self.maximumHolders, let process = ProcessHandle(peerOf: client.descriptor) else {
            return false
        }
        holders.append(Holder(process))
        return true
    }

    private func unlock(_ key: consuming SecretBytes, _ client: AgentClient) -> Bool {
        guard key.count == StoreKeysLimits.keyByteCount, !client.isListening else { return false }
        let made = DirectStoreKeys(storeKey: key)
        guard fingerprint == nil || constantTimeEqual(fingerprint!, made.fingerprint) else {
            return client.send(.refused, [AgentFrame.Refusal.wrongKey.rawValue])
        }
        guard made.isLockedIntoMemory else {
            return client.send(.refused, [AgentFrame.Refusal.unlockable.rawValue])
        }
        guard !isEnding else { return client.send(.refused, [AgentFrame.Refusal.notYet.rawValue]) }
        let (result, actions) = machine.unlock(at: .now)
        guard result == .unlocked else { return client.send(.refused, [AgentFrame.Refusal.notYet.rawValue]) }
        fingerprint = made.fingerprint
        if keys == nil { (keys, since) = (made, Date()) }
        if sleep == nil { connectBus() }
        perform(actions)
        client.knowsItLocked = false
        return client.send(.done)
    }

    private func keep(ticket: consuming SecretBytes, _ client: AgentClient) -> Bool {
        guard !client.isListening, machine.isUnlocked else { return false }
        self.ticket = Ticket(ticket)
        return client.send(.done)
    }

    private func wipe() {
        keys = nil
        room.clear()
        since = Date()
    }

    // MARK: Locking

    private func hear(_ word: AgentInbox.Word) {
        switch word {
        case .lock(let reason): perform(machine.lock(reason, at: .now, holders: holders.count))
        case .end:
            isEnding = true
            perform(machine.lock(.ending, at: .now, holders: holders.count))
        case .ring(let urgency):
            guard !machine.isUnlocked else { return }
            lastRing = urgency
            tell(.ring, [urgency ?? AgentFrame.nothingWaits])
        case .link(let link):
            guard !machine.isUnlocked else { return }
            lastLink = link
            tell(.link, [link.rawValue])
        }
    }

    private func perform(_ actions: [LockMachine.Action]) {
        for action in actions {
            switch action {
            case .wipe:
                wipe()
                if !isEnding, let ticket { ringing?.listen(ticket.secret.duplicate()) }
            case .tellLocked(let reason):
                lastReason = reason
                tell(.locked, [reason.rawValue])
            case .tellUnlocked:
                // Given back at the last lock, whatever that was for.
                sleep?.holdSleepUp()
                ringing?.stop()
                (lastRing, lastLink) = (nil, nil)
                tell(.unlocked)
            case .endHolders: for holder in holders { holder.process.signal(SIGKILL) }
            case .settle:
                clearBehindTheStopped()
                sleep?.letSleep()
                for client in clients where client.waitsForLock {
                    client.waitsForLock = false
                    if !client.send(.done) { drop(client) }
                }
            }
        }
    }

    private func tell(_ answer: AgentFrame.Answer, _ body: [UInt8] = []) {
        for client in clients where client.isListening && client.peer.pid != eraser {
            if !client.send(answer, body) { drop(client) }
        }
    }

    private func connectBus() {
        sleep = SleepSignals { [inbox] isAboutToSleep in if isAboutToSleep { inbox.lock(.sleep) } }
    }

    private var state: AgentState {
        AgentState(
            isLocked: !machine.isUnlocked, since: since,
            lockAfterSeconds: UInt32(clamping: machine.lockAfter.components.seconds),
            idleSeconds: UInt32(clamping: machine.idle(at: .now)?.components.seconds ?? 0),
            holders: UInt16(clamping: holders.count), listensWhileLocked: ringing != nil && ticket != nil,
            hearsSleep: sleep != nil, holdsSleepUp: sleep?.holdsSleepUp ?? false)
    }
}
