import DeviceKit
import Statements

/// Which lines of the step log are asked for: those that meet everything that is given.
struct StepsFilter: Sendable {
    /// The beginning of a message's id, as a person types it.
    var message: String?
    /// Any of these; all of them when it is empty.
    var steps: Set<StepName> = []
    /// Not before.
    var since: Timestamp?
    /// Before.
    var until: Timestamp?
    /// The last so many of what meets the rest.
    var last: Int?

    func chosen(of lines: [StepLine]) -> [StepLine] {
        let message = message.map(MessageID.beginning)
        let met = lines.filter { line in
            if let message, !(line.message?.description.hasPrefix(message) ?? false) { return false }
            if !steps.isEmpty, !steps.contains(line.step) { return false }
            if let since, line.at < since { return false }
            return until.map { line.at < $0 } ?? true
        }
        return last.map { Array(met.suffix($0)) } ?? met
    }

    /// - Throws: ``DeviceKitError`` of category `usage`, with the words that there are.
    static func steps(_ words: [String]) throws(DeviceKitError) -> Set<StepName> {
        var steps: Set<StepName> = []
        for word in words {
            guard let step = StepName(rawValue: word) else {
                let names = StepName.allCases.map(\.rawValue)
                let meant = Suggestion.nearest(to: word, among: names)
                throw DeviceKitError(
                    "no_such_step", .usage, "there is no step \"\(word)\"",
                    next: (meant.map { "did you mean \($0)? " } ?? "")
                        + "the steps are \(names.joined(separator: ", "))")
            }
            steps.insert(step)
        }
        return steps
    }
}
