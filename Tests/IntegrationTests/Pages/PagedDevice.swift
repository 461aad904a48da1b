import Foundation
import PushPeer
import RelayAPI
import Sealing
import Secrets
import Statements
import Testing
import WebPush

/// An enrolled device whose keys the test holds, with prekeys and subscriptions.
final class PagedDevice: Sendable {
    /// A prekey that opens everything sealed to this device: a fallback, and no other is published.
    private let prekey = EncapsulationPrivateKey()
    private let receiver = P256PrivateKey()
    private let authentication = SecretBytes(random: SubscriptionKeys.authenticationByteCount)
    let raw: RawDevice
    private let pushed: PushedPractice

    private init(_ raw: RawDevice, _ pushed: PushedPractice) {
        self.raw = raw
        self.pushed = pushed
    }

    /// Lets a device join for a new member, or one more for an old.
    static func join(_ pushed: PushedPractice, as member: String) async throws -> PagedDevice {
        let invitation = try await pushed.practice.invite(member, "provider")
        let device = PagedDevice(try await RawDevice.join(invitation, at: pushed.practice.relay), pushed)
        let raw = device.raw
        let signed = SignedPrekey(
            PrekeyText(
                organisation: raw.organisation, device: raw.device, purpose: .fallback,
                notAfter: Timestamp.now().adding(seconds: 86_400), key: device.prekey.publicKey), signedBy: raw.key)
        let shape = PrekeyShape(
            text: String(decoding: signed.text, as: UTF8.self), signature: Base64.encode(signed.signature))
        _ = try await raw.send(
            "PUT", APIPath.prekeys(raw.organisation), body: APIJSON.encode(PrekeyUpload(oneTime: [], fallback: shape))
        ).shape(PrekeyCount.self)
        return device
    }

    // MARK: Subscriptions

    func registration(at path: String) -> PushRegistration {
        PushRegistration(
            transport: "web_push", endpoint: pushed.service.origin + path, p256dh: Base64URL.encode(receiver.publicKey),
            auth: Base64URL.encode(authentication.exposed()))
    }

    /// Asks to be reached there.
    func register(_ registration: PushRegistration, _ id: SubscriptionID = .random()) async throws -> RawAnswer {
        try await raw.send("PUT", APIPath.subscription(id), body: APIJSON.encode(registration))
    }

    /// A subscription of Web Push that works.
    @discardableResult
    func subscribe(at path: String) async throws -> SubscriptionID {
        let came = pushed.arrivals(at: path).count
        return try await subscribe(registration(at: path)) {
            try self.open(try await self.pushed.arrival(came + 1, at: path).request)
        }
    }

    /// A subscription of Apple's or Google's that works.
    @discardableResult
    func subscribe(_ transport: String, token: String, requestedAt path: String) async throws -> SubscriptionID {
        let came = pushed.arrivals(at: path).count
        return try await subscribe(PushRegistration(transport: transport, token: token)) {
            try Self.field(of: try await self.pushed.arrival(came + 1, at: path).request)
        }
    }

    private func subscribe(
        _ registration: PushRegistration, _ body: () async throws -> [UInt8]
    ) async throws -> SubscriptionID {
        let id = SubscriptionID.random()
        let tried = try await register(registration, id).shape(PushTried.self)
        try #require(tried.outcome == .accepted)
        let challenge = try #require(PushChallenge(parsing: try await body()))
        #expect(challenge.subscription == id)
        let proven = try await raw.send(
            "POST", APIPath.subscriptionProof(id),
            body: APIJSON.encode(PushProof(secret: Base64.encode(challenge.secret)))
        ).shape(PushSubscription.self)
        try #require(proven.state == .working)
        return id
    }

    var subscriptions: [PushSubscription] {
        get async throws { try await raw.get(APIPath.push).shape(PushAnswer.self).subscriptions }
    }

    /// Waits until a subscription stands so.
    func wait(for state: PushSubscription.State, of id: SubscriptionID) async throws {
        let deadline = ContinuousClock.now + .seconds(Programs.patienceSeconds)
        while true {
            let now = try await subscriptions.first { $0.id == id.description }
            if now?.state == state { return }
            guard ContinuousClock.now < deadline else { throw PreparationFailed("\(id) stands as \(now as Any)") }
        }
    }

    // MARK: What came

    /// The content of a body of Web Push.
    func open(_ request: PushServicePeer.Request) throws -> [UInt8] {
        try PushMessage.open([UInt8](request.body), with: receiver, authentication: authentication)
    }

    /// The field in which Apple's and Google's messages carry a body.
    static func field(of request: PushServicePeer.Request) throws -> [UInt8] {
        struct Apple: Decodable { let e: String }
        struct Google: Decodable {
            struct Message: Decodable { let data: [String: String] }
            let message: Message
        }
        let text =
            (try? JSONDecoder().decode(Apple.self, from: request.body).e)
            ?? (try? JSONDecoder().decode(Google.self, from: request.body).message.data["e"])
        return try #require(text.flatMap { Base64URL.decode($0.utf8) })
    }

    /// The alert of a page, opened with this device's prekey and nothing else.
    func alert(of body: [UInt8]) throws -> String? {
        let page = try #require(Page(parsing: body))
        return page.alert(with: prekey, organisation: raw.organisation) { _ in nil }?.text.description
    }
}
