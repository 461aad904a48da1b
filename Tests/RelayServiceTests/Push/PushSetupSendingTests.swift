import Foundation
import PushDelivery
import PushPeer
import Testing
import WebPush

@testable import RelayService

/// What is set is used: pages go out as the configuration says, to services in other processes.
@Suite(.serialized) struct PushSetupSendingTests {
    private let files: PushCredentialFiles
    private let peer: PushServicePeer
    private var authority: [String] { ["--push-authority", peer.authority] }

    init() async throws {
        files = try PushCredentialFiles()
        peer = try await PushServicePeer()
    }

    /// Whoever waits for the request after it must require that it was accepted: what was not sent never comes.
    private func push(_ setup: PushSetup, to address: PushAddress) async throws -> PushOutcome {
        let transport = try #require(setup.transports.first)
        #expect(setup.transports.count == 1 && transport.kind == address.kind)
        return await transport.push(.sample(), to: address)
    }

    @Test func toTheOperatorsOwnPushServer() async throws {
        let made = try PushKeys.make(in: files.data)
        let point = try VAPIDKey(VAPIDKey.generate()).publicKey
        let address = PushAddress.webPush(
            try PushEndpoint(parsing: peer.origin + "/up/1"),
            try #require(SubscriptionKeys(publicKey: point, authentication: [UInt8](repeating: 1, count: 16))))
        let contact = ["--push-contact", "mailto:ops@practice.example"]
        let port = ["--push-ports", "\(peer.port)"]
        let host = ["--push-hosts", "localhost"]
        for (flags, outcome) in [
            (contact + host + authority, .rejected(.addressNotPermitted)),
            (contact + port + authority, .rejected(.addressNotPermitted)),
            (contact + port + host, .later(.unreachable, after: nil)),
        ] as [([String], PushOutcome)] {
            let setup = try files.load(flags)
            #expect(try await push(setup, to: address) == outcome, "\(flags)")
            setup.close()
        }
        let setup = try files.load(contact + port + host + authority)
        try peer.answer(.init(status: 201))
        try #require(try await push(setup, to: address) == .accepted)
        // Nothing came before it.
        let request = try await peer.request()
        #expect(request.path == "/up/1")
        #expect(request.headers["authorization"]?.hasSuffix(", k=\(made.publicKey)") == true)
        setup.close()
    }

    @Test func toApple() async throws {
        try files.write(PushCredentialFiles.appleKey(), to: "apple.p8")
        let setup = try files.load(PushCredentialFiles.appleFlags + authority + ["--push-apns-service", peer.origin])
        try peer.answer(.init(status: 200))
        try #require(try await push(setup, to: .apns(token: [0xAB, 0xCD])) == .accepted)
        let request = try await peer.request()
        #expect(request.path == "/3/device/abcd" && request.headers["apns-topic"] == "example.nightbell")
        setup.close()
    }

    /// Access tokens come from where the account's file says.
    @Test func toGoogle() async throws {
        try files.write(
            PushCredentialFiles.googleFile(tokenAddress: peer.origin + "/token", key: peer.accountKey),
            to: "google.json")
        let setup = try files.load(PushCredentialFiles.googleFlags + authority + ["--push-fcm-service", peer.origin])
        try peer.answer(.init(path: "/token", status: 200, body: #"{"access_token":"ya29.first","expires_in":3599}"#))
        try peer.answer(.init(path: "/v1/", status: 200, body: "{}"))
        try #require(try await push(setup, to: .fcm(token: "device:token-1")) == .accepted)
        #expect(try await peer.request().path == "/token")
        let request = try await peer.request()
        #expect(request.path == "/v1/projects/practice-1/messages:send")
        #expect(request.headers["authorization"] == "Bearer ya29.first")
        setup.close()
    }
}
