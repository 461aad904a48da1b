import DeviceKit
import TerminalScreen

/// The step log: what this device did, how long it took, and what each step proves.
enum StepsPainter {
    static func lines(_ state: ScreenState, _ clock: WallClock, columns: Int) -> [StyledLine] {
        let steps = state.shown == nil ? state.steps : state.shownSteps
        var lines = [
            StyledLine(
                state.shown == nil ? "WHAT WAS DONE AND PROVEN" : "WHAT WAS DONE AND PROVEN FOR THIS MESSAGE", .label)
        ]
        if steps.isEmpty { lines.append(StyledLine("Nothing yet.")) }
        // What came last is what one looks for; about one message the order in which it happened says more.
        for line in state.shown == nil ? steps.reversed() : steps { lines += entry(line, clock, columns) }
        return lines
    }

    private static func entry(_ line: StepLine, _ clock: WallClock, _ columns: Int) -> [StyledLine] {
        let duration = "\(StepLine.milliseconds(line.microseconds)) ms"
        let time = clock.precise(line.at)
        let words = Columns.fitted(Self.words(line.step), to: max(4, columns - time.count - duration.count - 4))
        return [StyledLine(time, .quiet).adding("  ").adding(words, .strong).adding("  \(duration)")]
            + StyledLine.wrapped(
                SafeText.line(ActionWords.established(line.established)), to: columns, indent: 2, .quiet)
    }

    /// What a step is, for people.
    static func words(_ step: StepName) -> String {
        switch step {
        case .page: "arrived"
        case .roster: "membership checked"
        case .manifest: "sender verified"
        case .sealedKey: "key opened"
        case .commitment: "one key for all"
        case .content: "decrypted"
        case .stored: "stored"
        case .receipt: "receipt signed"
        case .proof: "receipt logged"
        case .prekeyDestroyed: "old key destroyed"
        case .keysMade: "keys made"
        case .enrolled: "device enrolled"
        case .prekeysPublished: "new keys offered"
        case .prekeysClaimed: "recipients' keys"
        case .sealed: "sealed and signed"
        case .accepted: "accepted by relay"
        }
    }
}
