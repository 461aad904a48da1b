import Foundation
import RelayAPI
import Statements
import Synchronization
import Testing

@testable import DeviceKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A link that looks alive and delivers nothing. The standard times (none above 30 s) are shortened here.
extension LyingRelayTests {
    private static let impatient = LinkPatience(
        connect: .seconds(2), answer: .seconds(2), silence: .seconds(1), whole: .seconds(2))
    /// Of a stream alone.
    private static let impatientOfStreams = LinkPatience(
        connect: .seconds(60), answer: .seconds(60), silence: .seconds(3), whole: .seconds(6))

    /// Watches until the stream is told as lost, and gives why. What is not answered in so short a time before, on a busy
    /// machine, is asked again.
    private func cause(_ world: LieWorld) async throws -> (String, Duration) {
        let session = try DeviceSession.open(
            try world.profile(of: .clara), observer: SilentObserver(), patience: Self.impatientOfStreams)
        var cause = ""
        let began = ContinuousClock.now
        await #expect(throws: CancellationError.self) {
            try await session.watch { event in
                guard case .disconnected(let error, _) = event, error.code != "relay_unreachable" else { return }
                cause = error.code.rawValue
                throw CancellationError()
            }
        }
        await session.close()
        return (cause, ContinuousClock.now - began)
    }

    /// The connection stays open, and nothing comes any more: no item, no head, no sign of life.
    @Test func aStreamThatStopsIsGivenUp() async throws {
        try await LieWorld.run { world in
            let drained = Mutex(false)
            world.liar.tell(
                LyingRelay.Lie(passes: { event, _ in
                    drained.withLock { drained in
                        defer { if event == .drained { drained = true } }
                        return !drained
                    }
                }))
            let (cause, time) = try await cause(world)
            #expect(cause == "stream_lost")
            // Far from never, also on a machine that does ten other things.
            #expect(time < .seconds(60))
        }
    }

    /// Not even the first word comes.
    @Test func aStreamThatNeverBeginsIsGivenUp() async throws {
        try await LieWorld.run { world in
            world.liar.tell(LyingRelay.Lie(passes: { _, _ in false }))
            let (cause, _) = try await cause(world)
            #expect(cause == "stream_lost")
        }
    }

    /// A byte now and then keeps the connection alive, and is no word.
    @Test func aStreamThatTricklesIsGivenUp() async throws {
        try await LieWorld.run { world in
            world.liar.tell(LyingRelay.Lie(passes: { _, _ in false }, trickles: { _ in true }))
            let (cause, time) = try await cause(world)
            #expect(cause == "stream_lost")
            #expect(time >= Self.impatientOfStreams.whole)
        }
    }

    /// Something is asked, and no answer begins.
    @Test func aRequestThatHangsIsGivenUp() async throws {
        try await LieWorld.run { world in
            let gate = Gate()
            world.liar.tell(
                LyingRelay.Lie(answer: { _, _ in
                    await gate.pass()
                    return nil
                }))
            let session = try DeviceSession.open(
                try world.profile(of: .clara), observer: SilentObserver(), patience: Self.impatient)
            let began = ContinuousClock.now
            await #expect(throws: DeviceKitError("relay_unreachable", .unreachable, "", next: "")) {
                try await session.refresh()
            }
            #expect(ContinuousClock.now - began < .seconds(60))
            gate.open()
            await session.close()
        }
    }

    /// Somebody takes the connection and says nothing, not even to agree on keys.
    @Test func aHandshakeThatHangsIsGivenUp() async throws {
        let port = try RelayUnderTest.freePort()
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listening) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listening, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(bound == 0 && listen(listening, 8) == 0)
        let connection = try RelayConnection(
            address: "127.0.0.1:\(port)", certificateAuthority: nil, patience: Self.impatient)
        let began = ContinuousClock.now
        await #expect(throws: DeviceKitError("relay_unreachable", .unreachable, "", next: "")) {
            _ = try await connection.answer(to: .get("/v1/inbox"), signer: nil)
        }
        // Far from never, also on a machine that does ten other things.
        #expect(ContinuousClock.now - began < .seconds(60))
        await connection.close()
    }

    /// Signs of life go on, items do not come, and the head that is signed counts them: told at the next sign of life.
    @Test func itemsThatTheHeadCountsAndNobodyGivesAreFound() async throws {
        try await LieWorld.run { world in
            _ = try await world.send("held back")
            world.liar.tell(LyingRelay.Lie(passes: { event, _ in event != .item }))
            let session = try DeviceSession.open(try world.profile(of: .clara), observer: SilentObserver())
            await #expect(throws: CancellationError.self) {
                // The first sign of life after the backlog is given by the harness at once.
                try await session.watch { event in
                    if try session.findings().contains(where: { $0.finding.code == .queueGap }) {
                        throw CancellationError()
                    }
                }
            }
            await session.close()
        }
    }

    /// The machine slept: what was open is given up within a second or two, and opened again.
    @Test func afterASleepTheLinkIsOpenedAnew() async throws {
        try await LieWorld.run { world in
            let session = try world.session(of: .clara)
            let slept = Mutex<Int64>(0)
            let clock = WatchClock(reading: {
                var reading = WakeDetector.Reading.now
                reading.since += slept.withLock { $0 }
                reading.wall += slept.withLock { $0 }
                return reading
            })
            var connections = 0
            let began = ContinuousClock.now
            await #expect(throws: CancellationError.self) {
                try await session.watch(clock: clock) { event in
                    guard case .connected = event else { return }
                    connections += 1
                    if connections == 2 { throw CancellationError() }
                    slept.withLock { $0 = 3_600_000 }
                }
            }
            #expect(connections == 2)
            // Without that it would stay open: the relay gives its signs of life.
            #expect(ContinuousClock.now - began < .seconds(60))
            await session.close()
        }
    }

    /// For capsules alone it answers in some wrong way: the audit goes on without them, and says so until they are given.
    @Test func capsulesThatAreNotGivenSilenceNoAudit() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("first")
            for status in [404, 410, 500] {
                world.liar.tell(
                    LyingRelay.Lie(answer: { question, _ in
                        question.path.hasSuffix("/capsule")
                            ? LyingRelay.Answer(status: status, type: "text/plain", body: []) : nil
                    }))
                let told = try await world.nightbell(.vera, "audit", "verify")
                #expect(told.status == 65, "\(told)")
                let findings = try told.json()["findings"]?.array ?? []
                #expect(findings.map { $0["code"]?.string } == ["capsule_missing"], "\(told)")
                #expect(findings.first?["message"]?.string == message, "\(told)")
                #expect(findings.first?["sentence"]?.string?.contains("status \(status)") == true, "\(told)")
            }
            world.liar.tell(nil)
            let replay = try await world.nightbell(.vera, "audit", "verify")
            #expect(replay.status == 0, "\(replay)")
            #expect(try replay.json()["capsules"]?["opened"]?.integer == 1, "\(replay)")
        }
    }
}
