import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import RelayAPI
import Secrets
import Statements
import TransparencyLog

/// A request with its body read and bounded.
struct RelayRequest: Sendable {
    let components: RequestSignature.Components
    let body: [UInt8]
    let address: String
    private let input: String?
    private let signature: String?
    private let digest: String?
    private let parameters: Parameters
    private let query: [String: String]

    private static let signatureInput = HTTPField.Name("Signature-Input")!
    private static let signatureField = HTTPField.Name("Signature")!
    private static let contentDigest = HTTPField.Name("Content-Digest")!
    private static let host = HTTPField.Name("Host")!

    /// - Throws: ``Problem`` for a body beyond `limit`, or a query that is not of plain `name=value` pairs.
    init(_ request: Request, _ context: RelayContext, limit: Int) async throws {
        let method = request.method
        if method == .post || method == .put {
            do {
                body = Array(try await request.body.collect(upTo: limit).readableBytesView)
            } catch is NIOTooManyBytesError {
                throw Problems.tooLarge(limit)
            } catch {
                throw Problems.malformed("its body did not come whole")
            }
        } else {
            body = []
        }
        let query = request.uri.query ?? ""
        // Proxies that turn HTTP/1.1 into HTTP/2 may leave the name in its old place (RFC 9113, section 8.3.1).
        let authority = request.head.authority ?? request.headers[Self.host] ?? ""
        components = RequestSignature.Components(
            method: method.rawValue, authority: authority.lowercased(), path: request.uri.path,
            query: query, body: method == .post || method == .put ? body : nil)
        var values: [String: String] = [:]
        for pair in query.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, values[String(parts[0])] == nil else { throw Problems.malformed("query") }
            values[String(parts[0])] = String(parts[1])
        }
        self.query = values
        address = context.address
        input = request.headers[Self.signatureInput]
        signature = request.headers[Self.signatureField]
        digest = request.headers[Self.contentDigest]
        parameters = context.parameters
    }

    func claimed(_ authenticator: Authenticator) throws(Problem) -> Authenticator.Claimed {
        try authenticator.claimed(input: input, signature: signature, contentDigest: digest, components: components)
    }

    func parameter(_ name: String) -> String { parameters.get(name) ?? "" }

    /// A non-negative integer in the query; 0 when absent.
    func number(_ name: String) throws -> UInt64 {
        guard let text = query[name] else { return 0 }
        guard let number = try? TextReader.integer(Array(text.utf8)[...], or: StatementError(.malformed, part: name))
        else { throw Problems.malformed("query \(name)") }
        return number
    }

    var known: Present.Known {
        get throws { Present.Known(roster: try number("roster"), activity: try number("activity")) }
    }

    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let value = try? APIJSON.decode(type, from: body) else { throw Problems.malformed("JSON body") }
        return value
    }
}
