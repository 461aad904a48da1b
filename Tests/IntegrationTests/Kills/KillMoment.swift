/// At which kind of step a program is ended when only a few points of a row are taken: the kinds take turns over the rows, and
/// so does the place within a row.
enum KillMoment: CaseIterable {
    case beforeItIsDurable, afterItIsDurable, beforeAWord, afterAWord

    private var isOutward: Bool { self == .beforeAWord || self == .afterAWord }
    private var when: KillPoint.When { self == .beforeItIsDurable || self == .beforeAWord ? .before : .after }

    private func has(_ step: KillTrace.Step) -> Bool { ["send", "tell"].contains(step.kind) == isOutward }

    /// - Parameters:
    ///   - turn: Which row it is, of all; rows that have no such step take any.
    ///   - trace: What the program did when nothing ended it.
    static func point(turn: Int, in trace: KillTrace) -> KillPoint {
        let moment = allCases[turn % allCases.count]
        let those = trace.steps.filter(moment.has)
        let steps = those.isEmpty ? trace.steps : those
        // By the golden ratio: however few there are, they lie apart.
        let place = (0.5 + 0.618 * Double(turn / allCases.count)).truncatingRemainder(dividingBy: 1)
        let step = steps[min(Int(place * Double(steps.count)), steps.count - 1)]
        return KillPoint(step.number, moment.when, classes: KillMatrix.classes)
    }
}
