import HTTPTypes
import Hummingbird
import Membership
import RelayAPI
import RelayStorage
import Statements
import TransparencyLog

extension RelayRoutes {
    func addLogs(to router: Router<RelayContext>) {
        router.get("/v1/orgs/:org/head") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            let running = try running(request)
            let caller = try await caller(request, in: running)
            return Responses.json(
                try await Present.answer(for: caller.device?.id, known: try request.known, of: running, store: store))
        }
        router.get("/v1/orgs/:org/:log/checkpoint") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            let running = try running(request)
            _ = try await caller(request, in: running)
            guard let log = LogKind(rawValue: request.parameter("log")) else { throw Problems.notFound("log") }
            let head = running.sequencer.published.current.head(log)
            let name = LogName(running.sequencer.organisation, log)
            return Responses.bytes(
                head.note.bytes + organisations.cosigned.cosignatures(of: head, log: name).flatMap(\.line),
                type: "text/plain; charset=utf-8")
        }
        router.get("/v1/orgs/:org/:log/cosigned") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            let running = try running(request)
            _ = try await caller(request, in: running)
            guard let log = LogKind(rawValue: request.parameter("log")) else { throw Problems.notFound("log") }
            let notes = organisations.cosigned.notes(of: LogName(running.sequencer.organisation, log))
            return Responses.json(
                CosignedAnswer(checkpoints: notes.map { String(decoding: $0.bytes, as: UTF8.self) }))
        }
        router.get("/v1/orgs/:org/:log/tile/**") { request, context in
            let tilePath = context.parameters.getCatchAll().joined(separator: "/")
            let request = try await RelayRequest(request, context, limit: 0)
            return try await tile(request, "tile/" + tilePath)
        }
        router.post("/v1/orgs/:org/roster/statements") { request, context in
            let request = try await RelayRequest(request, context, limit: SignedNote.maximumByteCount)
            return Responses.json(try await acceptRoster(request))
        }
    }

    private func tile(_ request: RelayRequest, _ text: String) async throws -> Response {
        let running = try running(request)
        let caller = try await caller(request, in: running)
        guard let log = LogKind(rawValue: request.parameter("log")), let path = TilePath(text) else {
            throw Problems.notFound("tile")
        }
        if log == .activity {
            guard caller.device != nil else { throw Problems.notPermitted("Invitations read the roster log only.") }
            if path.kind == .entries, !caller.maySeeActivity {
                throw Problems.notPermitted("Only auditors and admins read the activity log's entries.")
            }
        }
        let organisation = running.sequencer.organisation
        let size = running.sequencer.published.current.head(log).size
        let bytes = try await store.read { reader in
            // The word on the present is read from the store, which is a moment ahead of what is published: whoever has
            // that word may ask for its tiles.
            guard
                try path.exists(inTreeOf: size) || path.exists(inTreeOf: reader.head(log, of: organisation)?.size ?? 0)
            else { throw Problems.notFound("tile") }
            switch path.kind {
            case .entries:
                return EntryBundle.encode(
                    try reader.entries(from: path.index * 256, count: path.width, in: log, of: organisation))
            case .hashes(let level):
                return HashTile.encode(
                    try StoredHashes(tiles: reader, log: log, organisation: organisation)
                        .hashes(level: level, from: path.index * 256, count: path.width))
            }
        }
        return Responses.bytes(bytes, type: "application/octet-stream", immutable: true)
    }

    private func acceptRoster(_ request: RelayRequest) async throws -> LoggedEntry {
        let running = try running(request)
        let acceptance = try RosterAcceptance(request.body)
        if case .enrol(let enrol) = acceptance.statement {
            try refuseKnownKeys([DeviceID(key: enrol.key)], in: running.sequencer.organisation)
        }
        do {
            let logged = try await running.sequencer.submit(isRoster: true) { batch in
                try acceptance.write(to: &batch)
            } answer: { written, batch in
                try acceptance.answer(written, batch)
            }
            metrics.accepted("roster_statement")
            return logged
        } catch let problem as Problem {
            throw try await withStatement(problem, acceptance, in: running)
        }
    }

    /// Says which statement stands in the way: what used the invitation, or what is current instead.
    private func withStatement(
        _ problem: Problem, _ acceptance: RosterAcceptance, in running: Organisations.Running
    ) async throws -> Problem {
        var problem = problem
        let view = running.sequencer.published.current.view(at: running.sequencer.clock.wallTime)
        if problem.code == .invitationSpent, case .enrol(let enrol) = acceptance.statement,
            let invitation = view.invitation(enrol.invitation)
        {
            problem = try await explained(problem, Self.end(of: invitation), in: running)
        }
        return try await withHead(
            problem, device: nil, known: Present.Known(roster: acceptance.statement.seen?.size ?? 0, activity: 0),
            in: running)
    }
}
