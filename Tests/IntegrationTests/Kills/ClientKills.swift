import DeviceKit
import Foundation

/// One thing that a person does, prepared so that it can be done, ended at any step, and done again.
struct ClientAct: Sendable {
    let name: String
    /// Whether the same words mean the same act for ever: then they are repeated even when its result was told.
    let isIdempotent: Bool
    let prepare: @Sendable (KillStage) async throws -> Prepared

    struct Prepared: Sendable {
        let person: Person
        let arguments: [String]
        /// Whether a repeated command may end so instead of with 0.
        var isRefused: @Sendable (Outcome) -> Bool = { _ in false }
        /// Looks at everything that the act must have left, and says what is wrong.
        let check: @Sendable (Outcome) async throws -> [String]
    }

    init(
        _ name: String, isIdempotent: Bool = true, prepare: @escaping @Sendable (KillStage) async throws -> Prepared
    ) {
        self.name = name
        self.isIdempotent = isIdempotent
        self.prepare = prepare
    }
}

/// Where the acts happen: a practice whose relay runs on, and an auditor's device that reads its logs.
struct KillStage: Sendable {
    let practice: Practice
    let reader: RawDevice

    /// Lends a stage: for a whole row one of its own, so that what others leave does not slow it down; else the one that
    /// all share.
    static func lend(_ body: (KillStage) async throws -> Void) async throws {
        guard KillMatrix.isWhole else { return try await body(try await SharedStage.shared.stage()) }
        let stage = try await make()
        try await body(stage)
        try await stage.practice.remove()
    }

    static func make() async throws -> KillStage {
        let practice = try await Practice.make()
        let reader = try await RawDevice.join(try await practice.invite("Log Reader", "auditor"), at: practice.relay)
        return KillStage(practice: practice, reader: reader)
    }

    /// A word that was not used before.
    func fresh(_ prefix: String) -> String { "\(prefix)-\(UUID().uuidString.prefix(8).lowercased())" }

    /// A message to Clara that she has fetched.
    func received() async throws -> String {
        let message = try await practice.text(fresh("text"))
        _ = try await practice.clara.json("inbox")
        return message
    }

    /// The receipts on a message as its sender has them, verified.
    func told(on message: String) async throws -> [String] {
        let sent = try await practice.desk.json("sent", message)
        return (sent["states"]?.array ?? []).compactMap { $0["action"]?.string }
    }

    /// How often a message stands in Clara's inbox, and in which state.
    func inbox(_ message: String) async throws -> [String] {
        let inbox = try await practice.clara.json("inbox")
        return (inbox["messages"]?.array ?? []).filter { $0["message"]?.string == message }
            .map { "\($0["state"]?.string ?? "")\($0["verified"]?.bool == true ? "" : " unverified")" }
    }

    /// What a profile must be like, whatever happened to its program.
    static func faults(of person: Person) async throws -> [String] {
        var faults: [String] = []
        let steps = try await person.run("steps", "--verify")
        if steps.status != 0 { faults.append("\(person.name)'s step log: \(steps.out)\(steps.err)") }
        let table = try await person.run("steps")
        let copy = try String(contentsOfFile: person.profile + "/steps.ndjson", encoding: .utf8)
        if table.out != copy { faults.append("\(person.name)'s steps.ndjson is not what its store holds") }
        let status = try await person.json("status")
        if status["findings"]?.array?.isEmpty != true { faults.append("\(person.name) has findings: \(status)") }
        if status["receipts_unposted"]?.integer != 0 || status["messages_unsent"]?.integer != 0 {
            faults.append("something waits in \(person.name)'s profile for ever")
        }
        if (status["one_time_prekeys"]?.integer ?? 0) < 32 {
            faults.append("\(person.name) has \(status["one_time_prekeys"]?.integer ?? 0) prekeys at the relay")
        }
        return faults
    }

    // MARK: Running

    /// Does an act once without a kill.
    /// - Returns: Its steps.
    func trace(_ act: ClientAct) async throws -> KillTrace {
        let prepared = try await act.prepare(self)
        let trace = practice.folder + "/" + fresh("trace")
        let outcome = try await prepared.person.run(
            prepared.arguments, kill: KillPoint(classes: KillMatrix.classes, trace: trace))
        let faults = outcome.status == 0 ? try await prepared.check(outcome) : [outcome.err]
        guard faults.isEmpty else { throw PreparationFailed("\(act.name), unharmed: \(faults)", outcome) }
        return try KillTrace(trace)
    }

    /// Does an act with a kill, and again when its result was not told; then looks at what it left.
    func run(_ act: ClientAct, _ point: KillPoint) async throws -> KillResult {
        var result = KillResult()
        let prepared = try await act.prepare(self)
        var outcome = try await prepared.person.run(prepared.arguments, kill: point)
        if outcome.wasKilled {
            result.place = act.name
            // A result that stands whole on standard output was told; whoever did not look repeats all the same.
            result.wasTold = (try? outcome.json()) != nil
            if !result.wasTold || act.isIdempotent {
                let repeated = try await prepared.person.run(prepared.arguments)
                if repeated.status != 0, !prepared.isRefused(repeated) {
                    result.faults.append("status \(repeated.status): \(repeated.err)")
                }
                if !result.wasTold { outcome = repeated }
            }
        } else if outcome.status != 0 {
            result.faults.append("status \(outcome.status): \(outcome.err)")
        }
        guard result.faults.isEmpty else { return result }
        result.faults += try await prepared.check(outcome)
        result.faults += try await Self.faults(of: prepared.person)
        return result
    }

    /// Runs a row of the matrix.
    func row(_ act: ClientAct, few: Int) async -> KillRow {
        await KillRow.run("client: " + act.name, few: few) {
            try await trace(act)
        } _: { point in
            try await run(act, point)
        }
    }

    /// What the whole history must be like.
    func faults() async throws -> [String] {
        var faults = try await Ledger(readBy: reader).faults
        let check = try await practice.relay.check()
        if check.status != 0 { faults.append("nightbell-relay check: \(check.out)\(check.err)") }
        let audit = try await practice.auditor.run("audit", "verify")
        if audit.status != 0 { faults.append("audit verify: \(audit.out)\(audit.err)") }
        return faults
    }
}

/// The stage of all rows of which only a few points are taken, and of their neighbours, made at its first use.
actor SharedStage {
    static let shared = SharedStage()
    private var making: Task<KillStage, any Error>?

    func stage() async throws -> KillStage {
        if making == nil { making = Task { try await KillStage.make() } }
        return try await making!.value
    }
}
