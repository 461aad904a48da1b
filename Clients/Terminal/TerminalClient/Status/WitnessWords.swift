import DeviceKit
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

    static func table(_ standing: WitnessStanding) -> String {
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
        return Table.text(["WITNESS", "LOG", "COSIGNED", "AT"], rows)
            + "\n\(standing.policy.demanded) of \(standing.policy.keys.count) demanded"
    }

    /// What everyone should know: too few have vouched for too long.
    static func notice(_ standing: WitnessStanding, _ now: Timestamp) -> String? {
        let missing = standing.missing(at: now)
        guard let log = missing.first else { return nil }
        return
            "for 24 hours only \(standing.current(log, at: now)) of the \(standing.policy.demanded) demanded witnesses have "
            + "cosigned the \(missing.map(\.rawValue).joined(separator: " and ")) log: tell your administrator"
    }

    /// The same in one line of the screen.
    static func trouble(_ standing: WitnessStanding, _ now: Timestamp) -> String? {
        standing.missing(at: now).isEmpty
            ? nil : "too few have cosigned for 24 hours: nightbell admin witnesses"
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
