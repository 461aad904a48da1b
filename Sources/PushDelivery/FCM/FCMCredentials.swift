import Foundation
import JWTKit
public import Secrets

/// Who the relay is to Google: the service account of a Firebase project, as its JSON file has it.
public struct FCMCredentials: Sendable {
    public let project: String
    let account: String
    /// An address that Google wrote into the file.
    private let tokenEndpoint: PushEndpoint
    private let keyID: String
    private let key: Insecure.RSA.PrivateKey

    private struct File: Decodable {
        let type: String
        let project_id: String
        let private_key_id: String
        let private_key: String
        let client_email: String
        let token_uri: String
    }

    /// - Parameter json: The service account's file.
    public init(json: borrowing SecretBytes) throws(PushCredentialsFault) {
        var exposed = json.exposed()
        defer { wipe(&exposed) }
        guard let file = try? JSONDecoder().decode(File.self, from: Data(exposed)), file.type == "service_account"
        else {
            throw PushCredentialsFault("the credentials of FCM are not the JSON file of a service account")
        }
        guard let endpoint = try? PushEndpoint(parsing: file.token_uri),
            file.project_id.wholeMatch(of: /[a-z0-9:.-]{1,100}/) != nil
        else {
            throw PushCredentialsFault(
                "the credentials of FCM name no project, or a token address that is not https and a name")
        }
        guard let key = try? Insecure.RSA.PrivateKey(pem: file.private_key) else {
            throw PushCredentialsFault("the private key in the credentials of FCM is no RSA key in PEM")
        }
        project = file.project_id
        account = file.client_email
        tokenEndpoint = endpoint
        keyID = file.private_key_id
        self.key = key
    }

    /// Where access tokens come from, without its path.
    public var tokenOrigin: String { tokenEndpoint.origin }

    /// Whole.
    var tokenAddress: String { tokenEndpoint.text }

    static let scope = "https://www.googleapis.com/auth/firebase.messaging"

    /// The signed assertion that is changed for an access token (RFC 7523).
    func assertion(issued: Int) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(rsa: key, digestAlgorithm: .sha256)
        return try await keys.sign(
            Claims(iss: account, scope: Self.scope, aud: tokenEndpoint.text, iat: issued, exp: issued + 3_600),
            header: ["kid": .string(keyID)])
    }

    private struct Claims: JWTPayload {
        let iss: String
        let scope: String
        let aud: String
        let iat: Int
        let exp: Int

        func verify(using algorithm: some JWTAlgorithm) throws {}
    }
}
