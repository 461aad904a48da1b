import DeviceKit
import Foundation

/// What every story has in common whose relay is ended.
extension Practice {
    /// Does something that needs the relay; when the relay was ended meanwhile, starts it and, if need be, does it again.
    /// - Returns: The object that was told.
    func told(
        _ name: String, _ result: inout KillResult, _ body: () async throws -> Outcome
    ) async throws -> JSONValue {
        var outcome = try await body()
        if outcome.status == ExitCode.relayUnreachable, result.place == nil {
            _ = try await relay.child?.outcome()
        }
        if try await restartRelay(name, &result), outcome.status == ExitCode.relayUnreachable {
            outcome = try await body()
        }
        guard outcome.status == 0 else { throw PreparationFailed(name, outcome) }
        return try outcome.json()
    }

    /// Starts the relay again when it was ended.
    /// - Returns: Whether it was.
    @discardableResult
    func restartRelay(_ name: String, _ result: inout KillResult) async throws -> Bool {
        guard !relay.isRunning else { return false }
        guard result.place == nil, let child = relay.child, try await child.outcome().wasKilled else {
            throw PreparationFailed("during \(name) the relay ended by itself: \(relay.child?.now.errText ?? "")")
        }
        result.place = name
        try await relay.start()
        return true
    }

    /// Stops the relay as an operator does, looks at what it left, and starts it again.
    func stopRelay(_ result: inout KillResult) async throws {
        let stopped = try await relay.stop()
        if stopped.wasKilled {
            result.place = "stop"
        } else if stopped.status != 0 {
            result.faults.append("the relay stopped with status \(stopped.status)")
        }
        for state in ["stopped", "running"] {
            if state == "running" { try await relay.start() }
            let outcome = try await relay.check()
            if outcome.status != 0 { result.faults.append("check, \(state): \(outcome.out)\(outcome.err)") }
        }
    }

    /// Every profile is whole, and both logs are, for the auditor's program and for a reader of its own.
    func faults(of people: [String]) async throws -> [String] {
        var faults: [String] = []
        for name in people { faults += try await KillStage.faults(of: person(name)) }
        let audit = try await auditor.run("audit", "verify")
        if audit.status != 0 { faults.append("audit verify: \(audit.out)\(audit.err)") }
        let reader = try await RawDevice.join(try await invite("Log Reader", "auditor"), at: relay)
        return faults + (try await Ledger(readBy: reader)).faults
    }
}
