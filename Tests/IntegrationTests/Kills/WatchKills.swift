import DeviceKit
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension KillStage {
    static let watchName = "watch"

    /// A watcher that receives one message that waited and one that comes, ended at a point; then another watcher.
    ///
    /// Both messages must have been shown by one of the two, once by each at the most, and be receipted once.
    func watch(_ point: KillPoint) async throws -> KillResult {
        var result = KillResult()
        let waiting = try await practice.text(fresh("waiting"))
        let first = try practice.clara.start("watch", kill: point)
        _ = await first.wait { $0.outText.contains("\"drained\"") || $0.hasEnded }
        let coming = try await practice.text(fresh("coming"))
        _ = await first.wait { $0.outText.contains(coming) || $0.hasEnded }
        first.signal(SIGTERM)
        let ended = try await first.outcome()
        if ended.wasKilled {
            result.place = Self.watchName
        } else if ended.status != 0 {
            result.faults.append("status \(ended.status): \(ended.err)")
        }
        let second = try practice.clara.start("watch")
        try await second.waitForLine(containing: "\"drained\"")
        second.signal(SIGTERM)
        let rest = try await second.outcome()
        for message in [waiting, coming] {
            let counts = [ended, rest].map { Self.verdicts(on: message, shownIn: $0.out).count }
            if counts.reduce(0, +) == 0 || counts.contains(where: { $0 > 1 }) {
                result.faults.append("\(message) was shown \(counts) times")
            }
            let inbox = try await inbox(message)
            let told = try await told(on: message)
            if inbox != ["delivered"] || told != ["delivered"] { result.faults.append("\(inbox), receipts \(told)") }
            // So that the next watcher does not show it again.
            try await practice.clara.json("read", message)
        }
        result.faults += try await Self.faults(of: practice.clara)
        return result
    }

    /// Each time that a message was shown: whether all of it was proven.
    static func verdicts(on message: String, shownIn out: String) -> [Bool?] {
        // A line that was cut by the kill was not shown.
        out.split(separator: "\n").compactMap { try? JSONParser.parse(Array($0.utf8)) }
            .filter { $0["event"]?.string == "message" && $0["message"]?.string == message }
            .map { $0["verified"]?.bool }
    }

    /// Runs the row of the watcher.
    func watchRow(few: Int) async -> KillRow {
        await KillRow.run("client: " + Self.watchName, few: few) {
            let trace = practice.folder + "/" + fresh("trace")
            let unharmed = try await watch(KillPoint(classes: KillMatrix.classes, trace: trace))
            guard unharmed.faults.isEmpty else { throw PreparationFailed("faults: \(unharmed.faults)") }
            return try KillTrace(trace)
        } _: { point in
            try await watch(point)
        }
    }
}
