public import Logging
import Secrets

/// Short names for identifiers in logs: equal within one run of the process, unrelated to anything beyond it.
///
/// The first 32 bits of BLAKE2b keyed with 32 random bytes that no file ever holds: whoever reads a log later can follow
/// one device through it, and can neither tell which device it is nor find it in another run's log.
public final class LogPseudonym: Sendable {
    private let key: SecretBytes

    /// With a fresh key.
    public init() {
        key = SecretBytes(random: 32)
    }

    /// Eight hex digits that stand for `identifier`.
    public func name(of identifier: some CustomStringConvertible) -> String {
        Hex.encode(key.keyedHash(of: Array(identifier.description.utf8)).exposed().prefix(4))
    }

    /// The short name as a metadata value, which appears at `debug` and `trace` alone.
    public func metadata(of identifier: some CustomStringConvertible) -> Logger.MetadataValue {
        .attributed(name(of: identifier), attributes: [LogSensitivity.identifier])
    }
}
