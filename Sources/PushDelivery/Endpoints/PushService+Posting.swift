import AsyncHTTPClient
import NIOHTTP1

/// What an operator's service answered to a plain POST.
public struct PostAnswer: Sendable {
    public let status: Int
    /// At most ``PushLimits/answerByteCount``; empty when there was more.
    public let body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

extension PushService {
    /// Posts to another service that the operator chose, a witness, with the same care: TLS, no redirects, a short answer, and
    /// the whole exchange within the time of an attempt.
    /// - Returns: `nil` when no whole answer came in time.
    public func post(_ body: [UInt8], type: String, to path: String) async -> PostAnswer? {
        var request = HTTPClientRequest(url: origin + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: type)
        request.body = .bytes(body)
        do {
            let answer = try await answer(request)
            return PostAnswer(status: answer.status, body: answer.body)
        } catch {
            noteFailure()
            return nil
        }
    }
}
