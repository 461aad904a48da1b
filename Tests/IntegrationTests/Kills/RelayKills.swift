import DeviceKit
import Foundation

/// What people do in one evening, from a prepared start; the relay is ended somewhere within, and comes back.
///
/// A command that fails for the lack of a relay is repeated, word for word, once the relay is there again.
struct RelayStory: Sendable {
    let name: String
    /// Makes the start, once; the relay of it is stopped again.
    let begin: @Sendable () async throws -> Practice
    let acts: [Act]
    /// Whose profiles must be whole at the end.
    let people: [String]
    /// Looks at the end of it, with the relay running.
    let check: @Sendable (Practice, Story) async throws -> [String]

    /// What was told so far, by name: ids of messages and devices.
    typealias Story = [String: String]

    struct Act: Sendable {
        let name: String
        let person: String
        let arguments: @Sendable (Practice, Story) throws -> [String]
        /// What of the result is kept: the JSON key, and the name in the story.
        let kept: [String: String]

        init(
            _ name: String, by person: String, keep kept: [String: String] = [:],
            _ arguments: @escaping @Sendable (Practice, Story) throws -> [String]
        ) {
            self.name = name
            self.person = person
            self.kept = kept
            self.arguments = arguments
        }
    }

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
        for act in acts {
            let person = practice.person(act.person)
            let arguments = try act.arguments(practice, story)
            var outcome = try await person.run(arguments)
            if outcome.status == ExitCode.relayUnreachable, result.place == nil {
                _ = try await practice.relay.child?.outcome(seconds: 10)
            }
            if !practice.relay.isRunning {
                result.place = act.name
                try await practice.relay.start()
                if outcome.status == ExitCode.relayUnreachable { outcome = try await person.run(arguments) }
            }
            guard outcome.status == 0 else { throw PreparationFailed(act.name, outcome) }
            let told = try outcome.json()
            for (key, name) in act.kept { story[name] = told[key]?.string ?? "" }
        }
        let stopped = try await practice.relay.stop()
        if stopped.wasKilled {
            result.place = "stop"
        } else if stopped.status != 0 {
            result.faults.append("the relay stopped with status \(stopped.status)")
        }
        result.faults += try await Self.checked(practice, "stopped")
        try await practice.relay.start()
        result.faults += try await Self.checked(practice, "running")
        result.faults += try await check(practice, story)
        result.faults += try await audited(practice)
    }

    private static func checked(_ practice: Practice, _ when: String) async throws -> [String] {
        let outcome = try await practice.relay.check()
        return outcome.status == 0 ? [] : ["check, \(when): \(outcome.out)\(outcome.err)"]
    }

    /// Every profile is whole, and both logs are, for the auditor's program and for a reader of its own.
    private func audited(_ practice: Practice) async throws -> [String] {
        var faults: [String] = []
        for name in people { faults += try await KillStage.faults(of: practice.person(name)) }
        let audit = try await practice.auditor.run("audit", "verify")
        if audit.status != 0 { faults.append("audit verify: \(audit.out)\(audit.err)") }
        let reader = try await RawDevice.join(try await practice.invite("Log Reader", "auditor"), at: practice.relay)
        return faults + (try await Ledger(readBy: reader)).faults
    }

    /// Runs the row of this story.
    func row(few: Int) async throws -> KillRow {
        let base = try await begin()
        let row = await KillRow.run(name, few: few) {
            let trace = base.folder + "/trace"
            let unharmed = try await run(from: base, KillPoint(classes: KillMatrix.classes, trace: trace))
            guard unharmed.faults.isEmpty else { throw PreparationFailed("faults: \(unharmed.faults)") }
            return try KillTrace(trace).steps.count
        } _: { point in
            try await run(from: base, point)
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
