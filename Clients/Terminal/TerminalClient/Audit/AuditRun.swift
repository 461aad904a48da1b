import AuditStorage
import Auditing
import DeviceKit
import Foundation
import RelayAPI
import Statements
import TransparencyLog

/// One audit, of the relay or of an export: the part that every `audit` command shares.
///
/// The relay's logs are gone on with from where the profile's last audit ended. An export is read from nothing.
struct AuditRun {
    var detail = AuditedMessage.Detail.none
    /// Files with kept heads.
    var heads: [String] = []
    /// Whether what the profile keeps is ignored, and replaced.
    var isAnew = false
    /// Whether ``AuditVerdict/messages`` is filled; `forEachMessage` gives them all the same.
    var listsMessages = true
    /// ``Audit/listedDetail``.
    var listedDetail: AuditedMessage.Detail?
    /// Whether what the audit reads of capsules is kept in this device's index: only for a look that was logged.
    var indexes = false
    /// What is told of an export whose entries are not what was signed.
    var telling = DamageTelling.nothing

    func perform(_ source: AuditSourceOptions, _ context: CommandContext) async throws -> AuditVerdict {
        // Before the relay is asked: a head of a longer log than it shows then is a lie.
        let audit = try audit(of: source.organisation())
        let progress = AuditProgress(context.console)
        defer { progress.end() }
        do {
            if let directory = source.export {
                let verdict = try await audit.run(
                    ExportDirectory.opened(directory, of: audit.organisation), store: try Self.scratch(),
                    progress: progress.show)
                try telling.check(verdict)
                return verdict
            }
            return try await context.withSession { session in
                try await relay(audit, session, progress)
            }
        } catch let error as AuditError {
            throw DeviceKitError(error)
        } catch let error as DeviceKitError {
            throw error.orOfExport
        }
    }

    /// The same of the relay, for whoever has a session already.
    func perform(
        _ session: DeviceSession, organisation: OrganisationID? = nil, _ context: CommandContext
    ) async throws -> AuditVerdict {
        let audit = try audit(of: organisation)
        let progress = AuditProgress(context.console)
        defer { progress.end() }
        do { return try await relay(audit, session, progress) } catch let error as AuditError {
            throw DeviceKitError(error)
        }
    }

    private func audit(of organisation: OrganisationID?) throws -> Audit {
        var audit = Audit()
        audit.detail = detail
        audit.organisation = organisation
        audit.heads = try heads.map(Self.heads).flatMap(\.notes)
        audit.isAnew = isAnew
        audit.listsMessages = listsMessages
        audit.listedDetail = listedDetail
        return audit
    }

    private func relay(
        _ audit: Audit, _ session: DeviceSession, _ progress: AuditProgress
    ) async throws -> AuditVerdict {
        var audit = audit
        try session.check(isOf: audit.organisation)
        audit.organisation = session.identity.organisation
        audit.isPresent = true
        let present = try await AuditedPresent(session)
        audit.heads += present.heads
        audit.now = session.connection.clock.now()
        let source = RelayAuditSource(
            session, checkpoints: present.checkpoints, cosigned: present.cosigned,
            indexing: indexes ? PatientIndexing(session) : nil)
        audit.earlier = present.earlier
        return try await audit.run(source, capsules: source, store: try Self.store(session), progress: progress.show)
    }

    /// What this profile's audits of the relay go on from.
    static func store(_ session: DeviceSession) throws -> SQLiteAuditStore {
        try SQLiteAuditStore(
            folder: session.profile.directory + "/audit", key: try session.profile.key(of: "audit"),
            memory: ProfileMemory(profile: session.profile))
    }

    /// For what one run needs beyond its memory: gone when nobody holds it any more.
    static func scratch() throws -> SQLiteAuditStore {
        try SQLiteAuditStore(scratchBelow: ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp")
    }

    static func heads(_ path: String) throws -> KeptHeads {
        let bytes = try Input.read(path, what: "the kept heads", limit: KeptHeads.maximumByteCount)
        // A folder, or a file of nothing: whoever names it must not take it for compared.
        guard let heads = KeptHeads(parsing: bytes), !heads.notes.isEmpty, heads.areHeads else {
            guard !bytes.starts(with: Array("\(Head.type)\n".utf8)) else {
                throw DeviceKitError(
                    "no_heads", .usage,
                    "\"\(path)\" is cut off, or something else stands among its heads: one of them is not whole",
                    next: "copy the file again from where it was made")
            }
            throw DeviceKitError(
                "no_heads", .usage, "\"\(path)\" is no file of kept heads",
                next: "make one on the device that kept them, with \"status --heads FILE\" there")
        }
        return heads
    }
}

/// A profile that remembers which commit of its audits' file was the last.
private struct ProfileMemory: AuditStoreMemory {
    let profile: Profile

    func marks() throws -> [[UInt8]] { try profile.auditMarks() }
    func remember(_ marks: [[UInt8]]) throws { try profile.remember(auditMarks: marks) }
}

/// What the relay shows now: both checkpoints, of one moment.
struct AuditedPresent {
    let checkpoints: [LogKind: [UInt8]]
    /// What was known as cosigned before.
    let cosigned: [LogKind: [[UInt8]]]
    /// Those that this device had kept before, and the one of this moment, also when it did not take it in.
    let heads: [[UInt8]]
    /// That the relay contradicts what this device saw, now or before: as long as there is the profile, no verdict on the
    /// relay is without it.
    let earlier: [AuditFinding]

    /// What says nothing contradicts nothing: somebody between this device and the relay may have answered.
    private static let unreadable: DeviceKitError.Code = "relay_answer_unreadable"
    /// A roster that a later version wrote is audited as far as it is known.
    private static let updateNeeded: DeviceKitError.Code = "update_needed"

    private static func isAudited(_ error: DeviceKitError) -> Bool {
        error.category == .verification && error.code != unreadable || error.code == updateNeeded
    }

    /// Asks, and holds the answer against the largest checkpoints that this device remembers.
    ///
    /// An answer that does not hold is audited all the same: the entries show more than the refusal.
    init(_ session: DeviceSession) async throws {
        // First of all: no witness has seen anything then, and no head tells of anything, that the relay must not show now. What
        // another program of this profile is told meanwhile is for the next audit.
        cosigned = try await session.knownCosigned()
        let before = try session.keptHeads()
        var contradiction: DeviceKitError?
        do {
            try await session.refresh()
            try await session.take(cosigned: cosigned)
            let shown = session.checkpoints
            var present: [UInt8]?
            if let roster = shown[.roster], let activity = shown[.activity] {
                present = try session.keptHead(of: roster, and: activity)
            }
            checkpoints = shown.mapValues(\.note.bytes)
            heads = before + (present.map { [$0] } ?? [])
        } catch let error as DeviceKitError where Self.isAudited(error) {
            let bytes = try await session.read(APIPath.head(session.identity.organisation))
            guard let answer = try? APIJSON.decode(HeadAnswer.self, from: bytes) else { throw error }
            checkpoints = [.roster: Array(answer.roster.utf8), .activity: Array(answer.activity.utf8)]
            heads = before + [Array(answer.head.utf8)]
            contradiction = error.category == .verification ? error : nil
        }
        let convictions = try session.convictions()
        earlier =
            convictions.map { AuditFinding($0) }
            + (contradiction.map { error in
                // Told already, though what it proved first had other numbers.
                convictions.contains { $0.code.rawValue == error.code.rawValue }
                    ? [] : [AuditFinding(.relayContradicts, error.message)]
            } ?? [])
    }
}

extension AuditFinding {
    /// What this device caught the relay with. A report may be handed on: of the profile's place nothing is said.
    init(_ conviction: Finding) {
        let file = conviction.evidence.split(separator: "/").last ?? ""
        let place = "evidence/\(file) in the profile of this device"
        self.init(
            .relayContradicts,
            "\(conviction.sentence); "
                + (conviction.needsExport
                    ? "\(place) proves it together with an export of the history that the relay shows now: make one, and keep both"
                    : "the proof is \(place)"))
    }
}
