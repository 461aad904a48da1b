import DeviceKit
import Membership
import Statements
import TransparencyLog

/// What witnesses said, in JSON and in words.
enum WitnessWords {
    static func document(_ standing: WitnessStanding, _ now: Timestamp) -> JSONValue {
        [
            "demanded": .integer(standing.policy.demanded),
            "missing": .array(standing.missing(at: now).map { .string($0.rawValue) }),
            "witnesses": .array(
                standing.policy.keys.map { witness in
                    [
                        "name": .string(witness.name), "vkey": .string(witness.vkey),
                        "roster": word(standing.word(of: witness, .roster)),
                        "activity": word(standing.word(of: witness, .activity)),
                    ]
                }),
            "roster": log(.roster, standing, now), "activity": log(.activity, standing, now),
        ]
    }

    /// Who cosigned the one checkpoint of each log that a file holds.
    static func cosigners(_ standing: WitnessStanding) -> JSONValue {
        func cosigned(_ log: LogKind) -> JSONValue {
            .array(
                standing.words.filter { $0.log == log }.map {
                    [
                        "name": .string($0.witness.name), "vkey": .string($0.witness.vkey), "at": .text($0.at),
                    ]
                })
        }
        return [
            "demanded": .integer(standing.policy.demanded), "roster": cosigned(.roster),
            "activity": cosigned(.activity),
        ]
    }

    /// How many vouch for a log, and how old the newest word is.
    private static func log(_ log: LogKind, _ standing: WitnessStanding, _ now: Timestamp) -> JSONValue {
        let newest = standing.words.filter { $0.log == log }.max { $0.at < $1.at }
        return [
            "current": .integer(standing.current(log, at: now)),
            "size": newest.map { .integer($0.checkpoint.size) } ?? .null,
            "newest": .text(orNull: newest?.at),
            "age_seconds": newest.map { .integer(max(0, now.milliseconds(since: $0.at)) / 1_000) } ?? .null,
        ]
    }

    private static func word(_ word: WitnessStanding.Word?) -> JSONValue {
        word.map {
            [
                "size": .integer($0.checkpoint.size), "root": .text($0.checkpoint.root),
                "short": .string($0.checkpoint.shortForm), "at": .text($0.at),
            ]
        } ?? .null
    }

    /// - Parameter columns: How wide the terminal is; `nil` when nobody looks at the lines' ends.
    static func table(_ standing: WitnessStanding, columns: Int?) -> String {
        guard !standing.policy.keys.isEmpty else {
            return "no witnesses are named: two histories are caught only by comparing what \"nightbell status\" prints"
        }
        let rows = standing.policy.keys.flatMap { witness in
            LogKind.allCases.map { log in
                let word = standing.word(of: witness, log)
                return [
                    witness.name, log.rawValue, word?.checkpoint.shortForm ?? "nothing yet",
                    word.map { LocalTime.full($0.at) } ?? "",
                ]
            }
        }
        let table = Table(["WITNESS", "LOG", "COSIGNED", "AT"], rows)
        // What is read aloud stays in one line.
        return table.text(columns: columns, Table.Narrowing(below: [(3, "at ")]))
            + "\n\(standing.policy.demanded) of \(standing.policy.keys.count) demanded"
    }

    /// What everyone should know (``WitnessStanding/notice(at:)``) in one line of the screen.
    static func trouble(_ standing: WitnessStanding, _ now: Timestamp) -> String? {
        standing.missing(at: now).isEmpty
            ? nil : "too few have cosigned for 24 hours: nightbell admin witnesses"
    }

    /// For an audit: who vouches for how much of each log, and how long before.
    static func lines(_ standing: WitnessStanding, _ asOf: Timestamp, sizes: [LogKind: UInt64]) -> [String] {
        guard !standing.policy.keys.isEmpty else { return ["witnesses     none are named"] }
        let first =
            "witnesses     \(standing.policy.demanded) of \(standing.policy.keys.count) demanded, as of "
            + LocalTime.full(asOf)
        return [first]
            + LogKind.allCases.map { log in
                let words = standing.policy.keys.map { witness in
                    guard let word = standing.word(of: witness, log) else {
                        return "\(SafeText.line(witness.name)) nothing"
                    }
                    let age = LocalTime.span(milliseconds: asOf.milliseconds(since: word.at))
                    return
                        "\(SafeText.line(witness.name)) \(word.checkpoint.size) of \(sizes[log] ?? 0) entries \(age) ago"
                }
                return "  \(log.rawValue.padded(to: 10))  \(standing.current(log, at: asOf)) in the last 24 h: "
                    + words.joined(separator: ", ")
            }
    }

    /// For the screen: how many vouch, and for what.
    static func line(_ standing: WitnessStanding, _ now: Timestamp) -> String? {
        guard !standing.policy.keys.isEmpty else { return nil }
        let sizes = LogKind.allCases.map { log in
            "\(log.rawValue) \(standing.current(log, at: now)) of \(standing.policy.keys.count)"
        }
        return sizes.joined(separator: ", ") + " (\(standing.policy.demanded) demanded)"
    }
}
