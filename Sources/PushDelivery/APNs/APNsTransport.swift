import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Secrets

/// Apple's push service: HTTP/2, an ES256 token, an alert that the app's own extension decrypts before it is shown.
public struct APNsTransport: PushTransport {
    public let kind = PushTransportKind.apns

    private let credentials: APNsCredentials
    private let tokens: APNsTokens
    private let service: PushService
    private let now: @Sendable () -> Int

    /// - Parameter service: `https://api.push.apple.com`, or `https://api.development.push.apple.com` for an app under
    ///   development: the tokens of one are unknown to the other.
    public init(
        _ credentials: APNsCredentials, service: PushService,
        now: @escaping @Sendable () -> Int = { PushClock.now() }
    ) {
        self.credentials = credentials
        self.service = service
        self.now = now
        tokens = APNsTokens(credentials, now: now)
    }

    public func push(_ page: PushPage, to address: PushAddress) async -> PushOutcome {
        guard case .apns(let device) = address else { return .rejected(.unexpected) }
        switch await attempt(page, device) {
        case .outcome(let outcome): return outcome
        case .tokenExpired:
            // Apple holds the old token against the whole connection.
            service.reconnect()
            guard await tokens.expire(), case .outcome(let outcome) = await attempt(page, device) else {
                return .unauthorized(.credentials)
            }
            return outcome
        }
    }

    private enum Attempt {
        case outcome(PushOutcome)
        case tokenExpired
    }

    private func attempt(_ page: PushPage, _ device: [UInt8]) async -> Attempt {
        do {
            let answer = try await service.answer(try await request(page, device))
            return Self.attempt(status: answer.status, body: answer.body, retryAfter: answer.retryAfter, service)
        } catch {
            service.noteFailure()
            return .outcome(.later(PushFailure.reason(of: error), after: nil))
        }
    }

    private func request(_ page: PushPage, _ device: [UInt8]) async throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "\(service.origin)/3/device/\(Hex.encode(device))")
        request.method = .POST
        request.headers = [
            "authorization": try await tokens.authorization(), "apns-topic": credentials.topic,
            "apns-push-type": "alert", "apns-priority": page.isUrgent ? "10" : "5",
            // Seconds since 1970, not from now: a small number is 1970, and loses the page without a word.
            "apns-expiration": "\(now() + page.lifetime)", "apns-collapse-id": page.tag,
            "apns-id": UUID().uuidString.lowercased(), "content-type": "application/json",
        ]
        request.body = .bytes(Self.payload(page))
        return request
    }

    /// The text is what is seen when the app cannot decrypt, so it is constant and says what to do.
    static func payload(_ page: PushPage) -> [UInt8] {
        let level = page.isUrgent ? "time-sensitive" : "active"
        return Array(
            (#"{"aps":{"alert":{"loc-key":"nightbell.page","body":"\#(PushText.constant)"},"mutable-content":1,"#
                + #""sound":"default","interruption-level":"\#(level)"},"e":"\#(Base64URL.encode(page.body))"}"#).utf8)
    }

    /// What Apple writes beside an error.
    private struct Refusal: Decodable {
        let reason: String?
        /// Milliseconds since 1970: since when a device has been unregistered.
        let timestamp: Int?
    }

    private static func attempt(
        status: Int, body: [UInt8], retryAfter: Int?, _ service: PushService
    ) -> Attempt {
        let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(body))
        let reason = refusal?.reason ?? ""
        if status == 403, reason == "ExpiredProviderToken" { return .tokenExpired }
        // A service that shuts down closes this connection, and answers nothing more on it.
        if ["Shutdown", "IdleTimeout"].contains(reason) { service.reconnect() }
        return .outcome(
            outcome(
                status: status, reason: reason, unregistered: refusal?.timestamp.map { $0 / 1_000 },
                retryAfter: retryAfter))
    }

    /// Apple's table of statuses and reasons. A token is dropped for a reason that is about the token alone.
    static func outcome(status: Int, reason: String, unregistered: Int?, retryAfter: Int?) -> PushOutcome {
        switch (status, reason) {
        case (200, _): .accepted
        case (410, "Unregistered"), (410, "ExpiredToken"): .gone(.unsubscribed, at: unregistered)
        case (400, "BadDeviceToken"), (400, "DeviceTokenNotForTopic"): .gone(.foreignSubscription, at: nil)
        case (400, "IdleTimeout"), (408, _): .later(.timeout, after: retryAfter)
        case (400, "TopicDisallowed"), (400, "BadTopic"), (400, "MissingTopic"): .unauthorized(.credentials)
        // Also 410 without its reason: what does not say that the token is over does not end it.
        default: .ofStatus(status, retryAfter: retryAfter)
        }
    }
}

/// What a locked or foreign device may show.
public enum PushText {
    /// Without a name, number, urgency or count.
    public static let constant = "New secure page. Open Nightbell."
}
