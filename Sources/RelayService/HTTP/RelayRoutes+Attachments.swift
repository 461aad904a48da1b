import Hummingbird
import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements

extension RelayRoutes {
    func addAttachments(to router: Router<RelayContext>) {
        router.get("/v1/orgs/:org/blobs/:hash") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            let running = try running(request)
            let (device, _) = try await device(request, in: running)
            return Responses.json(
                try await uploads.state(of: try hash(request), by: device.id, of: running.sequencer.organisation))
        }
        router.put("/v1/orgs/:org/blobs/:hash") { request, context in
            let request = try await RelayRequest(request, context, limit: APILimits.pieceByteCount)
            let running = try running(request)
            let (device, _) = try await device(request, in: running)
            let state = try await uploads.take(
                request.body, at: try request.number("offset"), of: try request.number("size"), try hash(request),
                by: device.id, of: running.sequencer.organisation, now: clock())
            if state.complete { metrics.accepted("attachment") }
            return Responses.json(state)
        }
        router.get("/v1/orgs/:org/messages/:message/attachments/:index") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            return Responses.bytes(try await piece(request), type: "application/octet-stream")
        }
    }

    private func hash(_ request: RelayRequest) throws -> Digest {
        guard let hash = Digest(hex: Array(request.parameter("hash").utf8)) else { throw Problems.malformed("hash") }
        return hash
    }

    /// A piece of a sealed attachment, for the devices that its message was sealed to and for the sender's member.
    ///
    /// `served` of the message covers its attachments: it is durable before the first byte of them leaves.
    private func piece(_ request: RelayRequest) async throws -> [UInt8] {
        let running = try running(request)
        let (device, _) = try await device(request, in: running)
        guard let id = MessageID(request.parameter("message")) else { throw Problems.malformed("message id") }
        guard
            let index = try? TextReader.integer(
                Array(request.parameter("index").utf8)[...], or: StatementError(.malformed, part: "index"))
        else { throw Problems.malformed("index") }
        let organisation = running.sequencer.organisation
        let offset = try request.number("offset")
        let (message, attachments, waiting) = try await store.read { reader in
            (
                try reader.message(id, of: organisation), try reader.attachments(of: id, of: organisation),
                try reader.waitingEnvelope(id, of: device.id, of: organisation)
            )
        }
        guard let message, message.recipients.contains(device.id) || message.senderMember == device.member else {
            throw Problems.notFound("message of this id")
        }
        guard index < UInt64(attachments.count) else { throw Problems.notFound("attachment of this number") }
        let blob = attachments[Int(index)]
        guard offset < blob.size else { throw Problems.malformed("offset") }
        if let waiting, !waiting.served {
            try await running.sequencer.submit { batch in
                try Serving.write([id], to: device.id, in: &batch)
            } answer: { _, _ in
            }
        }
        return try await blobs.read(
            from: offset, count: Int(min(blob.size - offset, UInt64(APILimits.pieceByteCount))), of: blob.number)
    }
}
