import Secrets

/// How a profile keeps its store key: sealed under a key made of a passphrase, or of a key file.
struct StoreKeyWrap: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case passphrase(salt: [UInt8], cost: PassphraseCost)
        case keyFile
    }

    static let keyByteCount = 32
    private static let binding = Array("nightbell.store-key/v1".utf8)

    let kind: Kind
    let sealed: [UInt8]

    /// Wraps a store key.
    /// - Throws: ``DeviceKitError`` for a passphrase that is too short, or a key file that cannot be had.
    static func make(
        _ source: UnlockSource, of storeKey: borrowing SecretBytes, cost: PassphraseCost
    ) throws -> StoreKeyWrap {
        switch source {
        case .keyFile(let path):
            do { try KeyFile.create(path, holding: SecretBytes(random: keyByteCount)) } catch {
                guard error.code == .keyFileExists else { throw Self.keyFileError(error, path: path) }
            }
            let key = try keyFromFile(path)
            return StoreKeyWrap(
                kind: .keyFile, sealed: XChaCha20Poly1305.seal(storeKey, key: key, binding: binding))
        case .passphraseFile, .ask:
            let passphrase = try passphrase(from: source, creating: true)
            guard passphrase.length >= PassphraseCost.minimumPassphraseLength else {
                throw DeviceKitError(
                    "passphrase_too_short", .usage, "the passphrase has fewer than 10 characters",
                    next: "choose one of at least 10 characters; several words are easiest to remember")
            }
            let salt = randomBytes(PassphraseCost.saltByteCount)
            let key = try derived(passphrase, salt: salt, cost: cost)
            return StoreKeyWrap(
                kind: .passphrase(salt: salt, cost: cost),
                sealed: XChaCha20Poly1305.seal(storeKey, key: key, binding: binding))
        }
    }

    /// Opens the store key.
    /// - Throws: ``DeviceKitError`` of category `locked` when the passphrase or key file is another one.
    func open(_ source: UnlockSource) throws -> SecretBytes {
        switch (kind, source) {
        case (.keyFile, .keyFile(let path)):
            return try unwrap(
                with: try Self.keyFromFile(path),
                or: DeviceKitError(
                    "wrong_key_file", .locked, "the key file \"\(path)\" does not open this profile",
                    next: "name the key file with which the profile was made"))
        case (.keyFile, _):
            throw DeviceKitError(
                "key_file_needed", .locked, "this profile is opened with a key file",
                next: "name it with --key-file FILE")
        case (.passphrase, .keyFile):
            throw DeviceKitError(
                "passphrase_needed", .locked, "this profile is opened with a passphrase",
                next: "leave --key-file out, or unset NIGHTBELL_KEY_FILE")
        case (.passphrase(let salt, let cost), _):
            for _ in 1..<source.attempts {
                do {
                    return try open(passphrase: source, salt: salt, cost: cost)
                } catch let error as DeviceKitError where error.code == "wrong_passphrase" {
                    continue
                }
            }
            return try open(passphrase: source, salt: salt, cost: cost)
        }
    }

    private func open(passphrase source: UnlockSource, salt: [UInt8], cost: PassphraseCost) throws -> SecretBytes {
        let passphrase = try Self.passphrase(from: source, creating: false)
        return try unwrap(
            with: try Self.derived(passphrase, salt: salt, cost: cost),
            or: DeviceKitError("wrong_passphrase", .locked, "that is not this profile's passphrase", next: "try again"))
    }

    private func unwrap(
        with key: borrowing SecretBytes, or failure: DeviceKitError
    ) throws(DeviceKitError) -> SecretBytes {
        do { return try XChaCha20Poly1305.openSecret(sealed, key: key, binding: Self.binding) } catch { throw failure }
    }

    private static func passphrase(from source: UnlockSource, creating: Bool) throws -> Passphrase {
        switch source {
        case .passphraseFile(let path): return try Passphrase(file: path)
        case .ask(_, let ask): return try ask(creating)
        case .keyFile: preconditionFailure("a key file is no passphrase")
        }
    }

    private static func derived(
        _ passphrase: borrowing Passphrase, salt: [UInt8], cost: PassphraseCost
    ) throws(DeviceKitError) -> SecretBytes {
        do { return try SecretBytes(passphrase: passphrase.secret, salt: salt, cost: cost) } catch {
            throw DeviceKitError(
                "out_of_memory", .tryAgain, "there is not enough memory to turn the passphrase into a key (256 MiB)",
                next: "close other programs and try again")
        }
    }

    private static func keyFromFile(_ path: String) throws(DeviceKitError) -> SecretBytes {
        do { return try KeyFile.read(path, count: keyByteCount) } catch { throw keyFileError(error, path: path) }
    }

    private static func keyFileError(_ error: SecretsError, path: String) -> DeviceKitError {
        switch error.code {
        case .keyFileTooOpen:
            DeviceKitError(
                "key_file_too_open", .refused, "the key file \"\(path)\" can be read by others",
                next: "run: chmod 600 '\(path)'")
        default:
            DeviceKitError(
                "key_file_unreadable", .configuration,
                "the key file \"\(path)\" is missing, not of 32 bytes, or cannot be read or made",
                next: "check the path given with --key-file")
        }
    }
}

extension StoreKeyWrap {
    init?(_ document: JSONValue) {
        guard let sealed = document["sealed"]?.string.flatMap({ Base64.decode(Array($0.utf8)) }) else { return nil }
        self.sealed = sealed
        switch document["kind"]?.string {
        case "key-file": kind = .keyFile
        case "passphrase":
            guard let salt = document["salt"]?.string.flatMap({ Base64.decode(Array($0.utf8)) }),
                salt.count == PassphraseCost.saltByteCount, let operations = document["operations"]?.integer,
                (1...64).contains(operations), let memory = document["memory"]?.integer,
                (8_192...(1 << 32)).contains(memory)
            else { return nil }
            kind = .passphrase(salt: salt, cost: PassphraseCost(operations: UInt64(operations), memory: Int(memory)))
        default: return nil
        }
    }

    var document: JSONValue {
        switch kind {
        case .keyFile: ["kind": "key-file", "sealed": .string(Base64.encode(sealed))]
        case .passphrase(let salt, let cost):
            [
                "kind": "passphrase", "salt": .string(Base64.encode(salt)), "operations": .integer(cost.operations),
                "memory": .integer(cost.memory), "sealed": .string(Base64.encode(sealed)),
            ]
        }
    }
}
