import Hummingbird
import Membership
import RelayAPI
import Statements

extension RelayRoutes {
    func addAccesses(to router: Router<RelayContext>) {
        router.post("/v1/orgs/:org/accesses") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.bodyBytes)
            return Responses.json(try await acceptAccesses(request))
        }
    }

    private func acceptAccesses(_ request: RelayRequest) async throws -> ReceiptsAnswer {
        let running = try running(request)
        guard let notes = NoteBatch.decode(request.body, maximum: APILimits.accessesInBatch) else {
            throw Problems.malformed("accesses")
        }
        let view = running.sequencer.published.current.view(at: running.sequencer.clock.wallTime)
        let quota = accessQuota
        let acceptance = try AccessAcceptance(notes, view: view) {
            quota.take($0, limit: APILimits.accessesPerHour, at: $1)
        }
        do {
            if case .device(let device) = acceptance.signer, view.liveDevice(device) == nil {
                throw RuleViolation(.signerRevoked, "the looking device is revoked or suspended")
            }
            let (newCount, answer) = try await running.sequencer.submit { batch in
                try acceptance.write(to: &batch)
            } answer: { written, batch in
                (written.newCount, try acceptance.answer(written, batch))
            }
            for _ in 0..<newCount { metrics.accepted("access") }
            return answer
        } catch  where Problems.isRefusal(error) {
            let problem = Problems.problem(of: error)
            guard problem.code == .revoked, case .device(let device) = acceptance.signer else { throw problem }
            throw try await explained(problem, Self.revocation(of: device.description, view: view), in: running)
        }
    }
}
