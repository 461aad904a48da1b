import HTTPTypes
import Hummingbird
import HummingbirdCore
import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements

extension RelayRoutes {
    func addRing(to router: Router<RelayContext>) {
        router.put("/v1/inbox/ring-token") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.bodyBytes)
            return Responses.json(try await setRingToken(request))
        }
        router.get("/v1/inbox/ring") { request, context in
            _ = try await RelayRequest(request, context, limit: 0)
            return try await ring(request)
        }
    }

    /// From now on, and for 24 hours, the device's locked client may listen by this token; one before it is good no more.
    private func setRingToken(_ request: RelayRequest) async throws -> RingTokenAnswer {
        let (device, running) = try await inboxCaller(request)
        guard let hash = Digest(hex: Array(try request.json(RingTokenRequest.self).hash.utf8)) else {
            throw Problems.malformed("hash of the ring token")
        }
        let id = device.id
        let expires = try await running.sequencer.submit { batch in
            guard batch.view.liveDevice(id) != nil else { throw Problems.revoked }
            let expires = batch.time.adding(seconds: APILimits.ringTokenSeconds)
            try batch.transaction.setRingToken(
                StoredRingToken(device: id, hash: hash, expires: expires), of: batch.organisation)
            batch.then(.ringReplaced(id))
            return expires
        } answer: { expires, _ in
            expires
        }
        return RingTokenAnswer(expires: expires.description)
    }

    /// The token alone says who listens.
    private func ring(_ request: Request) async throws -> Response {
        guard let hash = Self.ringTokenHash(request.headers[.authorization]),
            let (token, running) = try await ringToken(hash)
        else { throw Problems.ringTokenUnknown }
        guard openStreams < limits.streams else { throw Problems.busy }
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        headers[HTTPField.Name("X-Accel-Buffering")!] = "no"
        let routes = self
        let body = ResponseBody { writer in
            let mailbox = running.hub.rings.open(token.device)
            routes.metrics.streams(routes.openStreams)
            defer {
                running.hub.rings.close(mailbox)
                routes.metrics.streams(routes.openStreams)
            }
            // A token that was replaced or removed a moment before found no stream to end.
            if (try? await routes.ringToken(hash)) ?? nil == nil { mailbox.end(Problems.ringTokenUnknown) }
            let session = RingSession(
                device: token.device, running: running, store: routes.store, mailbox: mailbox, expires: token.expires)
            // Ends at once when the device goes. A write that fails then is the end of the stream, not an error.
            try? await request.body.consumeWithCancellationOnInboundClose { _ in try await session.run(&writer) }
            try? await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// SHA-256 of the 32 bytes of `Bearer <base64>`.
    private static func ringTokenHash(_ header: String?) -> Digest? {
        guard let header, header.hasPrefix("Bearer "), var bytes = Base64.decode(Array(header.utf8.dropFirst(7))),
            bytes.count == APILimits.ringTokenByteCount
        else { return nil }
        defer { wipe(&bytes) }
        return Digest.sha256(bytes)
    }

    /// The token that is good now. It is looked for by its hash, of which nobody who does not have it can choose a byte, and
    /// compared in constant time.
    private func ringToken(_ hash: Digest) async throws -> (StoredRingToken, Organisations.Running)? {
        for running in organisations.all {
            let organisation = running.sequencer.organisation
            guard let token = try await store.read({ try $0.ringToken(hash, of: organisation) }) else { continue }
            let now = running.sequencer.clock.wallTime
            guard SecretBytes(copying: token.hash.bytes).isEqual(to: SecretBytes(copying: hash.bytes)),
                now < token.expires,
                running.sequencer.published.current.view(at: now).liveDevice(token.device) != nil
            else { return nil }
            return (token, running)
        }
        return nil
    }

    /// Streams of either kind that are open.
    var openStreams: Int { organisations.all.reduce(0) { $0 + $1.hub.count + $1.hub.rings.count } }
}

extension Problems {
    static let ringTokenUnknown = unauthorized("its ring token is not known here, or was replaced")

    static let ringTokenOver = Problem(
        .unauthorized, status: 401, detail: "The ring token is over: it is good for 24 hours.",
        next: "Unlock the device: it gets another one.")

    static let ringReplaced = Problem(
        .conflict, status: 409, detail: "The device listens with another ring stream, or has another token.",
        next: "Nothing, if that was you. If not, unlock the device: it gets another token.")
}
