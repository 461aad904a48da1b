import HTTPTypes
import Hummingbird
import HummingbirdCore
import Membership
import NIOCore
import RelayAPI
import RelayStorage
import Statements

extension RelayRoutes {
    func addInbox(to router: Router<RelayContext>) {
        router.get("/v1/inbox") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            return Responses.json(try await poll(request))
        }
        router.get("/v1/inbox/stream") { request, context in
            let lastID = request.headers[HTTPField.Name("Last-Event-ID")!]
            let relayRequest = try await RelayRequest(request, context, limit: 0)
            return try await stream(relayRequest, request, lastID: lastID)
        }
    }

    private func poll(_ request: RelayRequest) async throws -> InboxAnswer {
        let (device, running) = try await inboxCaller(request)
        let after = try request.number("after")
        let known = try request.known
        if after > 0 {
            try await running.sequencer.submit { batch in
                try batch.transaction.removeNotices(upTo: after, from: device.id, of: batch.organisation)
            } answer: { _, _ in
            }
        }
        let head = try await Present.answer(for: device.id, known: known, of: running, store: store)
        let built = try await ItemBuilder(device: device.id, running: running, store: store).build(
            after: after, limit: APILimits.itemsInAnswer, envelopeLimit: APILimits.itemsInAnswer, known: known.activity)
        return InboxAnswer(items: built.items.map(\.item), more: built.more, head: head)
    }

    private func stream(_ request: RelayRequest, _ raw: Request, lastID: String?) async throws -> Response {
        let (device, running) = try await inboxCaller(request)
        guard openStreams < limits.streams else { throw Problems.busy }
        var after: UInt64 = 0
        if let lastID {
            guard
                let number = try? TextReader.integer(
                    Array(lastID.utf8)[...], or: StatementError(.malformed, part: "Last-Event-ID"))
            else { throw Problems.malformed("Last-Event-ID") }
            after = number
        }
        let known = try request.known
        let resumeAfter = after
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        headers[HTTPField.Name("X-Accel-Buffering")!] = "no"
        let store = store
        let routes = self
        let body = ResponseBody { writer in
            let mailbox = running.hub.open(device.id)
            routes.metrics.streams(routes.openStreams)
            defer {
                running.hub.close(mailbox)
                routes.metrics.streams(routes.openStreams)
            }
            let session = StreamSession(
                device: device.id, running: running, store: store, mailbox: mailbox, after: resumeAfter, known: known)
            // Ends at once when the device goes. A write that fails then is the end of the stream, not an error.
            try? await raw.body.consumeWithCancellationOnInboundClose { _ in try await session.run(&writer) }
            running.hub.close(mailbox)
            await routes.hastenPages(to: device.id, in: running)
            try? await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
