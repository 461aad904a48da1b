import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import WebPush

/// Web Push: RFC 8030, its body encrypted (RFC 8291), its sender known (RFC 8292). So UnifiedPush and browsers.
public struct WebPushTransport: PushTransport {
    public let kind = PushTransportKind.webPush

    private let tokens: VAPIDTokens
    private let check: HostCheck
    private let clients: CheckedClients

    public init(tokens: VAPIDTokens, check: HostCheck, clients: CheckedClients) {
        self.tokens = tokens
        self.check = check
        self.clients = clients
    }

    public func push(_ page: PushPage, to address: PushAddress) async -> PushOutcome {
        guard case .webPush(let endpoint, let keys) = address else { return .rejected(.unexpected) }
        let outcome = await attempt(page, endpoint, keys)
        guard case .unauthorized = outcome else { return outcome }
        // A token that was remembered may be what is refused, as by a service whose clock is ahead: a fresh one, once.
        await tokens.forget(endpoint.origin)
        return await attempt(page, endpoint, keys)
    }

    private func attempt(_ page: PushPage, _ endpoint: PushEndpoint, _ keys: SubscriptionKeys) async -> PushOutcome {
        let place: NetworkAddress
        do { place = try await check.address(of: endpoint) } catch {
            return error == .unknownHost ? .later(.unknownHost, after: nil) : .rejected(.addressNotPermitted)
        }
        let client = clients.client(for: endpoint, at: place)
        do {
            let request = try await request(page, endpoint, keys)
            let answer = try await PushAnswer.of(request, from: client)
            return Self.outcome(status: answer.status, retryAfter: answer.retryAfter)
        } catch {
            clients.forget(client, for: endpoint, at: place)
            return .later(PushFailure.reason(of: error), after: nil)
        }
    }

    private func request(
        _ page: PushPage, _ endpoint: PushEndpoint, _ keys: SubscriptionKeys
    ) async throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: endpoint.text)
        request.method = .POST
        request.headers = [
            "TTL": "\(page.lifetime)", "Urgency": page.isUrgent ? "high" : "normal", "Topic": page.tag,
            "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
            "Authorization": try await tokens.authorization(for: endpoint.origin),
        ]
        request.body = .bytes(PushMessage.seal(page.body, to: keys))
        return request
    }

    /// RFC 8030 sections 5 to 8, and what services do besides: nothing but 404 and 410 ends a subscription.
    static func outcome(status: Int, retryAfter after: Int?) -> PushOutcome {
        switch status {
        case 200...299: .accepted
        case 404, 410: .gone(.unsubscribed, at: nil)
        case 408: .later(.timeout, after: after)
        default: .ofStatus(status, retryAfter: after)
        }
    }
}
