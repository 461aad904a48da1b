public import Secrets
public import Statements
import TransparencyLog

/// A message's capsule, as it was read.
public struct CapsuleReading: Sendable {
    /// What came of it.
    public enum Outcome: Sendable, Equatable {
        /// The message carries none.
        case none
        /// Its plaintext.
        case opened([UInt8])
        /// Its audit key is not held here.
        case closed(PrekeyID)
        /// It does not open, or is not there: what is wrong with it.
        case broken(AuditFinding.Code)
        /// It could not be had.
        case notGiven(CapsuleNotGiven)
    }

    public let message: MessageID
    public let index: UInt64
    /// Hash of the manifest: whoever shows the reading compares it with the log that was verified.
    public let manifest: Digest
    public let sender: DeviceID
    public let outcome: Outcome
}

/// Reads the capsules of the messages of a stretch of the activity log, for an index of whom they are about.
///
/// It judges nothing: an audit does. What it was given is held against the audited log by ``CapsuleReading/manifest``.
public struct CapsuleReader<Source: LogSource> {
    private let source: Source

    public init(_ source: Source) { self.source = source }

    /// The manifest at a place, with its hash; `nil` when none stands there.
    func manifest(at index: UInt64, size: UInt64) async throws -> (manifest: Manifest, hash: Digest)? {
        let width = UInt64(TilePath.fullWidth)
        let start = index / width * width
        guard index < size, let entries = try await source.entries(from: start, size: size, of: .activity) else {
            return nil
        }
        return Self.manifest(entries[Int(index - start)])
    }

    private static func manifest(_ bytes: [UInt8]) -> (manifest: Manifest, hash: Digest)? {
        guard let entry = try? Entry(parsing: bytes),
            case .manifest(let manifest, let note)? = try? ActivityStatement(parsing: entry.body)
        else { return nil }
        return (manifest, note.hash)
    }
}

extension CapsuleReader where Source: CapsuleSource {
    /// Reads every manifest from `first` on, in a log of `size` entries, and opens its capsule.
    /// - Parameter take: Told of each bundle's readings, and where the next one begins.
    /// - Throws: ``AuditError``, and what the source and `take` throw.
    public func read(
        from first: UInt64, size: UInt64, take: (_ readings: [CapsuleReading], _ next: UInt64) throws -> Void
    ) async throws {
        let width = UInt64(TilePath.fullWidth)
        var next = first
        while next < size {
            let start = next / width * width
            guard let entries = try await source.entries(from: start, size: size, of: .activity) else {
                throw AuditError(.notTheLog, "the activity log's entries from \(start) on")
            }
            var readings: [CapsuleReading] = []
            for (offset, bytes) in entries.enumerated() where start + UInt64(offset) >= next {
                guard let (manifest, hash) = Self.manifest(bytes) else { continue }
                readings.append(try await reading(of: manifest, hash, at: start + UInt64(offset)))
            }
            next = start + UInt64(entries.count)
            try take(readings, next)
        }
    }

    /// Reads one message's capsule again.
    /// - Returns: `nil` when no manifest stands at that place.
    public func read(at index: UInt64, size: UInt64) async throws -> CapsuleReading? {
        guard let (manifest, hash) = try await manifest(at: index, size: size) else { return nil }
        return try await reading(of: manifest, hash, at: index)
    }

    private func reading(of manifest: Manifest, _ hash: Digest, at index: UInt64) async throws -> CapsuleReading {
        let outcome: CapsuleReading.Outcome
        if let subject = CapsuleSubject(manifest, index: index) {
            outcome = try await CapsuleAudit.read(subject, from: source)
        } else {
            outcome = .none
        }
        return CapsuleReading(
            message: manifest.message, index: index, manifest: hash, sender: manifest.sender, outcome: outcome)
    }
}
