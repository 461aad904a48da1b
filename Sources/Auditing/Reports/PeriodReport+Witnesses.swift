import Membership
import Statements
import TransparencyLog

extension PeriodReport {
    /// Which witnesses cosigned how much of each log, and when by their own clocks: whoever reads a report that names none knows
    /// that only comparing catches two histories. Made of names that somebody typed: escape it.
    public var witnessWords: String {
        guard let witnesses else { return "unknown, for a log could not be read" }
        guard !witnesses.policy.keys.isEmpty else {
            return "none are named: two histories are caught only by comparing checkpoints"
        }
        let logs = LogKind.allCases.map { log in
            let tree = log == .roster ? roster : activity
            let words = witnesses.words.filter { $0.log == log }.map { word in
                let name = request.showsNames ? word.witness.name : "a witness"
                return
                    "\(name) \(word.checkpoint.size) of \(tree?.size ?? 0) entries at \(request.zone.minute(word.at))"
            }
            return "of the \(log.rawValue) log " + (words.isEmpty ? "nothing" : words.joined(separator: ", "))
        }
        return "\(witnesses.policy.demanded) of \(witnesses.policy.keys.count) demanded; cosigned were "
            + logs.joined(separator: "; ") + " (\(request.zone.name))"
    }
}
