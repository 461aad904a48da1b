import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import RelayAPI

/// An HTTP client that sends what it is told, however wrong.
struct RawHTTP: Sendable {
    /// Never closed: it lives as long as the test process. Whose certificate answers is not the matter here.
    private static let client: HTTPClient = {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(Int64(Programs.patienceSeconds))
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    let address: String

    func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> RawAnswer {
        var request = HTTPClientRequest(url: "https://\(address)\(target)")
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "host", value: address)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await Self.client.execute(request, timeout: .seconds(Int64(Programs.patienceSeconds)))
        let type = response.headers.first(name: "content-type")
        // A stream that opened would stay: that it did is the answer.
        let isStream = type == "text/event-stream"
        let bytes = isStream ? [] : Array(buffer: try await response.body.collect(upTo: 16 << 20))
        return RawAnswer(status: Int(response.status.code), type: type, body: bytes)
    }
}

/// An answer as it came.
struct RawAnswer: Sendable {
    let status: Int
    let type: String?
    let body: [UInt8]

    /// The problem, when the answer is one in form and type.
    var problem: Problem? {
        guard type == Problem.contentType else { return nil }
        return try? APIJSON.decode(Problem.self, from: body)
    }

    func shape<Shape: Decodable>(_ shape: Shape.Type) throws -> Shape {
        guard status == 200 else {
            throw PreparationFailed("status \(status): \(String(decoding: body, as: UTF8.self))")
        }
        return try APIJSON.decode(shape, from: body)
    }
}
