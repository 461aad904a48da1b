import DeviceKit
import Membership
import Statements
import TransparencyLog

/// What witnesses cosigned, with what they come to cosign of the very checkpoints that something is to be proven under.
enum CosignedPresent {
    /// 3 seconds: a relay asks its witnesses at once, and gives each 2.
    static let patience = Duration.seconds(3)
    private static let pause = Duration.milliseconds(200)

    /// Waits until as many witnesses as are demanded have cosigned the session's checkpoints; not long, for nothing depends on
    /// it, and not at all where they have been silent for a day.
    /// - Parameter before: What was known before the relay gave these checkpoints.
    static func notes(_ session: DeviceSession, _ before: [LogKind: [[UInt8]]]) async throws -> [LogKind: [[UInt8]]] {
        let standing = try session.witnessStanding()
        let (policy, checkpoints) = (standing.policy, session.checkpoints)
        guard policy.demanded > 0, standing.missing(at: session.connection.clock.now()).isEmpty else { return before }
        func cosigned(_ notes: [[UInt8]], _ log: LogKind) -> [SignedCheckpoint] {
            notes.compactMap { try? session.logKey(log).verify(checkpoint: $0) }
                .filter { $0.checkpoint == checkpoints[log]?.checkpoint }
        }
        func isEnough(_ notes: [LogKind: [[UInt8]]]) -> Bool {
            LogKind.allCases.allSatisfy { log in
                let newest = WitnessStanding.newest(in: cosigned(notes[log] ?? [], log), of: log, policy)
                return UInt64(newest.count) >= policy.demanded
            }
        }
        var notes = before
        let deadline = ContinuousClock.now + patience
        while !isEnough(notes), ContinuousClock.now < deadline {
            try await Task.sleep(for: pause)
            for (log, given) in try await session.cosignedCheckpoints() {
                // A larger tree is of a later moment.
                notes[log, default: []] += cosigned(given, log).map(\.note.bytes)
            }
        }
        return notes
    }
}
