import Hummingbird
import Membership
import RelayAPI
import RelayStorage
import Statements
import TransparencyLog

extension RelayRoutes {
    func addKeys(to router: Router<RelayContext>) {
        router.put("/v1/orgs/:org/prekeys") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.bodyBytes)
            let running = try running(request)
            let (device, _) = try await device(request, in: running)
            let acceptance = try PrekeyAcceptance(
                try request.json(PrekeyUpload.self), device: device, organisation: running.sequencer.organisation)
            return Responses.json(
                try await running.sequencer.submit { batch in
                    try acceptance.write(to: &batch)
                } answer: { count, _ in
                    count
                })
        }
        router.post("/v1/orgs/:org/claims") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.bodyBytes)
            return Responses.json(try await claim(request))
        }
        router.get("/v1/orgs/:org/audit-key/offers") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            let running = try running(request)
            _ = try await device(request, in: running)
            let organisation = running.sequencer.organisation
            let offers = try await store.read { try $0.auditKeyOffers(of: organisation) }
            return Responses.json(AuditKeyOffers(offers: offers.map { String(decoding: $0, as: UTF8.self) }))
        }
        router.post("/v1/orgs/:org/audit-key/offers") { request, context in
            let request = try await RelayRequest(request, context, limit: SignedNote.maximumByteCount)
            return Responses.json(try await offer(request))
        }
    }

    private func claim(_ request: RelayRequest) async throws -> ClaimAnswer {
        let running = try running(request)
        let (device, _) = try await device(request, in: running)
        let known = try request.known
        let acceptance = try ClaimAcceptance(try request.json(ClaimRequest.self), claimant: device.id)
        do {
            return try await running.sequencer.submit { batch in
                try acceptance.write(to: &batch)
            } answer: { claims, batch in
                ClaimAnswer(
                    prekeys: claims.map(ClaimAcceptance.shape),
                    head: try Present.answer(for: device.id, known: known, after: batch, keys: running.keys))
            }
        } catch let problem as Problem {
            throw try await withHead(problem, device: device.id, known: known, in: running)
        }
    }

    private func offer(_ request: RelayRequest) async throws -> AuditKeyOffers {
        let running = try running(request)
        let (device, member) = try await device(request, in: running)
        guard member.roles.contains(.auditor) else {
            throw Problems.notPermitted("Only an auditor's device offers an audit key.")
        }
        let note = try SignedNote(parsing: request.body)
        let offer = try AuditKeyOffer(parsing: note.text)
        guard offer.device == device.id, offer.organisation == running.sequencer.organisation else {
            throw Problems.malformed("audit key offer")
        }
        guard offer.key.isUsable else { throw Problems.malformed("audit key: nothing can be sealed to it") }
        try note.verify(exactly: [NoteKey(device: device.key)])
        let bytes = request.body
        try await running.sequencer.submit { batch in
            try batch.transaction.storeAuditKeyOffer(bytes, of: device.id, of: batch.organisation)
        } answer: { _, _ in
        }
        return AuditKeyOffers(offers: [String(decoding: bytes, as: UTF8.self)])
    }
}
