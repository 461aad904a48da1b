import AsyncHTTPClient
import DeviceKit
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import RelayAPI
import ServiceLifecycle
import Statements
import Synchronization

/// Stands at the relay's address with the relay's own certificate, and passes every request on to a real relay: until a
/// test gives it a lie to tell.
///
/// It is the relay, as far as anybody can see: what it changes, holds back, repeats or makes up is the relay's word.
final class LyingRelay: Sendable {
    /// What somebody asks.
    struct Question: Sendable {
        let method: String
        let path: String
        let query: String
        let headers: HTTPFields
        let authority: String
        let body: [UInt8]
        /// The device that signed the request, or the statement in it.
        let asker: DeviceID?

        var target: String { query.isEmpty ? path : "\(path)?\(query)" }
    }

    /// What it answers.
    struct Answer: Sendable {
        var status = 200
        var type = "application/json"
        var body: [UInt8]

        static func json(_ value: some Encodable) -> Answer { Answer(body: APIJSON.encode(value)) }
    }

    /// What is told in place of the truth.
    struct Lie: Sendable {
        /// Which real relay answers: its place in the order of ``LyingRelay/setBackends(_:)``.
        var backend: @Sendable (Question) -> Int = { _ in 0 }
        /// Answers by itself, or `nil` to pass the question on. `forward` asks the real relay.
        var answer:
            @Sendable (_ question: Question, _ forward: @Sendable (Question) async throws -> Answer) async throws
                -> Answer? = { _, _ in nil }
        /// What an item of a queue becomes, polled or streamed: itself, another, several or none.
        var item: @Sendable (QueueItem, DeviceID?) -> [QueueItem] = { item, _ in [item] }
        /// What a word on the present becomes.
        var head: @Sendable (HeadAnswer, DeviceID?) -> HeadAnswer = { head, _ in head }
        /// Which events of a stream go out at all, and whether a byte that is no event goes out every 100 ms instead.
        var passes: @Sendable (StreamEvent, DeviceID?) -> Bool = { _, _ in true }
        var trickles: @Sendable (DeviceID?) -> Bool = { _ in false }
        /// With what a stream is ended once its backlog is through; `nil` leaves it open.
        var end: @Sendable (DeviceID?) -> Problem? = { _ in nil }
    }

    private struct State {
        var lie: Lie?
        var backends: [Int] = []
        var questions: [String] = []
    }

    private let client: HTTPClient
    private let state = Mutex(State())

    init(certificateAuthority: String) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificateAuthority))
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(Int64(Programs.patienceSeconds))
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Tells this lie from now on; `nil` is the truth again.
    func tell(_ lie: Lie?) { state.withLock { $0.lie = lie } }

    /// The ports of the real relays.
    func setBackends(_ ports: [Int]) { state.withLock { $0.backends = ports } }

    /// How often a path that ends so was asked for.
    func count(_ suffix: String) -> Int { state.withLock { $0.questions.count { $0.hasSuffix(suffix) } } }

    func close() async throws { try await client.shutdown() }

    // MARK: Serving

    /// The server, for a service group.
    func server(port: Int, certificate: String, key: String, onRunning: @escaping @Sendable () -> Void) throws
        -> some Service
    {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        var logger = Logger(label: "lying-relay")
        logger.logLevel = .critical
        return Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in try await self.respond(to: request) },
            server: try .tls(.http1(), tlsConfiguration: tls),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in onRunning() }, logger: logger)
    }

    private func respond(to request: Request) async throws -> Response {
        let query = request.uri.query ?? ""
        if request.uri.path == APIPath.stream {
            return try await stream(request, Self.question(request, query: query, body: []))
        }
        let body = try await request.body.collect(upTo: APILimits.envelopeByteCount)
        let question = Self.question(request, query: query, body: Array(buffer: body))
        state.withLock { $0.questions.append(question.path) }
        let lie = state.withLock { $0.lie }
        let answer: Answer
        if let own = try await lie?.answer(question, { try await self.forward($0) }) {
            answer = own
        } else {
            answer = try rewritten(try await forward(question), to: question, lie)
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: [.contentType: answer.type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    private static func question(_ request: Request, query: String, body: [UInt8]) -> Question {
        Question(
            method: request.method.rawValue, path: request.uri.path, query: query, headers: request.headers,
            authority: request.head.authority ?? "", body: body, asker: asker(request, body))
    }

    private static func asker(_ request: Request, _ body: [UInt8]) -> DeviceID? {
        if let input = request.headers[HTTPField.Name("signature-input")!], let start = input.range(of: "keyid=\"") {
            return DeviceID(String(input[start.upperBound...].prefix { $0 != "\"" }))
        }
        if let envelope = try? Envelope(parsing: body) { return envelope.manifest.sender }
        let notes = NoteBatch.decode(body, maximum: APILimits.receiptsInBatch) ?? []
        return notes.first.flatMap { try? SignedNote(parsing: $0) }.flatMap { try? Receipt(parsing: $0.text) }?.device
    }

    // MARK: The real relay

    /// What the real relay answers.
    func forward(_ question: Question) async throws -> Answer {
        let response = try await execute(question)
        let body = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code), type: response.headers.first(name: "content-type") ?? "",
            body: Array(buffer: body))
    }

    private func execute(_ question: Question) async throws -> HTTPClientResponse {
        let port = state.withLock { state in state.backends[state.lie?.backend(question) ?? 0] }
        var request = HTTPClientRequest(url: "https://localhost:\(port)\(question.target)")
        request.method = HTTPMethod(rawValue: question.method)
        // Requests are signed over the authority that the client named.
        request.headers.add(name: "host", value: question.authority)
        for field in question.headers where !Self.ownFields.contains(field.name.canonicalName) {
            request.headers.add(name: field.name.canonicalName, value: field.value)
        }
        if question.method != "GET" { request.body = .bytes(ByteBuffer(bytes: question.body)) }
        return try await client.execute(request, timeout: .seconds(Int64(Programs.patienceSeconds)))
    }

    private static let ownFields: Set<String> = ["host", "connection", "content-length", "transfer-encoding"]

    private func rewritten(_ answer: Answer, to question: Question, _ lie: Lie?) throws -> Answer {
        guard let lie, answer.status == 200 else { return answer }
        if question.path == APIPath.inbox {
            let inbox = try APIJSON.decode(InboxAnswer.self, from: answer.body)
            return .json(
                InboxAnswer(
                    items: inbox.items.flatMap { lie.item($0, question.asker) }, more: inbox.more,
                    head: lie.head(inbox.head, question.asker)))
        }
        if question.path.hasSuffix("/head") {
            return .json(lie.head(try APIJSON.decode(HeadAnswer.self, from: answer.body), question.asker))
        }
        if question.path.hasSuffix("/claims") {
            let claim = try APIJSON.decode(ClaimAnswer.self, from: answer.body)
            return .json(ClaimAnswer(prekeys: claim.prekeys, head: lie.head(claim.head, question.asker)))
        }
        return answer
    }

    // MARK: Streams

    private func stream(_ request: Request, _ question: Question) async throws -> Response {
        let response = try await execute(question)
        guard response.status == .ok else {
            let body = try await response.body.collect(upTo: 1 << 20)
            return Response(
                status: HTTPResponse.Status(code: Int(response.status.code)),
                headers: [.contentType: response.headers.first(name: "content-type") ?? ""],
                body: ResponseBody(byteBuffer: body))
        }
        let body = ResponseBody { writer in
            // Ends at once when the device goes, and then the real relay's stream is let go too.
            try? await request.body.consumeWithCancellationOnInboundClose { _ in
                while self.state.withLock({ $0.lie })?.trickles(question.asker) ?? false {
                    try await writer.write(ByteBuffer(string: ":"))
                    try await Task.sleep(for: .milliseconds(100))
                }
                var parser = EventParser()
                for try await chunk in response.body {
                    for event in try parser.take(chunk.readableBytesView) {
                        for text in try self.rewritten(event, for: question.asker) {
                            try await writer.write(ByteBuffer(string: text))
                        }
                    }
                }
            }
            try? await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream"], body: body)
    }

    private func rewritten(_ event: ServerEvent, for asker: DeviceID?) throws -> [String] {
        let lie = state.withLock { $0.lie }
        func text(_ name: String, _ data: [UInt8], id: String?) -> String {
            "\(id.map { "id: \($0)\n" } ?? "")event: \(name)\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
        }
        let known = StreamEvent(rawValue: event.name)
        if let lie, let known, !lie.passes(known, asker) { return [] }
        switch known {
        case .item:
            guard let lie else { break }
            let item = try APIJSON.decode(QueueItem.self, from: event.data)
            return lie.item(item, asker).map { text(event.name, APIJSON.encode($0), id: "\($0.number)") }
        case .head:
            guard let lie else { break }
            let head = try APIJSON.decode(HeadAnswer.self, from: event.data)
            return [text(event.name, APIJSON.encode(lie.head(head, asker)), id: nil)]
        case .drained:
            // A sign of life at once: whoever holds an item back asks for it again after one, and no test waits for it.
            let end = lie?.end(asker).map { text(StreamEvent.end.rawValue, APIJSON.encode($0), id: nil) }
            return [text(event.name, event.data, id: nil), text(StreamEvent.keepAlive.rawValue, [], id: nil)]
                + [end].compactMap { $0 }
        default: break
        }
        return [text(event.name, event.data, id: event.id)]
    }
}
