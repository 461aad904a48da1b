import Membership
import Statements
import TransparencyLog

/// Which witnesses stay behind what a monitor is shown: the relay's own line no longer names them, and nobody reads what is not
/// there.
struct SilentWitnesses {
    /// 30 seconds: a relay asks its witnesses at once, and gives each 2.
    static let patience: Int64 = 30_000

    /// That a witness fell silent, or cosigns again.
    struct News: Equatable {
        let witness: String
        let log: LogKind
        let isSilent: Bool
        let words: String
    }

    private struct Place: Hashable {
        let witness: String
        let log: LogKind
    }

    /// Since when each is seen to be behind, and whether that was said.
    private var behind: [Place: (since: Timestamp, isTold: Bool)] = [:]

    /// - Parameters:
    ///   - shown: The sizes of the logs that the relay shows.
    ///   - now: When they were looked at.
    /// - Returns: What is new since the last look.
    mutating func look(_ standing: WitnessStanding, shown: [LogKind: UInt64], at now: Timestamp) -> [News] {
        var news: [News] = []
        for witness in standing.policy.keys {
            for log in LogKind.allCases {
                guard let size = shown[log] else { continue }
                let place = Place(witness: witness.name, log: log)
                let word = standing.word(of: witness, log)
                let name = "the witness \(witness.name)"
                guard (word?.checkpoint.size ?? 0) < size else {
                    if behind.removeValue(forKey: place)?.isTold == true {
                        news.append(
                            News(
                                witness: witness.name, log: log, isSilent: false,
                                words: "\(name) cosigns the \(log.rawValue) log again"))
                    }
                    continue
                }
                let known = behind[place] ?? (since: now, isTold: false)
                behind[place] = known
                guard !known.isTold, now.milliseconds(since: known.since) >= Self.patience else { continue }
                behind[place]?.isTold = true
                let words =
                    word.map {
                        "does not cosign the \(log.rawValue) log any more: its last word is of \($0.checkpoint.size) of "
                            + "\(size) entries, at \(LocalTime.full($0.at))"
                    } ?? "has never cosigned the \(log.rawValue) log"
                news.append(
                    News(
                        witness: witness.name, log: log, isSilent: true, words: "\(name) \(words): ask whoever runs it")
                )
            }
        }
        // Whom the roster names no longer, nobody waits for.
        let named = Set(standing.policy.keys.map(\.name))
        behind = behind.filter { named.contains($0.key.witness) }
        return news
    }
}
