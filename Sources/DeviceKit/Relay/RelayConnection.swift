import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import RelayAPI
import Statements
import Synchronization

/// Talks to one relay over HTTP/1.1 and TLS: every request signed, every answer bounded, no redirects.
///
/// What the relay answers is not believed here: callers verify signatures and proofs.
public final class RelayConnection: Sendable {
    /// A request is asked this often at the most, and waits no longer than this in between.
    private static let attempts = 4
    private static let longestPauseSeconds = 3

    /// `host` or `host:port`.
    public let address: String
    /// The relay's clock beside ours.
    public let clock = RelayClock()
    let patience: LinkPatience
    private let received = Mutex<Int64>(0)
    private let configuration: HTTPClient.Configuration
    private let client: Mutex<HTTPClient>

    /// - Parameter certificateAuthority: A PEM file of the relay's own CA; `nil` trusts the system's roots.
    /// - Throws: ``DeviceKitError`` when the CA file cannot be used.
    public convenience init(address: String, certificateAuthority: String?) throws {
        try self.init(address: address, certificateAuthority: certificateAuthority, patience: .standard)
    }

    init(address: String, certificateAuthority: String?, patience: LinkPatience) throws {
        self.address = address.lowercased()
        self.patience = patience
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let path = certificateAuthority {
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path))
            } catch {
                throw DeviceKitError(
                    "ca_file_unreadable", .configuration, "\"\(path)\" is no file of PEM certificates",
                    next: "check the path given with --ca")
            }
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(patience.connect), read: TimeAmount(patience.silence)))
        // The relay speaks HTTP/2 as well. A device has one stream and a request now and then, and little to gain from one
        // connection for both; it would lose what it knows of its link. async-http-client sends no PING, and after a time-out
        // it resets the stream and keeps the connection: the next try would go over the same dead one, and every other
        // request with it, where now it opens another. And a download would stand in front of an emergency on one TCP link.
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        self.configuration = configuration
        client = Mutex(HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
    }

    /// Bytes of answers and streams that came, ever.
    var receivedBytes: Int64 { received.withLock { $0 } }

    func count(_ bytes: Int) { received.withLock { $0 += Int64(bytes) } }

    /// Gives up every connection that is open, with whatever is asked over it; the next question opens another. For when the
    /// machine has slept: what was open then may be dead, and nothing says so for half a minute.
    func reset() async {
        let fresh = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let before = client.withLock { client in
            defer { client = fresh }
            return client
        }
        try? await before.shutdown()
    }

    /// Closes every connection. Call it once, at the end.
    public func close() async {
        // Nothing waits for these connections any more; a failure to close them changes nothing.
        try? await client.withLock({ $0 }).shutdown()
    }

    /// One request, signed; its answer when the relay said yes.
    /// - Throws: ``RelayRefusal`` for a problem, ``DeviceKitError`` when the relay does not answer in a way that we read.
    public func answer(to request: RelayRequest, signer: RequestSigner?) async throws -> [UInt8] {
        var attempts = 0
        while true {
            attempts += 1
            do {
                return try await attempt(request, signer: signer)
            } catch let refusal as RelayRefusal where attempts < Self.attempts {
                try await prepareAnotherAttempt(after: refusal, isSigned: signer != nil)
            }
        }
    }

    /// What may be asked again: with the relay's time when ours is wrong, after a moment when it has too much to do.
    private func prepareAnotherAttempt(after refusal: RelayRefusal, isSigned: Bool) async throws {
        let problem = refusal.problem
        switch problem.code {
        case .clock where isSigned:
            guard let time = problem.relayTime.flatMap({ Timestamp(Array($0.utf8)) }) else { throw refusal }
            clock.learn(time)
        case .busy, .quota, .unavailable:
            guard let seconds = problem.retryAfter, (0...Self.longestPauseSeconds).contains(seconds) else {
                throw refusal
            }
            let milliseconds = Int64(seconds) * 1_000
            try await Task.sleep(for: .milliseconds(milliseconds + Int64.random(in: 0...500)))
        default: throw refusal
        }
    }

    /// One request whose answer is one of the API's shapes.
    public func answer<Shape: Decodable>(
        to request: RelayRequest, signer: RequestSigner?, as shape: Shape.Type
    ) async throws -> Shape {
        let bytes = try await answer(to: request, signer: signer)
        do { return try APIJSON.decode(shape, from: bytes) } catch { throw Self.unreadable() }
    }

    /// Opens a stream of server-sent events.
    public func stream(_ request: RelayRequest, signer: RequestSigner) async throws -> EventStream {
        var attempts = 0
        while true {
            attempts += 1
            let response = try await execute(request, signer: signer)
            if response.status == .ok { return EventStream(body: response.body, connection: self) }
            let error = try await refusal(response)
            guard let refusal = error as? RelayRefusal, attempts < Self.attempts else { throw error }
            try await prepareAnotherAttempt(after: refusal, isSigned: true)
        }
    }

    /// Opens the stream that a ring token is good for.
    func ringStream(_ token: RingToken) async throws -> EventStream {
        let response = try await execute(.get(APIPath.ring), signer: nil, ringToken: token)
        guard response.status == .ok else { throw try await refusal(response) }
        return EventStream(body: response.body, connection: self)
    }

    private func attempt(_ request: RelayRequest, signer: RequestSigner?) async throws -> [UInt8] {
        let response = try await execute(request, signer: signer)
        guard (200..<300).contains(response.status.code) else { throw try await refusal(response) }
        var answer: [UInt8] = []
        do {
            for try await chunk in response.body {
                count(chunk.readableBytes)
                guard answer.count + chunk.readableBytes <= request.answerByteCount else {
                    throw NIOTooManyBytesError(maxBytes: request.answerByteCount)
                }
                answer += chunk.readableBytesView
            }
            return answer
        } catch is NIOTooManyBytesError {
            throw Self.unreadable()
        } catch {
            throw unreachable(error)
        }
    }

    private func execute(
        _ request: RelayRequest, signer: RequestSigner?, ringToken: RingToken? = nil
    ) async throws -> HTTPClientResponse {
        var message = HTTPClientRequest(url: "https://\(address)\(request.target)")
        message.method = HTTPMethod(rawValue: request.method)
        message.headers.add(name: "host", value: address)
        if let body = request.body {
            message.headers.add(name: "content-type", value: request.contentType ?? "application/octet-stream")
            message.headers.add(name: "content-digest", value: RequestSignature.Components.digest(body))
            message.body = .bytes(ByteBuffer(bytes: body))
        }
        if let id = request.lastEventID { message.headers.add(name: "last-event-id", value: id) }
        if let ringToken { message.headers.add(name: "authorization", value: ringToken.header) }
        if let signer {
            let components = RequestSignature.Components(
                method: request.method, authority: address, path: request.path, query: request.queryText,
                body: request.body)
            let signature = RequestSignature(components, keyID: signer.keyID, key: signer.key, created: clock.now())
            let hasBody = request.body != nil
            message.headers.add(name: "signature-input", value: signature.inputHeader(hasBody: hasBody))
            message.headers.add(name: "signature", value: signature.signatureHeader)
        }
        do {
            return try await client.withLock({ $0 }).execute(message, timeout: TimeAmount(patience.answer))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw unreachable(error)
        }
    }

    private func refusal(_ response: HTTPClientResponse) async throws -> any Error {
        let body = try? await response.body.collect(upTo: RelayRequest.smallAnswerByteCount)
        guard let body, let problem = try? APIJSON.decode(Problem.self, from: Array(buffer: body)) else {
            return DeviceKitError(
                "relay_answer_unreadable", .unreachable,
                "the relay at \(address) answered with status \(response.status.code) and without a reason",
                next: "check that \(address) is a Nightbell relay, and try again")
        }
        return RelayRefusal(problem: problem)
    }

    private static func unreadable() -> DeviceKitError {
        DeviceKitError(
            "relay_answer_unreadable", .verification, "the relay's answer is not of the documented form",
            next: "check that client and relay are of one version; tell the relay's operator")
    }

    /// The cause in our words; a library's error could carry what it was sent.
    private func unreachable(_ error: any Error) -> DeviceKitError {
        if error is NIOSSLError || error is NIOSSLExtraError {
            return DeviceKitError(
                "relay_not_trusted", .unreachable,
                "the relay at \(address) does not show a certificate of an authority that this profile trusts",
                next: "name the relay's CA file with --ca FILE, or ask its operator")
        }
        let cause: String
        switch error as? HTTPClientError {
        case .connectTimeout?:
            cause = "does not answer (no connection in \(patience.connect.components.seconds) s)"
        case .deadlineExceeded?, .readTimeout?: cause = "does not answer in time"
        case .remoteConnectionClosed?: cause = "closed the connection"
        default: cause = "cannot be reached"
        }
        return DeviceKitError(
            "relay_unreachable", .unreachable, "the relay at \(address) \(cause)",
            next: "check the network, and try again")
    }
}
