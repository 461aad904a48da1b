import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import RelayAPI
import Statements

/// The outermost room: limits per address, every error as a problem, one log line and one count a request.
struct ProblemMiddleware: RouterMiddleware {
    let limiter: RateLimiter
    let metrics: RelayMetrics
    let clock: @Sendable () -> Timestamp

    // Hummingbird's own closures run concurrently; ours must say so.
    @concurrent
    func handle(
        _ request: Request, context: RelayContext, next: @concurrent (Request, RelayContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            guard limiter.permits(context.address, at: clock()) else {
                throw Problems.quota("Too many requests from this address.", retryAfter: 1)
            }
            // The router passes over empty segments: an address would have many names.
            guard Self.isPlain(request.uri.path) else { throw Problems.notFound("such address") }
            response = try await next(request, context)
        } catch {
            let problem = Self.problem(of: error)
            if problem.status >= 500 {
                context.logger.error("a request failed", metadata: ["nb.error.code": "\(Problems.logCode(of: error))"])
            }
            response = Responses.problem(problem)
        }
        response.headers[Self.timeField] = clock().description
        metrics.request(
            route: context.endpointPath ?? "none", status: response.status.code, duration: ContinuousClock.now - start)
        return response
    }

    /// Whether every segment of a path says something.
    private static func isPlain(_ path: String) -> Bool {
        var last: UInt8 = 0
        for byte in path.utf8 {
            if byte == UInt8(ascii: "/"), last == byte { return false }
            last = byte
        }
        return last != UInt8(ascii: "/")
    }

    private static let timeField = HTTPField.Name("Nightbell-Time")!

    private static func problem(of error: any Error) -> Problem {
        guard let error = error as? any HTTPResponseError else { return Problems.problem(of: error) }
        switch error.status {
        case .notFound: return Problems.notFound("such address")
        case .methodNotAllowed:
            return Problem(
                .methodNotAllowed, status: 405, detail: "This address does not take this method.",
                next: "Look into the relay's API.")
        case .contentTooLarge: return Problems.tooLarge(APILimits.envelopeByteCount)
        default: return Problems.malformed("request")
        }
    }
}

/// Answers.
enum Responses {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        bytes(APIJSON.encode(value), type: "application/json", status: status)
    }

    static func problem(_ problem: Problem) -> Response {
        var response = bytes(
            APIJSON.encode(problem), type: Problem.contentType,
            status: HTTPResponse.Status(code: problem.status))
        if let seconds = problem.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }

    static func bytes(
        _ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok, immutable: Bool = false
    ) -> Response {
        var headers: HTTPFields = [.contentType: type]
        headers[.cacheControl] = immutable ? "private, max-age=31536000, immutable" : "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
