import HTTPTypes
import Hummingbird
import HummingbirdCore
import Membership
import RelayAPI
import RelayStorage
import Statements
import TransparencyLog

/// What every controller needs.
struct RelayRoutes: Sendable {
    let organisations: Organisations
    let store: any RelayStore
    let blobs: any BlobStore
    let uploads: BlobUploads
    let founding: Founding
    let authenticator: Authenticator
    let metrics: RelayMetrics
    let pager: Pager
    let messageQuota = HourlyQuota<DeviceID>()
    let receiptQuota = HourlyQuota<ReceiptSubject>()
    let accessQuota = HourlyQuota<Looker>()
    let challengeQuota = HourlyQuota<DeviceID>()
    let limits: RelayConfiguration.Limits
    let clock: @Sendable () -> Timestamp

    /// Every route, by subject in the extensions beside this file.
    func router(limiter: RateLimiter) -> Router<RelayContext> {
        let router = Router(context: RelayContext.self)
        router.add(middleware: ProblemMiddleware(limiter: limiter, metrics: metrics, clock: clock))
        addFounding(to: router)
        addLogs(to: router)
        addMessages(to: router)
        addAccesses(to: router)
        addInbox(to: router)
        addAttachments(to: router)
        addRing(to: router)
        addPush(to: router)
        addKeys(to: router)
        return router
    }

    // MARK: Who asks

    /// The organisation of the path.
    func running(_ request: RelayRequest) throws -> Organisations.Running {
        guard let id = OrganisationID(request.parameter("org")), let running = organisations[id] else {
            throw Problems.notFound("organisation")
        }
        return running
    }

    /// Verifies the request's signature against the organisation's roster. A revoked device, and the holder of an invitation
    /// that is no longer good, get the statement that did it.
    func caller(_ request: RelayRequest, in running: Organisations.Running) async throws -> Caller {
        switch try identify(request, in: running) {
        case .caller(let caller): return caller
        case .refused(let problem, let decision): throw try await explained(problem, decision, in: running)
        }
    }

    private enum Identified {
        case caller(Caller)
        case refused(Problem, Decision?)
    }

    /// Which statement of the roster decided.
    enum Decision: Sendable {
        case place(UInt64)
        case statement(StatementHash)
    }

    /// The part of ``caller(_:in:)`` that waits for nothing. On its own, because what an asynchronous function holds stays
    /// in memory for as long as its request, and a stream is a request for days: no roster may be part of that.
    @inline(never)
    private func identify(_ request: RelayRequest, in running: Organisations.Running) throws -> Identified {
        let claimed = try request.claimed(authenticator)
        let view = running.sequencer.published.current.view(at: running.sequencer.clock.wallTime)
        do {
            let caller = try authenticator.caller(claimed, view: view)
            guard case .invitation(let invitation) = caller, !view.isOpen(invitation) else { return .caller(caller) }
            return .refused(Problems.spent, Self.end(of: invitation))
        } catch let problem as Problem where problem.code == .revoked {
            return .refused(problem, Self.revocation(of: claimed.signature.keyID, view: view))
        }
    }

    /// What used or revoked an invitation; an expiry has no statement.
    static func end(of invitation: Invitation) -> Decision? {
        (invitation.used?.place ?? invitation.revoked?.place).map { .place($0.index) }
    }

    /// What revoked a device, or suspended its member.
    static func revocation(of keyID: String, view: RosterView) -> Decision? {
        guard let device = DeviceID(keyID).flatMap({ view.device($0) }) else { return nil }
        if let revoked = device.revoked { return .place(revoked.place.index) }
        return (view.member(device.member)?.statement).map { .statement($0) }
    }

    /// A device of the organisation.
    func device(
        _ request: RelayRequest, in running: Organisations.Running
    ) async throws -> (device: Device, member: Member) {
        guard case .device(let device, let member) = try await caller(request, in: running) else {
            throw Problems.notPermitted("Only a device of the organisation may ask this.")
        }
        return (device, member)
    }

    /// The caller and organisation of an address without one: a device belongs to one organisation for ever.
    func inboxCaller(_ request: RelayRequest) async throws -> (device: Device, running: Organisations.Running) {
        let claimed = try request.claimed(authenticator)
        guard let id = DeviceID(claimed.signature.keyID), let running = organisations.organisation(of: id) else {
            throw Problems.unauthorized("its key is no device of an organisation here")
        }
        return (try await device(request, in: running).device, running)
    }

    /// Adds the logged statement that decided, with its proof.
    func explained(
        _ problem: Problem, _ decision: Decision?, in running: Organisations.Running
    ) async throws -> Problem {
        let place: UInt64?
        switch decision {
        case .place(let index): place = index
        case .statement(let hash):
            let organisation = running.sequencer.organisation
            place = try await store.read { try $0.index(ofStatement: hash, in: .roster, of: organisation) }
        case nil: place = nil
        }
        var problem = problem
        if let place { problem.statement = try await logged(.roster, at: place, in: running) }
        return problem
    }

    /// An entry with its proof under the newest published checkpoint.
    func logged(
        _ log: LogKind, at index: UInt64, seen: UInt64 = 0, in running: Organisations.Running
    ) async throws -> LoggedEntry {
        let state = running.sequencer.published.current
        return try await store.read { reader in
            guard let entry = try reader.entry(index, in: log, of: state.organisation), index < state.head(log).size
            else {
                throw Problems.notFound("entry")
            }
            return try LoggedEntry(
                log: log, index: index, entry: entry, head: state.head(log), seen: seen,
                hashes: ProofSource(log: log, state: state, tiles: reader))
        }
    }

    /// A refusal that says "look at the present first" carries it.
    func withHead(
        _ problem: Problem, device: DeviceID?, known: Present.Known, in running: Organisations.Running
    ) async throws -> Problem {
        guard [.stale, .recipients, .unclaimed].contains(problem.code) else { return problem }
        var problem = problem
        problem.head = try await Present.answer(for: device, known: known, of: running, store: store)
        return problem
    }
}
