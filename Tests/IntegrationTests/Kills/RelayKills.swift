import DeviceKit
import Foundation

/// What people do in one evening, from a prepared start; the relay is ended somewhere within, and comes back.
///
/// A command that fails for the lack of a relay is repeated, word for word, once the relay is there again.
struct RelayStory: Sendable {
    let name: String
    /// Makes the start, once; the relay of it is stopped again.
    let begin: @Sendable () async throws -> Practice
    /// What happens, in rounds: the acts of one round at the same time.
    let rounds: [[Act]]
    /// Whose profiles must be whole at the end.
    let people: [String]
    /// The classes of steps at which the relay is ended.
    let classes: [String]
    /// Looks at the end of it, with the relay running.
    let check: @Sendable (Practice, Story) async throws -> [String]

    init(
        name: String, begin: @escaping @Sendable () async throws -> Practice, rounds: [[Act]], people: [String],
        classes: [String] = KillMatrix.classes, check: @escaping @Sendable (Practice, Story) async throws -> [String]
    ) {
        self.name = name
        self.begin = begin
        self.rounds = rounds
        self.people = people
        self.classes = classes
        self.check = check
    }

    /// A story in which one act follows the other.
    init(
        name: String, begin: @escaping @Sendable () async throws -> Practice, acts: [Act], people: [String],
        classes: [String] = KillMatrix.classes, check: @escaping @Sendable (Practice, Story) async throws -> [String]
    ) {
        self.init(
            name: name, begin: begin, rounds: acts.map { [$0] }, people: people, classes: classes, check: check)
    }

    /// What was told so far, by name: ids of messages and devices.
    typealias Story = [String: String]

    /// Goes through the story with the relay ended at a point; `base` is untouched.
    func run(from base: Practice, _ point: KillPoint) async throws -> KillResult {
        let practice = try base.copy()
        var result = KillResult()
        do {
            try await run(in: practice, point, &result)
        } catch {
            result.faults.append("\(error) (ended during: \(result.place ?? "nothing"))")
        }
        try await practice.remove()
        return result
    }

    private func run(in practice: Practice, _ point: KillPoint, _ result: inout KillResult) async throws {
        var story: Story = [:]
        if !(try await practice.relay.start(point)) {
            result.place = "start"
            try await practice.relay.start()
        }
        for round in rounds { try await play(round, in: practice, &story, &result) }
        try await practice.stopRelay(&result)
        result.faults += try await check(practice, story)
        result.faults += try await practice.faults(of: people)
    }

    /// Does the acts of a round at the same time, and again what the relay's end has interrupted, until all are done.
    private func play(
        _ round: [Act], in practice: Practice, _ story: inout Story, _ result: inout KillResult
    ) async throws {
        var open: [(act: Act, words: [String])] = []
        for act in round { open.append((act, try act.arguments(practice, story))) }
        let deadline = ContinuousClock.now + .seconds(Programs.patienceSeconds)
        while !open.isEmpty, ContinuousClock.now < deadline {
            let outcomes = try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
                for (index, item) in open.enumerated() {
                    group.addTask { (index, try await practice.person(item.act.person).run(item.words)) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            let isUnreachable = outcomes.values.contains { $0.status == ExitCode.relayUnreachable }
            if isUnreachable, result.place == nil { _ = try await practice.relay.child?.outcome() }
            let isRestarted = try await practice.restartRelay(round[0].name, &result)
            var again: [(act: Act, words: [String])] = []
            for (index, item) in open.enumerated() {
                guard let outcome = outcomes[index] else { continue }
                if isRestarted, outcome.status == ExitCode.relayUnreachable {
                    again.append(item)
                    continue
                }
                guard outcome.status == 0 else { throw PreparationFailed(item.act.name, outcome) }
                let told = try outcome.json()
                if !item.act.isDone(told) { again.append(item) }
                for (key, name) in item.act.kept { story[name] = told[key]?.string ?? "" }
            }
            open = again
        }
        guard open.isEmpty else { throw PreparationFailed("\(open.map(\.act.name)): not done in time") }
    }

    /// Runs the row of this story.
    func row(few: Int) async throws -> KillRow {
        let base = try await begin()
        let row = await KillRow.run(name, few: few) {
            let trace = base.folder + "/trace"
            let unharmed = try await run(from: base, KillPoint(classes: classes, trace: trace))
            guard unharmed.faults.isEmpty else { throw PreparationFailed("faults: \(unharmed.faults)") }
            return try KillTrace(trace)
        } _: { point in
            try await run(from: base, KillPoint(point.number, point.when, classes: classes))
        }
        try await base.remove()
        return row
    }
}

/// The exit codes of `nightbell` that tests name.
enum ExitCode {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 64
    static let verificationFailed: Int32 = 65
    static let notFound: Int32 = 66
    static let relayUnreachable: Int32 = 69
    static let wouldOverwrite: Int32 = 73
    static let tryAgain: Int32 = 75
    static let refused: Int32 = 77
    static let configuration: Int32 = 78
    static let locked: Int32 = 79
}
