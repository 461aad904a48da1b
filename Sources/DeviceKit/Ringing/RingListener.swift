import RelayAPI
public import Statements
public import TransparencyLog

/// Follows a locked device's ring stream: by address, CA and token alone, without the profile and its keys.
///
/// Reconnects by itself, and says within 30 s when the link is dead. The relay's word on what waits is unsigned: it can ring
/// for nothing, and be silent. Its signed head, once a minute, is what it can be held to; without it ``RingEvent/stale``
/// is told.
public struct RingListener: Sendable {
    private let address: String
    private let certificateAuthority: String?
    private let token: RingToken
    private let activityKey: LogKey?
    private let device: DeviceID?
    private let instant: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - address: The relay's, `host` or `host:port`.
    ///   - certificateAuthority: A PEM file of the relay's own CA.
    ///   - activityKey: The activity log's key, when it is at hand: heads that it does not verify count as none.
    ///   - device: The device that the heads must be for, when it is at hand.
    public init(
        address: String, certificateAuthority: String?, token: RingToken, activityKey: LogKey? = nil,
        device: DeviceID? = nil
    ) {
        self.init(
            address: address, certificateAuthority: certificateAuthority, token: token, activityKey: activityKey,
            device: device, instant: { .now })
    }

    init(
        address: String, certificateAuthority: String?, token: RingToken, activityKey: LogKey?, device: DeviceID?,
        instant: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.address = address
        self.certificateAuthority = certificateAuthority
        self.token = token
        self.activityKey = activityKey
        self.device = device
        self.instant = instant
    }

    /// Listens until the task is cancelled or the token is over.
    /// - Throws: ``DeviceKitError`` when the CA file cannot be used; `CancellationError`.
    public func run(_ hear: (RingEvent) -> Void) async throws {
        let connection = try RelayConnection(address: address, certificateAuthority: certificateAuthority)
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                let wakes = Wakes()
                let watchdog = LinkWatchdog { connection.receivedBytes }
                tasks.addTask { await watchdog.run { await connection.reset() } }
                tasks.addTask { await wakes.watch({ .now }) { await connection.reset() } }
                defer { tasks.cancelAll() }
                try await listen(connection, wakes, watchdog, hear)
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private func listen(
        _ connection: RelayConnection, _ wakes: Wakes, _ watchdog: LinkWatchdog, _ hear: (RingEvent) -> Void
    ) async throws {
        var silence = HeadSilence(at: instant())
        var pause = RetryPause()
        while true {
            try Task.checkCancellation()
            guard connection.clock.now() < token.expires else {
                hear(
                    .over(
                        DeviceKitError(
                            "ring_token_over", .locked, "this device was locked for longer than its ring token is good",
                            next: "unlock it: until then nothing rings here")))
                return
            }
            let cause: DeviceKitError
            do {
                watchdog.expect()
                try await follow(connection, &silence, watchdog, hear) { pause.reset() }
                cause = DeviceKitError(
                    "stream_ended", .unreachable, "the relay ended the stream", next: "wait: it is opened again")
            } catch let error as CancellationError {
                throw error
            } catch let refusal as RelayRefusal {
                cause = Self.refused(refusal.problem)
            } catch {
                try Task.checkCancellation()
                cause = DeviceKitError(describing: error)
            }
            if let seconds = silence.takeBanner(at: instant()) { hear(.stale(seconds: seconds)) }
            watchdog.rest()
            let milliseconds = pause.next()
            hear(.disconnected(cause, retryInMilliseconds: milliseconds))
            try await wakes.pause(milliseconds: milliseconds)
        }
    }

    private func follow(
        _ connection: RelayConnection, _ silence: inout HeadSilence, _ watchdog: LinkWatchdog,
        _ hear: (RingEvent) -> Void, good: () -> Void
    ) async throws {
        var stream = try await connection.ringStream(token)
        silence.streamOpened(at: instant())
        hear(.connected)
        while let event = try await stream.next() {
            try Task.checkCancellation()
            watchdog.expect()
            hear(.alive)
            switch RingStreamEvent(rawValue: event.name) {
            case .ring:
                guard let word = try? APIJSON.decode(RingWord.self, from: event.data), let ring = RingEvent.Ring(word)
                else { throw Self.unreadable() }
                good()
                hear(.ring(ring))
            case .head: silence.look(at: try head(event.data), now: instant())
            case .end:
                guard let problem = try? APIJSON.decode(Problem.self, from: event.data) else { throw Self.unreadable() }
                throw RelayRefusal(problem: problem)
            case .keepAlive, nil: break
            }
            if let seconds = silence.takeBanner(at: instant()) { hear(.stale(seconds: seconds)) }
            if silence.endsStream(at: instant()) {
                throw DeviceKitError(
                    "heads_missing", .unreachable,
                    "the relay has given no signed word on the present that is believed for two minutes and a half",
                    next: "wait: the stream is opened again; if it goes on, have the relay's operator called")
            }
        }
    }

    /// The time of a head that is believed; `nil` for another one.
    private func head(_ data: [UInt8]) throws -> Timestamp? {
        guard let shape = try? APIJSON.decode(RingHead.self, from: data) else { throw Self.unreadable() }
        let bytes = Array(shape.head.utf8)
        let head =
            if let activityKey {
                try? activityKey.verify(head: bytes)
            } else {
                (try? SignedNote(parsing: bytes)).flatMap { try? Head(parsing: $0.text) }
            }
        guard let head, device == nil || head.device?.device == device else { return nil }
        return head.time
    }

    private static func refused(_ problem: Problem) -> DeviceKitError {
        guard problem.status == 401 || problem.code == .revoked else { return DeviceKitError(problem) }
        return DeviceKitError(
            "ring_token_refused", .refused, "the relay does not take this device's ring token any more",
            next: "unlock the device: until then nothing rings here")
    }

    private static func unreadable() -> DeviceKitError {
        DeviceKitError(
            "stream_unreadable", .verification, "an event of the stream is not of the documented form",
            next: "check that client and relay are of one version")
    }
}
