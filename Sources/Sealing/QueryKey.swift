public import Secrets
public import Statements

/// The key under which auditors hash what they ask, so that their looks can be logged and not be guessed.
///
/// `crypto_kdf` of BLAKE2b-256(audit key's secret) with context `nbaccess`: subkey 1 for what stands in the log, 2 for an
/// auditor's own index. Two auditors with one audit key recognise the same question; a relay cannot test one.
public struct QueryKey: ~Copyable, Sendable {
    private static let firstLine = "nightbell.query/v1"

    private let logged: SecretBytes
    private let local: SecretBytes

    /// - Parameter auditKey: Its private half: X25519 scalar ‖ ML-KEM seed.
    public init(auditKey: borrowing EncapsulationPrivateKey) { self.init(root: auditKey.secret().hash()) }

    /// - Parameter root: 32 bytes of an auditor's device that holds no audit key.
    public init(root: borrowing SecretBytes) {
        logged = root.subkey(1, context: "nbaccess")
        local = root.subkey(2, context: "nbaccess")
    }

    /// What a look says that was asked: BLAKE2b-256 of `nightbell.query/v1` LF `org` LF `kind` LF query, under subkey 1.
    /// - Parameter query: Normalised, in UTF-8.
    public borrowing func hash(
        of query: [UInt8], kind: AccessKind, organisation: OrganisationID
    ) -> Secrets.Digest {
        Self.digest(logged.keyedHash(of: Array("\(Self.firstLine)\n\(organisation)\n\(kind.rawValue)\n".utf8) + query))
    }

    /// What finds it again in an auditor's own index, and has nothing to do with what the log says.
    public borrowing func lookup(of query: [UInt8]) -> Secrets.Digest { Self.digest(local.keyedHash(of: query)) }

    /// A keyed hash that is given away.
    private static func digest(_ bytes: consuming SecretBytes) -> Secrets.Digest {
        Secrets.Digest(bytes.exposed())!
    }
}
