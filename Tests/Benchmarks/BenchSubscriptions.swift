import RelayAPI
import Sealing
import Secrets
import WebPush

/// Subscriptions of one run, to services in this process. One key opens what comes for all of them: the relay seals to each
/// anyway.
final class BenchSubscriptions: Sendable {
    private let receiver = P256PrivateKey()
    private let authentication = SecretBytes(random: SubscriptionKeys.authenticationByteCount)

    /// The device is reached there from now on.
    func subscribe(_ device: BenchDevice, at path: String, of service: BenchPushService) async throws {
        let registration = PushRegistration(
            transport: "web_push", endpoint: service.origin + path, p256dh: Base64URL.encode(receiver.publicKey),
            auth: Base64URL.encode(authentication.exposed()))
        try await device.subscribe(registration) {
            guard let arrival = service.last(at: path) else { throw BenchFailure.notSubscribed }
            return try open(arrival)
        }
    }

    /// - Returns: `nil` for a challenge.
    func page(of arrival: BenchPushService.Arrival) throws -> Page? { Page(parsing: try open(arrival)) }

    private func open(_ arrival: BenchPushService.Arrival) throws -> [UInt8] {
        try PushMessage.open(arrival.body, with: receiver, authentication: authentication)
    }
}
