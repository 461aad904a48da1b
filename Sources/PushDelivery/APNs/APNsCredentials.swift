import Foundation
import JWTKit
public import Secrets

/// Who the relay is to Apple: the key of a developer team (`.p8`), and the app that pages are for.
public struct APNsCredentials: Sendable {
    /// 10 characters: which of the team's keys.
    public let keyID: String
    /// 10 characters.
    public let teamID: String
    /// The app's bundle id.
    public let topic: String
    private let key: ES256PrivateKey

    /// - Parameter pem: The file that Apple gave.
    public init(keyID: String, teamID: String, topic: String, pem: borrowing SecretBytes) throws(PushCredentialsFault) {
        for (what, id) in [("key id", keyID), ("team id", teamID)] {
            guard id.count == 10, id.utf8.allSatisfy(Self.isLetterOrDigit) else {
                throw PushCredentialsFault("the \(what) of APNs has ten letters and digits")
            }
        }
        guard !topic.isEmpty, topic.count <= 255,
            topic.utf8.allSatisfy({ Self.isLetterOrDigit($0) || Array(".-".utf8).contains($0) })
        else { throw PushCredentialsFault("the topic of APNs is the app's bundle id") }
        var exposed = pem.exposed()
        defer { wipe(&exposed) }
        guard let key = try? ES256PrivateKey(pem: exposed) else {
            throw PushCredentialsFault("the key of APNs is no P-256 private key in PEM, as Apple gives it")
        }
        self.keyID = keyID
        self.teamID = teamID
        self.topic = topic
        self.key = key
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    fileprivate func token(issued: Int) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key)
        return try await keys.sign(Claims(iss: teamID, iat: issued), header: ["kid": .string(keyID)])
    }

    private struct Claims: JWTPayload {
        let iss: String
        let iat: Int

        func verify(using algorithm: some JWTAlgorithm) throws {}
    }
}

/// The one token of all workers. Apple refuses one older than an hour, and one made sooner than 20 minutes after the last.
actor APNsTokens {
    /// 50 minutes.
    static let lifeSeconds = 3_000
    /// 20 minutes.
    static let leastSeconds = 1_200

    private let credentials: APNsCredentials
    private let now: @Sendable () -> Int
    private var current: (text: String, issued: Int)?

    init(_ credentials: APNsCredentials, now: @escaping @Sendable () -> Int) {
        self.credentials = credentials
        self.now = now
    }

    func authorization() async throws -> String {
        let time = now()
        // A clock that was set back makes a token of the future.
        if let current, (0..<Self.lifeSeconds).contains(time - current.issued) { return "bearer \(current.text)" }
        let text = try await credentials.token(issued: time)
        current = (text, time)
        return "bearer \(text)"
    }

    /// After Apple called it too old.
    /// - Returns: Whether another may be made already.
    func expire() -> Bool {
        guard let current, now() - current.issued < Self.leastSeconds else {
            self.current = nil
            return true
        }
        return false
    }
}
