import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The access token of all workers: fetched once for all that wait for it, and anew before it ends.
actor FCMTokens {
    /// Why there is none, as the outcome of the attempt that needed one.
    struct Failure: Error {
        let outcome: PushOutcome
    }

    /// 300: a token with less left is fetched anew.
    static let leastSeconds = 300
    /// 10: after a failure nobody asks again for as long, so that a refused account is no flood.
    static let pauseSeconds = 10

    private struct Answer: Decodable {
        let token: String
        let lifetime: Int

        private enum CodingKeys: String, CodingKey {
            case token = "access_token"
            case lifetime = "expires_in"
        }

        /// Whether it can stand in a header, and is good for longer than a moment.
        var isSound: Bool {
            lifetime > 0 && lifetime <= 86_400 && (1...2_048).contains(token.utf8.count)
                && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
    }

    private let credentials: FCMCredentials
    private let service: PushService
    private let now: @Sendable () -> Int
    private var current: (header: String, expires: Int)?
    private var failed: (failure: Failure, at: Int)?
    private var isFetching = false
    private var waiting: [CheckedContinuation<Result<String, Failure>, Never>] = []

    /// - Parameter service: Where ``FCMCredentials/tokenAddress`` leads.
    init(_ credentials: FCMCredentials, service: PushService, now: @escaping @Sendable () -> Int) {
        self.credentials = credentials
        self.service = service
        self.now = now
    }

    /// The header's value.
    func authorization() async throws(Failure) -> String {
        let time = now()
        if let current, current.expires - time > Self.leastSeconds { return current.header }
        if let failed, (0..<Self.pauseSeconds).contains(time - failed.at) { throw failed.failure }
        guard !isFetching else { return try await withCheckedContinuation { waiting.append($0) }.get() }
        isFetching = true
        let result = await fetch(time)
        isFetching = false
        switch result {
        case .success(let token):
            current = token
            failed = nil
        case .failure(let failure): failed = (failure, time)
        }
        let header = result.map(\.header)
        for continuation in waiting { continuation.resume(returning: header) }
        waiting = []
        return try header.get()
    }

    /// After Google refused it.
    func forget() { current = nil }

    private func fetch(_ time: Int) async -> Result<(header: String, expires: Int), Failure> {
        do {
            var request = HTTPClientRequest(url: credentials.tokenAddress)
            request.method = .POST
            request.headers = ["content-type": "application/x-www-form-urlencoded"]
            let assertion = try await credentials.assertion(issued: time)
            request.body = .bytes(
                Array("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=\(assertion)".utf8))
            let answer = try await service.answer(request)
            switch answer.status {
            case 200:
                guard let token = try? JSONDecoder().decode(Answer.self, from: Data(answer.body)), token.isSound else {
                    return .failure(Failure(outcome: .later(.unexpected, after: nil)))
                }
                return .success(("Bearer \(token.token)", time + token.lifetime))
            case 429: return .failure(Failure(outcome: .later(.rateLimited, after: answer.retryAfter)))
            case 400...499: return .failure(Failure(outcome: .unauthorized(.credentials)))
            default: return .failure(Failure(outcome: .later(.serviceUnavailable, after: answer.retryAfter)))
            }
        } catch {
            service.noteFailure()
            return .failure(Failure(outcome: .later(PushFailure.reason(of: error), after: nil)))
        }
    }
}
