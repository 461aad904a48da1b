import Hummingbird
import Membership
import RelayAPI
import Statements

extension RelayRoutes {
    func addFounding(to router: Router<RelayContext>) {
        router.post("/v1/foundings") { request, context in
            let request = try await RelayRequest(request, context, limit: 4_096)
            return Responses.json(
                try founding.offer(try request.json(FoundingRequest.self), from: request.address, now: clock()))
        }
        router.post("/v1/orgs") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.bodyBytes)
            let submission = try request.json(FoundingSubmission.self)
            let note = try SignedNote(parsing: Array(submission.genesis.utf8))
            let genesis = try Genesis(parsing: note.text)
            return Responses.json(
                try await founding.turns.take { try await found(submission, genesis, from: request.address) })
        }
    }

    private func found(
        _ submission: FoundingSubmission, _ genesis: Genesis, from address: String
    ) async throws -> FoundingAnswer {
        let id = genesis.organisation
        // The same genesis again: the founding is as it was.
        if let running = organisations[id] { return try await answer(running) }
        try refuseKnownKeys(genesis.admins.map { DeviceID(key: $0.key) }, in: id)
        let (state, keys) = try await founding.found(submission, from: address, store: store, now: clock())
        metrics.accepted("organisation")
        return try await answer(organisations.add(state, keys: keys))
    }

    /// A device key is enrolled once, in one organisation: the inbox is asked for by the device alone.
    func refuseKnownKeys(_ devices: [DeviceID], in organisation: OrganisationID) throws(Problem) {
        for device in devices where organisations.isElsewhere(device, than: organisation) {
            throw Problem(
                .ruleBroken, status: 422,
                detail: "This device's key is enrolled in another organisation of this relay.",
                next: "Repeat the command with a new profile (--profile DIR): it makes a new key.")
        }
    }

    private func answer(_ running: Organisations.Running) async throws -> FoundingAnswer {
        FoundingAnswer(
            organisation: running.sequencer.organisation.description,
            genesis: try await logged(.roster, at: 0, in: running),
            event: try await logged(.activity, at: 0, in: running))
    }
}
