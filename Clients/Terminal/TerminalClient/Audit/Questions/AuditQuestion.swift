import Auditing
import DeviceKit
import Membership
import Statements
import TransparencyLog

/// What a question about a person, a device or a patient is answered from: the audited logs, after the look was logged.
struct AuditedAnswer {
    let verdict: AuditVerdict
    let history: RosterHistory
    /// `nil` of an export, where none can be made.
    let look: LoggedLook?

    var report: AuditReport { AuditReport(verdict) }

    /// `look` and `reason`, for every answer.
    func describe(in object: inout JSONObject) {
        LoggedLook.describe(look, in: &object)
    }

    var words: String { look?.words ?? "asked of an export: no look could be logged" }
}

/// Asks: the reason first, then the roster, then the look is logged, and only then the logs are read.
struct AuditQuestion {
    let source: AuditSourceOptions
    let options: LookOptions
    let context: CommandContext

    /// What a relay that is not believed leaves.
    static let undone = "the question was not answered, and no look was logged"

    /// - Parameters:
    ///   - subject: What is asked about, by the roster as it is now, and whose facts are needed.
    ///   - body: Gets the session, when the relay was asked.
    func ask<Result>(
        _ subject: (RosterView) throws -> (look: Look, detail: AuditedMessage.Detail),
        _ body: (AuditedAnswer, DeviceSession?) async throws -> Result
    ) async throws -> Result {
        if let directory = source.export { return try await ask(export: directory, subject, body) }
        do { return try await askRelay(subject, body) } catch let error as DeviceKitError { throw error.orOfExport }
    }

    private func askRelay<Result>(
        _ subject: (RosterView) throws -> (look: Look, detail: AuditedMessage.Detail),
        _ body: (AuditedAnswer, DeviceSession?) async throws -> Result
    ) async throws -> Result {
        let organisation = try source.organisation()
        let reason = try options.reason(context.console)
        return try await context.withSession { session in
            try session.check(isOf: organisation)
            try await context.refresh(
                session, undone: Self.undone,
                instead: "an export made before answers without the relay, and without a logged look: --export DIR")
            let (look, detail) = try subject(session.view)
            let logged = try await session.logged(look, reason: reason)
            var run = AuditRun(detail: detail, listsMessages: false)
            if case .breach = look { run.indexes = try session.withAuditKey { _ in true } ?? false }
            let verdict = try await run.perform(session, organisation: organisation, context)
            let checkpoints = session.checkpoints.mapValues(\.note.bytes)
            let history = try await Self.history(
                RelayAuditSource(session, checkpoints: checkpoints), session.identity.organisation)
            return try await body(AuditedAnswer(verdict: verdict, history: history, look: logged), session)
        }
    }

    private func ask<Result>(
        export directory: String, _ subject: (RosterView) throws -> (look: Look, detail: AuditedMessage.Detail),
        _ body: (AuditedAnswer, DeviceSession?) async throws -> Result
    ) async throws -> Result {
        try options.checkOfExport()
        LookOptions.warnOfExport(context.console)
        let organisation = try source.organisation()
        let history: RosterHistory
        let detail: AuditedMessage.Detail
        do {
            history = try await Self.history(
                ExportDirectory.opened(directory, of: organisation), organisation)
            detail = try subject(history.view).detail
        } catch {
            // Whom a copy does not name that is not what was signed, the true logs may name.
            _ = try await AuditRun(listsMessages: false).perform(source, context)
            if let error = error as? AuditError { throw DeviceKitError(error) }
            throw error
        }
        let verdict = try await AuditRun(detail: detail, listsMessages: false).perform(source, context)
        return try await body(AuditedAnswer(verdict: verdict, history: history, look: nil), nil)
    }

    private static func history(
        _ source: some LogSource, _ organisation: OrganisationID?
    ) async throws -> RosterHistory {
        guard let history = try await RosterHistory.read(source, organisation: organisation) else {
            throw DeviceKitError(
                "no_roster", .verification, "the roster log does not begin as it must: nobody can be named",
                next: "run \"nightbell audit verify\", and show its findings to your administrator")
        }
        return history
    }
}
