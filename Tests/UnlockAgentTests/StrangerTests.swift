import Foundation
import Processes
import Secrets
import StoreKeying
import Testing

@testable import UnlockAgent

#if canImport(Glibc)
    import Glibc
#endif

/// What stands in an agent's place, or answers there, and is none.
@Suite final class StrangerTests {
    private let profile: String
    private let place: AgentPlace

    init() throws {
        profile = NSTemporaryDirectory() + "nightbell-stranger-\(UUID().uuidString)"
        place = AgentPlace(profile: profile)
        try FileManager.default.createDirectory(atPath: place.folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: profile) }

    private var found: AgentStranger? {
        if case .stranger(let stranger) = AgentConnection.find(profile: profile, role: .command, isPerson: false) {
            stranger
        } else {
            nil
        }
    }

    private static func bytes(_ answer: AgentFrame.Answer, _ body: [UInt8] = []) -> [UInt8] {
        AgentFrame.header(answer.rawValue, count: body.count) + body
    }

    private static let unlocked = bytes(
        .state,
        AgentState(
            isLocked: false, since: .now, lockAfterSeconds: 900, idleSeconds: 0, holders: 1, listensWhileLocked: false,
            hearsSleep: false, holdsSleepUp: false
        ).bytes)

    private static func put(_ bytes: [UInt8], to socket: Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe send(socket, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
            == bytes.count
    }

    @Test func whatIsNoSocketIsAskedNothingAndNamed() throws {
        #expect(found == nil)
        let files = FileManager.default
        #expect(files.createFile(atPath: place.socket, contents: nil))
        #expect(found == AgentStranger(.foreign, place.socket))
        try files.removeItem(atPath: place.socket)
        let pipe = unsafe mkfifo(place.socket, 0o600)
        #expect(pipe == 0)
        #expect(found == AgentStranger(.foreign, place.socket))
        try files.removeItem(atPath: place.socket)
        // Also where somebody listens at its end.
        let elsewhere = try #require(AgentPlace(profile: place.folder).take())
        defer { close(elsewhere.listener) }
        try files.createSymbolicLink(atPath: place.socket, withDestinationPath: place.folder + "/agent/socket")
        #expect(found == AgentStranger(.link, place.socket))
        try files.removeItem(atPath: place.socket)
        // The lock that only one agent holds.
        let lock = place.folder + "/lock"
        try files.createSymbolicLink(atPath: lock, withDestinationPath: profile + "/elsewhere")
        #expect(found == AgentStranger(.link, lock))
        try files.removeItem(atPath: lock)
        let lockPipe = unsafe mkfifo(lock, 0o600)
        #expect(lockPipe == 0)
        #expect(found == AgentStranger(.foreign, lock))
        // No agent begins there of which others would say that it is none.
        #expect(AgentPlace(profile: profile).take() == nil)
        try files.removeItem(atPath: lock)
        try files.moveItem(atPath: place.folder, toPath: profile + "/moved")
        try files.createSymbolicLink(atPath: place.folder, withDestinationPath: profile + "/moved")
        #expect(found == AgentStranger(.link, place.folder))
    }

    /// Its socket alone, in another profile's folder: keys of the one would be taken for the other's.
    @Test func anotherProfilesAgentIsNone() throws {
        let other = AgentPlace(profile: profile + "/other")
        try FileManager.default.createDirectory(atPath: profile + "/other", withIntermediateDirectories: true)
        let seat = try #require(other.take())
        let inbox = try #require(AgentInbox())
        defer { inbox.end() }
        Thread.detachNewThread {
            AgentServer(seat: seat, first: nil, inbox: inbox, ringing: nil, lockAfterSeconds: 900).run()
            seat.leave()
        }
        try FileManager.default.linkItem(atPath: other.socket, toPath: place.socket)
        #expect(found?.kind == .noAgent)
        #expect(found?.process == getpid())
        #expect(AgentConnection(profile: profile + "/other", role: .command, isPerson: false) != nil)
    }

    @Test(arguments: [[], [0x80, 0, 0, 0, 0], Array("HTTP/1.1 400 Bad Request\r\n".utf8)] as [[UInt8]])
    func whatDoesNotAnswerAsAnAgentIsNone(_ answer: [UInt8]) throws {
        let listener = try #require(UnixSocket.listen(in: place.folder, name: AgentPlace.socketName))
        // Closed by whoever accepts: a number that is closed here could be another test's before they look again.
        defer { shutdown(listener, Int32(SHUT_RDWR)) }
        Thread.detachNewThread {
            defer { close(listener) }
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                if answer.isEmpty {
                    // It is heard, and closed without a word.
                    var hello = [UInt8](repeating: 0, count: 8)
                    _ = unsafe recv(client, &hello, hello.count, Int32(MSG_WAITALL))
                } else {
                    _ = Self.put(answer, to: client)
                }
                close(client)
            }
        }
        let stranger = try #require(found)
        #expect(stranger.kind == .noAgent && stranger.path == place.socket)
    }

    /// A byte now and then is no answer: the time is for the whole of it.
    @Test func whoAnswersByteByByteIsNotWaitedFor() throws {
        let (ours, theirs) = try #require(UnixSocket.pair())
        #expect(Self.put(Self.unlocked, to: theirs))
        let agent = try #require(AgentConnection(connected: ours, role: .command, isPerson: false))
        agent.setPatience(seconds: 1)
        Thread.detachNewThread {
            // Whole after some four seconds, and none of its pauses longer than a tenth of one.
            for byte in Self.bytes(.keys, [UInt8](repeating: 7, count: 32)) {
                usleep(100_000)
                guard Self.put([byte], to: theirs) else { break }
            }
            close(theirs)
        }
        var room = SecretBytes(zeros: 32)
        let label = StoreKeyLabel(table: "message", column: "content", row: "a")
        #expect(throws: StoreKeysError(.agentGone)) { try agent.derive([label], into: &room) }
    }

    @Test func whatNeverAnswersIsLateAndWhatClosesIsGone() throws {
        let (ours, theirs) = try #require(UnixSocket.pair())
        defer { close(ours) }
        #expect(Self.put([AgentFrame.Answer.done.rawValue], to: theirs))
        let late = AgentReading.reply(from: ours, by: AnswerDeadline(seconds: 1))
        if case .late = late {} else { Issue.record("\(late)") }
        close(theirs)
        let gone = AgentReading.reply(from: ours, by: AnswerDeadline(seconds: 60))
        if case .gone = gone {} else { Issue.record("\(gone)") }
    }

    /// Its word that it has locked is not enough.
    @Test func whatSaysThatItHasLockedAndIsUnlockedIsNotBelieved() throws {
        let (ours, theirs) = try #require(UnixSocket.pair())
        defer { close(theirs) }
        #expect(Self.put(Self.unlocked + Self.bytes(.done) + Self.unlocked, to: theirs))
        let agent = try #require(AgentConnection(connected: ours, role: .command, isPerson: false))
        #expect(throws: AgentError.stillUnlocked) { try agent.lock() }
    }
}
