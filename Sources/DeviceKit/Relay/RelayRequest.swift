public import RelayAPI
public import Secrets
import Statements

/// Who signs a request: a device, an invitation's key, or the recovery key.
public final class RequestSigner: Sendable {
    /// `dev-…`, `inv-…` or `recovery`.
    public let keyID: String
    /// The signing key.
    public let key: SigningKey

    public init(keyID: String, key: consuming SigningKey) {
        self.keyID = keyID
        self.key = key
    }
}

/// One request to the relay.
public struct RelayRequest: Sendable {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    public let method: String
    /// One of ``RelayAPI/APIPath``.
    public let path: String
    /// Plain words and numbers.
    public let query: [(name: String, value: String)]
    public let body: [UInt8]?
    public let contentType: String?
    /// The longest answer that is read.
    public let answerByteCount: Int
    /// Sent with a stream that goes on after this event.
    public let lastEventID: String?

    private init(
        method: String, path: String, query: [(name: String, value: String)], body: [UInt8]?, contentType: String?,
        answerByteCount: Int, lastEventID: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.contentType = contentType
        self.answerByteCount = answerByteCount
        self.lastEventID = lastEventID
    }

    /// 32 MiB: a hundred of the largest items.
    public static let largeAnswerByteCount = 32 << 20
    /// 4 MiB.
    public static let smallAnswerByteCount = 4 << 20

    public static func get(
        _ path: String, query: [(name: String, value: String)] = [], answerByteCount: Int = largeAnswerByteCount,
        lastEventID: String? = nil
    ) -> RelayRequest {
        RelayRequest(
            method: "GET", path: path, query: query, body: nil, contentType: nil, answerByteCount: answerByteCount,
            lastEventID: lastEventID)
    }

    public static func post(
        _ path: String, query: [(name: String, value: String)] = [], bytes: [UInt8], type: String
    ) -> RelayRequest {
        RelayRequest(
            method: "POST", path: path, query: query, body: bytes, contentType: type,
            answerByteCount: smallAnswerByteCount)
    }

    public static func post(
        _ path: String, query: [(name: String, value: String)] = [], json: some Encodable
    ) -> RelayRequest {
        post(path, query: query, bytes: APIJSON.encode(json), type: "application/json")
    }

    public static func put(_ path: String, json: some Encodable) -> RelayRequest {
        RelayRequest(
            method: "PUT", path: path, query: [], body: APIJSON.encode(json), contentType: "application/json",
            answerByteCount: smallAnswerByteCount)
    }

    /// One that says everything by its path. Its body is empty, and signed like any other of a POST.
    public static func post(_ path: String) -> RelayRequest {
        post(path, bytes: [], type: "application/octet-stream")
    }

    public static func delete(_ path: String) -> RelayRequest {
        RelayRequest(
            method: "DELETE", path: path, query: [], body: nil, contentType: nil, answerByteCount: smallAnswerByteCount)
    }

    /// A piece of something larger.
    public static func put(_ path: String, query: [(name: String, value: String)], bytes: [UInt8]) -> RelayRequest {
        RelayRequest(
            method: "PUT", path: path, query: query, body: bytes, contentType: "application/octet-stream",
            answerByteCount: smallAnswerByteCount)
    }

    var queryText: String { query.map { "\($0.name)=\($0.value)" }.joined(separator: "&") }
    var target: String { query.isEmpty ? path : "\(path)?\(queryText)" }
}

/// The relay's no, as it gave it: not believed, only shown and checked.
public struct RelayRefusal: Error, Sendable {
    public let problem: Problem

    /// Whether it says that this device is revoked; the signed roster tells whether it is.
    public var saysRevoked: Bool { problem.code == .revoked }
}
