import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// What a service answered, as far as it is read.
struct PushAnswer: Sendable {
    let status: Int
    let retryAfter: Int?
    /// At most ``PushLimits/answerByteCount``; empty when there was more, for half an answer says nothing.
    let body: [UInt8]

    /// The whole exchange, body included, ends in time: a service that sends a byte now and then holds nobody up.
    /// - Throws: What the request ended with; ``PushFailure/reason(of:)`` puts it into a word.
    static func of(_ request: HTTPClientRequest, from client: PushClient) async throws -> PushAnswer {
        try await Attempt.within(seconds: client.attemptSeconds) {
            // With the last reference, its connections end.
            defer { withExtendedLifetime(client) {} }
            let response = try await client.execute(
                request, deadline: .now() + .seconds(Int64(client.attemptSeconds)))
            var body: [UInt8] = []
            for try await part in response.body {
                body += part.readableBytesView
                if body.count > PushLimits.answerByteCount {
                    body = []
                    break
                }
            }
            client.noteAnswer()
            return PushAnswer(
                status: Int(response.status.code),
                retryAfter: RetryAfter.seconds(response.headers.first(name: "retry-after")), body: body)
        }
    }
}

/// What a failed request comes to.
enum PushFailure {
    static func reason(of error: any Error) -> PushReason {
        guard let error = error as? HTTPClientError else { return .unreachable }
        return [.deadlineExceeded, .readTimeout, .writeTimeout, .connectTimeout].contains(error)
            ? .timeout : .unreachable
    }
}
