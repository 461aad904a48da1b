import Hummingbird
import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements
import TransparencyLog

extension RelayRoutes {
    func addMessages(to router: Router<RelayContext>) {
        router.post("/v1/orgs/:org/messages") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.envelopeBytes)
            return Responses.json(try await acceptMessage(request))
        }
        router.post("/v1/orgs/:org/receipts") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.bodyBytes)
            return Responses.json(try await acceptReceipts(request))
        }
        router.get("/v1/orgs/:org/messages/:message") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            return Responses.json(try await history(request))
        }
        router.get("/v1/orgs/:org/messages/:message/capsule") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            return Responses.json(try await capsule(request))
        }
    }

    private func acceptMessage(_ request: RelayRequest) async throws -> LoggedEntry {
        let running = try running(request)
        let envelope = try Envelope(parsing: request.body)
        let manifest = envelope.manifest
        let view = running.sequencer.published.current.view(at: running.sequencer.clock.wallTime)
        let known = Present.Known(roster: manifest.seen.roster.size, activity: manifest.seen.activity.size)
        do {
            let quota = messageQuota
            let acceptance = try MessageAcceptance(envelope, view: view) {
                quota.take($0, limit: view.policy.messagesPerHourAndSender, at: $1)
            }
            let (isNew, logged) = try await running.sequencer.submit { batch in
                try acceptance.write(to: &batch)
            } answer: { written, batch in
                (written.isNew, try acceptance.answer(written, batch))
            }
            if isNew { metrics.accepted("message") }
            return logged
        } catch  where Problems.isRefusal(error) {
            let problem = Problems.problem(of: error)
            if problem.code == .revoked {
                throw try await explained(
                    problem, Self.revocation(of: manifest.sender.description, view: view), in: running)
            }
            throw try await withHead(problem, device: manifest.sender, known: known, in: running)
        }
    }

    private func acceptReceipts(_ request: RelayRequest) async throws -> ReceiptsAnswer {
        let running = try running(request)
        guard let notes = NoteBatch.decode(request.body, maximum: APILimits.receiptsInBatch) else {
            throw Problems.malformed("receipts")
        }
        let view = running.sequencer.published.current.view(at: running.sequencer.clock.wallTime)
        let first = try Receipt(parsing: try SignedNote(parsing: notes[0]).text)
        do {
            guard view.liveDevice(first.device) != nil else {
                throw RuleViolation(.signerRevoked, "the receipting device is revoked or suspended")
            }
            let quota = receiptQuota
            let acceptance = try ReceiptAcceptance(notes, device: first.device, view: view) {
                quota.take($0, limit: ReceiptSubject.limitPerHour, at: $1)
            }
            let (newCount, answer) = try await running.sequencer.submit { batch in
                try acceptance.write(to: &batch)
            } answer: { written, batch in
                (written.statements.newCount, try acceptance.answer(written, batch))
            }
            for _ in 0..<newCount { metrics.accepted("receipt") }
            return answer
        } catch  where Problems.isRefusal(error) {
            let problem = Problems.problem(of: error)
            guard problem.code == .revoked else { throw problem }
            throw try await explained(
                problem, Self.revocation(of: first.device.description, view: view), in: running)
        }
    }

    /// Every entry about a message, for those whom it concerns: its sender's and recipients' members, the senders of what it
    /// carries on, auditors, admins.
    private func history(_ request: RelayRequest) async throws -> MessageHistory {
        let running = try running(request)
        let (message, state, _) = try await concerned(request, in: running)
        let seen = try request.number("activity")
        return try await store.read { reader in
            let head = state.activityHead
            let hashes = ProofSource(log: .activity, state: state, tiles: reader)
            var known = seen
            let entries = try reader.entryIndexes(about: message.id, of: state.organisation)
                .filter { $0 < head.size }.map { index in
                    guard let entry = try reader.entry(index, in: .activity, of: state.organisation) else {
                        throw StorageError(.broken, part: "entry")
                    }
                    defer { known = head.size }
                    return try LoggedEntry(
                        log: .activity, index: index, entry: entry, head: head, seen: known, hashes: hashes)
                }
            return MessageHistory(entries: entries)
        }
    }

    private func capsule(_ request: RelayRequest) async throws -> CapsuleAnswer {
        let running = try running(request)
        let (message, state, caller) = try await concerned(request, in: running)
        guard caller.isAuditor else { throw Problems.notPermitted("Only auditors are given capsules.") }
        guard let parts = try await store.read({ try $0.parts(of: message, of: state.organisation) }),
            let sealedKey = parts.capsuleSealedKey, let capsule = parts.capsule
        else { throw Problems.notFound("capsule of this message") }
        return CapsuleAnswer(sealedKey: Base64.encode(sealedKey), capsule: Base64.encode(capsule))
    }

    private func concerned(
        _ request: RelayRequest, in running: Organisations.Running
    ) async throws -> (StoredMessage, OrganisationState, Caller) {
        let caller = try await caller(request, in: running)
        guard case .device(let device, _) = caller else {
            throw Problems.notPermitted("Only a device of the organisation may ask this.")
        }
        guard let id = MessageID(request.parameter("message")) else { throw Problems.malformed("message id") }
        let state = running.sequencer.published.current
        let found = try await store.read { reader -> (StoredMessage, [MemberID])? in
            guard let message = try reader.message(id, of: state.organisation) else { return nil }
            return (message, try References.senders(of: message, in: reader, of: state.organisation))
        }
        guard let (message, senders) = found else { throw Problems.notFound("message of this id") }
        guard caller.maySeeActivity || senders.contains(device.member) || device.member == message.member else {
            // The same answer as for none: who writes to whom is not for everyone.
            throw Problems.notFound("message of this id")
        }
        return (message, state, caller)
    }
}
