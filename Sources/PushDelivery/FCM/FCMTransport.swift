import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Secrets

/// Firebase Cloud Messaging, HTTP v1: data only, which the app itself decrypts and shows.
public struct FCMTransport: PushTransport {
    public let kind = PushTransportKind.fcm

    private let project: String
    private let tokens: FCMTokens
    private let service: PushService

    /// - Parameters:
    ///   - service: `https://fcm.googleapis.com`.
    ///   - tokenService: ``FCMCredentials/tokenOrigin``, where the account's access tokens come from.
    public init(
        _ credentials: FCMCredentials, service: PushService, tokenService: PushService,
        now: @escaping @Sendable () -> Int = { PushClock.now() }
    ) {
        project = credentials.project
        self.service = service
        tokens = FCMTokens(credentials, service: tokenService, now: now)
    }

    public func push(_ page: PushPage, to address: PushAddress) async -> PushOutcome {
        guard case .fcm(let device) = address else { return .rejected(.unexpected) }
        let outcome = await attempt(page, device)
        guard case .unauthorized = outcome else { return outcome }
        // An access token can be revoked before its time: a fresh one, once.
        await tokens.forget()
        return await attempt(page, device)
    }

    private func attempt(_ page: PushPage, _ device: String) async -> PushOutcome {
        var request = HTTPClientRequest(url: "\(service.origin)/v1/projects/\(project)/messages:send")
        do { request.headers = ["authorization": try await tokens.authorization()] } catch { return error.outcome }
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        do {
            request.body = .bytes(try Self.payload(page, device))
            let answer = try await service.answer(request)
            let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(answer.body))
            return Self.outcome(status: answer.status, code: refusal?.code ?? "", retryAfter: answer.retryAfter)
        } catch {
            service.noteFailure()
            return .later(PushFailure.reason(of: error), after: nil)
        }
    }

    private struct Payload: Encodable {
        struct Message: Encodable {
            let token: String
            /// Every value is a string.
            let data: [String: String]
            let android: Android
        }

        struct Android: Encodable {
            let priority: String
            let ttl: String
            let collapse_key: String
        }

        let message: Message
    }

    /// No `notification`: what the service itself would show. High priority is for what ends in a visible notification, which a
    /// page always does.
    static func payload(_ page: PushPage, _ device: String) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(
            try encoder.encode(
                Payload(
                    message: .init(
                        token: device, data: ["e": Base64URL.encode(page.body)],
                        android: .init(
                            priority: page.isUrgent ? "HIGH" : "NORMAL", ttl: "\(min(page.lifetime, 2_419_200))s",
                            collapse_key: page.tag)))))
    }

    /// What Google writes of an error: its code is in the details, if anywhere.
    private struct Refusal: Decodable {
        struct Body: Decodable {
            let details: [Detail]?
        }

        struct Detail: Decodable {
            let errorCode: String?
        }

        let error: Body

        var code: String? { error.details?.lazy.compactMap(\.errorCode).first }
    }

    /// Google's table of statuses and error codes. A token is dropped for what is about the token alone.
    static func outcome(status: Int, code: String, retryAfter: Int?) -> PushOutcome {
        switch (status, code) {
        case (200, _): .accepted
        case (404, "UNREGISTERED"): .gone(.unsubscribed, at: nil)
        case (403, "SENDER_ID_MISMATCH"): .gone(.foreignSubscription, at: nil)
        // A token of an app for which the project has no credentials of Apple's or of Web Push: it alone.
        case (401, "THIRD_PARTY_AUTH_ERROR"): .rejected(.credentials)
        // Google asks for a minute where it says nothing.
        case (429, _): .later(.rateLimited, after: retryAfter ?? 60)
        default: .ofStatus(status, retryAfter: retryAfter)
        }
    }
}
