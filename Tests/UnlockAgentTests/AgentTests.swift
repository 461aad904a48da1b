import Foundation
import FuzzSupport
import Processes
import Secrets
import StoreKeying
import Testing

@testable import UnlockAgent

#if canImport(Glibc)
    import Glibc
#endif

/// An agent on a thread of this process, asked over its real socket. What it does to other processes is tested with the
/// real programs.
@Suite final class AgentTests {
    private let profile: String
    private let inbox = AgentInbox()!
    private let storeKey = SecretBytes(random: 32)
    private let labels = ["a", "b"].map { StoreKeyLabel(table: "message", column: "content", row: $0) }

    init() throws {
        profile = NSTemporaryDirectory() + "nightbell-agent-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: profile, withIntermediateDirectories: true)
    }

    deinit {
        inbox.end()
        try? FileManager.default.removeItem(atPath: profile)
    }

    private func start(in profile: String? = nil) throws {
        let seat = try #require(AgentPlace(profile: profile ?? self.profile).take())
        let inbox = inbox
        Thread.detachNewThread {
            AgentServer(seat: seat, first: nil, inbox: inbox, ringing: nil, lockAfterSeconds: 900).run()
            seat.leave()
        }
    }

    private func connect(_ profile: String? = nil) throws -> AgentConnection {
        try #require(AgentConnection(profile: profile ?? self.profile, role: .command, isPerson: false))
    }

    @Test func givesTheKeysThatTheStoreKeyGives() throws {
        try start()
        let agent = try connect()
        #expect(agent.greeted.isLocked)
        try agent.unlock(storeKey)
        #expect(agent.state()?.isLocked == false)
        var theirs = SecretBytes(zeros: 64)
        try agent.derive(labels, into: &theirs)
        var ours = SecretBytes(zeros: 64)
        try DirectStoreKeys(storeKey: storeKey).derive(labels, into: &ours)
        let isSame = theirs.isEqual(to: ours)
        #expect(isSame)
    }

    @Test func asManyAsThereIsRoomForInAsFewExchangesAsItTakes() throws {
        try start()
        let agent = try connect()
        try agent.unlock(storeKey)
        let many = (0..<StoreKeysLimits.labelsAtOnce).map { number in
            StoreKeyLabel(table: "message", column: "content", row: String(repeating: "x", count: 400) + "\(number)")
        }
        var theirs = SecretBytes(zeros: many.count * 32)
        try agent.derive(many, into: &theirs)
        var ours = SecretBytes(zeros: many.count * 32)
        try DirectStoreKeys(storeKey: storeKey).derive(many, into: &ours)
        let isSame = theirs.isEqual(to: ours)
        #expect(isSame)
    }

    @Test func lockedItGivesNothingAndTellsThoseWhoListen() throws {
        try start()
        let agent = try connect()
        try agent.unlock(storeKey)
        let listening = try connect()
        let socket = listening.beginListening()
        try agent.lock()
        #expect(polled(listening, socket) == .locked(.asked))
        var room = SecretBytes(zeros: 64)
        #expect(throws: StoreKeysError(.locked)) { try agent.derive(labels, into: &room) }
        #expect(agent.state()?.isLocked == true)
        try agent.unlock(storeKey)
        #expect(polled(listening, socket) == .unlocked)
        inbox.lock(.hangUp)
        #expect(polled(listening, socket) == .locked(.hangUp))
        inbox.ring(urgency: 1)
        #expect(polled(listening, socket) == .ring(urgency: 1))
        inbox.ring(urgency: nil)
        #expect(polled(listening, socket) == .ring(urgency: nil))
    }

    /// The stream says for long nothing new of what waits: who comes later would ring for nothing until it does.
    @Test func whoComesLaterHearsWhatRings() throws {
        try start()
        inbox.link(.listening)
        inbox.ring(urgency: 0)
        let second = try connect()
        let secondSocket = second.beginListening()
        #expect(polled(second, secondSocket) == .link(.listening))
        #expect(polled(second, secondSocket) == .ring(urgency: 0))
        // What rang before it was unlocked is nothing to whoever locks it again.
        let person = try connect()
        try person.unlock(storeKey)
        try person.lock()
        let third = try connect()
        let thirdSocket = third.beginListening()
        inbox.ring(urgency: 3)
        #expect(polled(third, thirdSocket) == .ring(urgency: 3))
    }

    /// Nobody is told that there is no agent because many ask at once.
    @Test func whoFindsNoRoomIsServedWhenThereIsSome() async throws {
        try start()
        var others = try (0..<AgentServer.maximumClients).map { _ in try connect() }
        let profile = profile
        let late = Task.detached { AgentConnection(profile: profile, role: .command, isPerson: false) != nil }
        // Still there, all of them, and so is the one that waits for one of them to go.
        for other in others.prefix(8) { #expect(other.state() != nil) }
        others.removeLast()
        #expect(await late.value)
    }

    /// Its greeting said "unlocked": without being told it would wait for ever beside a locked profile.
    @Test func tellsWhoBeginsToListenWhatWentPastIt() throws {
        try start()
        let agent = try connect()
        try agent.unlock(storeKey)
        let listening = try connect()
        try agent.lock()
        let socket = listening.beginListening()
        #expect(polled(listening, socket) == .locked(.asked))
        try agent.unlock(storeKey)
        #expect(polled(listening, socket) == .unlocked)
    }

    @Test func locksByItself() throws {
        try start()
        let agent = try connect()
        try agent.unlock(storeKey)
        let listening = try connect()
        let socket = listening.beginListening()
        try agent.setLockAfter(seconds: 1)
        #expect(polled(listening, socket) == .locked(.idle))
    }

    @Test func takesNoOtherKeyThanItsFirst() throws {
        try start()
        let agent = try connect()
        try agent.unlock(storeKey)
        try agent.lock()
        #expect(throws: AgentError.wrongKey) { try agent.unlock(SecretBytes(random: 32)) }
        #expect(agent.state()?.isLocked == true)
    }

    @Test func thereIsOneAgentAndADeadOnesSocketIsNoObstacle() throws {
        let place = AgentPlace(profile: profile)
        let seat = try #require(place.take())
        #expect(place.take() == nil)
        #expect(place.isTaken)
        // As a killed one leaves it: the socket's file stays, nobody listens, the lock is free.
        close(seat.listener)
        close(seat.lock)
        #expect(!place.isTaken)
        #expect(AgentConnection(profile: profile, role: .command, isPerson: false) == nil)
        try start()
        _ = try connect()
    }

    @Test func aPathLongerThanASocketsNameIsReached() throws {
        let long = profile + "/" + String(repeating: "long", count: 50)
        try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: true)
        try start(in: long)
        let agent = try connect(long)
        try agent.unlock(storeKey)
        #expect(agent.state()?.isLocked == false)
    }

    @Test func erasedItEnds() throws {
        try start()
        let agent = try connect()
        try agent.unlock(storeKey)
        agent.erase()
        #expect(agent.state() == nil)
    }

    @Test func removedItsSocketIsLost() throws {
        let place = AgentPlace(profile: profile)
        let seat = try #require(place.take())
        #expect(!seat.isLost)
        try FileManager.default.removeItem(atPath: profile)
        #expect(seat.isLost)
        // Not a path alone: another agent's socket there is another's, and stays when the first one leaves.
        try FileManager.default.createDirectory(atPath: profile, withIntermediateDirectories: true)
        let next = try #require(place.take())
        #expect(seat.isLost)
        #expect(!next.isLost)
        seat.leave()
        #expect(!next.isLost)
        #expect(place.isTaken)
        next.leave()
        #expect(next.isLost)
        #expect(!place.isTaken)
        for listener in [seat.listener, next.listener] { close(listener) }
    }

    @Test func itLocksAndEndsWhenNobodyFindsItAnyMore() throws {
        try start()
        let agent = try connect()
        try agent.unlock(storeKey)
        let listening = try connect()
        let socket = listening.beginListening()
        try FileManager.default.moveItem(atPath: profile, toPath: profile + "-moved")
        defer { try? FileManager.default.removeItem(atPath: profile + "-moved") }
        #expect(polled(listening, socket) == .locked(.ending))
        #expect(agent.state() == nil)
    }

    /// An answer that comes too late belongs to no later question: else one value's key would seal another's.
    @Test func aLateAnswerIsNobodys() throws {
        let (ours, theirs) = try #require(UnixSocket.pair())
        defer { close(theirs) }
        let state = AgentState(
            isLocked: false, since: .now, lockAfterSeconds: 900, idleSeconds: 0, holders: 1, listensWhileLocked: false,
            hearsSleep: false, holdsSleepUp: false)
        func take(_ count: Int) {
            var bytes = [UInt8](repeating: 0, count: count)
            _ = unsafe recv(theirs, &bytes, count, Int32(MSG_WAITALL))
        }
        func give(_ answer: AgentFrame.Answer, _ body: [UInt8]) {
            let bytes = AgentFrame.header(answer.rawValue, count: body.count) + body
            _ = unsafe bytes.withUnsafeBytes { unsafe send(theirs, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
        }
        give(.state, state.bytes)
        let agent = try #require(AgentConnection(connected: ours, role: .command, isPerson: false))
        take(AgentFrame.headerByteCount + 3)
        agent.setPatience(seconds: 1)
        var room = SecretBytes(zeros: 32)
        #expect(throws: StoreKeysError(.agentGone)) { try agent.derive([labels[0]], into: &room) }
        give(.keys, [UInt8](repeating: 7, count: 32))
        #expect(throws: StoreKeysError(.agentGone)) { try agent.derive([labels[1]], into: &room) }
        let isEmpty = room.isEqual(to: SecretBytes(zeros: 32))
        #expect(isEmpty)
        #expect(agent.state() == nil)
    }

    /// As a supervisor hears: it polls, and then takes what is there.
    private func polled(_ agent: AgentConnection, _ socket: Int32) -> AgentNotice? {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 120_000) == 1 ? agent.nextNotice() : nil
    }

    /// Whoever polls has a terminal and deadlines to look after: a notice that never becomes whole is none.
    @Test func halfANoticeHoldsNobodyUp() throws {
        let (ours, theirs) = try #require(UnixSocket.pair())
        defer { close(theirs) }
        let state = AgentState(
            isLocked: false, since: .now, lockAfterSeconds: 900, idleSeconds: 0, holders: 1, listensWhileLocked: false,
            hearsSleep: false, holdsSleepUp: false)
        let hello = AgentFrame.header(AgentFrame.Answer.state.rawValue, count: state.bytes.count) + state.bytes
        _ = unsafe hello.withUnsafeBytes { unsafe send(theirs, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
        let agent = try #require(AgentConnection(connected: ours, role: .supervisor, isPerson: false))
        #expect(agent.beginListening() == ours)
        let half = [AgentFrame.Answer.locked.rawValue]
        _ = unsafe half.withUnsafeBytes { unsafe send(theirs, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
        #expect(agent.nextNotice() == nil)
    }

    /// Whatever is written to it, the agent goes on serving others.
    @Test func nonsenseCutsOffItsWriterAlone() throws {
        try start()
        let honest = try connect()
        try honest.unlock(storeKey)
        var random = SplitMix64(seed: 7)
        let hello = AgentFrame.header(AgentFrame.Request.hello.rawValue, count: 3) + [1, 0, 0]
        for round in 0..<200 {
            let descriptor = try #require(
                UnixSocket.connect(in: profile + "/agent", name: "socket", patienceSeconds: 5))
            var bytes = round.isMultiple(of: 2) ? hello : []
            // Not those that end it, which its owner may ask for.
            let kind = ([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 0xFF] as [UInt8]).randomElement(using: &random)!
            let length = Int(random.next() % 40)
            bytes += AgentFrame.header(kind, count: round % 5 == 0 ? 1 << 30 : length)
            bytes += (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            _ = unsafe bytes.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
            shutdown(descriptor, Int32(SHUT_WR))
            var byte: UInt8 = 0
            while unsafe read(descriptor, &byte, 1) > 0 {}
            close(descriptor)
            // A lock that came together by chance is put right, as its owner would.
            try honest.setLockAfter(seconds: 900)
            try honest.unlock(storeKey)
        }
        var room = SecretBytes(zeros: 64)
        try honest.derive(labels, into: &room)
    }

    @Test func labelsAreReadWholeOrNotAtAll() {
        let body = AgentLabels.body(of: labels[...]).bytes
        #expect(AgentLabels.parse(body) == labels)
        #expect(AgentLabels.parse([]) == nil)
        for count in 1..<body.count where AgentLabels.parse(Array(body[..<count])) != nil {
            // Only between two labels.
            #expect(count == 2 + labels[0].bytes.count)
        }
        #expect(AgentLabels.parse([0, 3] + Array("abc".utf8)) == nil)
        let one = AgentLabels.body(of: labels[..<1]).bytes
        #expect(AgentLabels.parse(Array((0..<129).map { _ in one }.joined())) == nil)
    }

    @Test func itsStateIsReadAsItWasWritten() {
        let state = AgentState(
            isLocked: false, since: Date(timeIntervalSince1970: 1_790_000_000.25), lockAfterSeconds: 900,
            idleSeconds: 7,
            holders: 2, listensWhileLocked: true, hearsSleep: false, holdsSleepUp: true)
        #expect(AgentState(state.bytes) == state)
        #expect(AgentState(Array(state.bytes.dropLast())) == nil)
        var other = state.bytes
        other[0] = 2
        #expect(AgentState(other) == nil)
    }
}
