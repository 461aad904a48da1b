import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension OwnPracticeTests {
    /// Whoever is ended while the relay writes what it was told, and comes again before the relay has written it, is told
    /// the same as if nothing had happened.
    @Suite(.serialized) struct HurryTests {
        static let name = "client: in a hurry"

        @Test(.enabled(if: KillMatrix.isWhole && KillMatrix.isWanted(name)))
        func clientsRepeatedWhileTheRelayWrites() async throws {
            let stage = try await KillStage.make()
            try await stage.practice.relay.stop()
            var disk = DiskHold(in: stage.practice.folder)
            try await stage.practice.relay.start(
                KillPoint(classes: KillPoint.everything, trace: disk.trace, hold: disk.path))
            for act in ClientAct.all {
                var transaction = 1
                while true {
                    var faults: [String] = []
                    let isHit = try await stage.hurry(act, at: transaction, &disk, &faults)
                    #expect(faults == [], "\(act.name), transaction \(transaction)")
                    guard isHit else { break }
                    transaction += 1
                }
                #expect(transaction > 1 || act.onlyReads, "\(act.name) made the relay write nothing")
            }
            #expect(try await stage.faults() == [])
            try await stage.practice.remove()
        }
    }
}

extension KillStage {
    /// Does an act, ends it while the relay writes one of its transactions, and does it again at once.
    /// - Returns: Whether it had so many transactions.
    fileprivate func hurry(
        _ act: ClientAct, at transaction: Int, _ disk: inout DiskHold, _ faults: inout [String]
    ) async throws -> Bool {
        let prepared = try await act.prepare(self)
        try disk.begin()
        var program = try prepared.person.start(words: prepared.arguments)
        var seen = 0
        var isHit = false
        while !program.now.hasEnded {
            // Somebody whom the relay answers meanwhile: nothing here waits for a time.
            try await practice.dan.json("status")
            for step in try disk.waiting() {
                if step.about.hasSuffix("/relay.sqlite-wal") { seen += 1 }
                if seen == transaction, !isHit {
                    isHit = true
                    program.signal(SIGKILL)
                    if !(try await program.outcome().wasKilled) { faults.append("the command did not wait") }
                    program = try prepared.person.start(words: prepared.arguments)
                    // Long enough for its words to arrive.
                    for _ in 0..<3 { try await practice.dan.json("status") }
                }
                try disk.letGo(step)
            }
        }
        try disk.end()
        let outcome = try await program.outcome()
        guard outcome.status == 0 else {
            faults.append("status \(outcome.status): \(outcome.err)")
            return isHit
        }
        faults += try await prepared.check(outcome)
        faults += try await Self.faults(of: prepared.person)
        return isHit
    }
}

extension ClientAct {
    /// Whether the relay has nothing to write for it.
    fileprivate var onlyReads: Bool { [Self.sent, Self.export, Self.verify].map(\.name).contains(name) }
}
