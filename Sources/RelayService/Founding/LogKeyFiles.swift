import Secrets
import Statements
import SystemPackage
import TransparencyLog

/// Log keys as files in the data directory's `keys`: one 32-byte seed each, 0600, named by the hash of the public key.
struct LogKeyFiles: Sendable {
    let directory: FilePath

    /// Writes a key durably; one that is there already is the same key.
    func store(_ key: borrowing SigningKey) throws(SecretsError) {
        do {
            try KeyFile.create(path(of: key.verifyingKey), holding: key.seed())
        } catch  where error.code == .keyFileExists {
            return
        }
    }

    /// The two keys that a genesis names.
    /// - Throws: ``SecretsError`` when a file is missing, too open, or another's.
    func load(_ genesis: Genesis) throws(SecretsError) -> OrganisationKeys {
        OrganisationKeys(
            roster: LogSigner(origin: genesis.origin(of: .roster), key: try load(genesis.rosterKey)),
            activity: LogSigner(origin: genesis.origin(of: .activity), key: try load(genesis.activityKey)))
    }

    private func load(_ key: VerifyingKey) throws(SecretsError) -> SigningKey {
        let path = path(of: key)
        let signing = SigningKey(seed: try KeyFile.read(path, count: SigningKey.seedByteCount))
        guard signing.verifyingKey == key else { throw SecretsError(.keyFileUnreadable, path: path) }
        return signing
    }

    private func path(of key: VerifyingKey) -> String {
        directory.appending("log-\(Base32.encode(Digest.sha256(key.bytes).bytes.prefix(20))).key").string
    }
}
