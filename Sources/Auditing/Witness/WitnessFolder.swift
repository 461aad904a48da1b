import Foundation
import Secrets
public import Statements
import TransparencyLog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a witness's key and memory lie: `witness.key` (0600), `state`, and `evidence/` once there is some. One process at a
/// time.
///
/// It is made once, whole or not at all. A state that is missing later is never made anew: a witness that forgot what it
/// cosigned can be led to cosign another history. For the same reason no copy of an earlier day may be put back.
public final class WitnessFolder: WitnessKeeper.Memory {
    static let keyName = "witness.key"
    static let stateName = "state"
    static let evidenceName = "evidence"
    /// 1,024 proofs: no number of liars fills a disk.
    static let evidenceLimit = 1_024
    /// 16 proofs of one log: one convicts it.
    public static let logEvidenceLimit = 16
    /// 128 KiB: two notes are shorter.
    static let evidenceByteCount = 131_072

    public let path: String
    /// Locked for as long as this lives.
    private let descriptor: Int32

    /// Makes a new witness, which knows no log yet.
    /// - Parameter name: Permitted as a key's name (``SignedNote/isKeyName(_:)``).
    /// - Throws: ``AuditError/Code/wouldOverwrite`` when there is something at `path`; ``AuditError/Code/unwritable``.
    public static func make(at path: String, name: String) throws(AuditError) -> WitnessKey {
        var folder = try DurableFolder(at: path)
        do {
            let key = SigningKey()
            let witness = WitnessKey(name: name, key: key.verifyingKey)
            try KeyFile.create("\(folder.draft)/\(keyName)", holding: key.seed())
            try folder.write(WitnessState(witness: witness).bytes, to: stateName)
            try folder.finish()
            return witness
        } catch {
            folder.discard()
            throw error as? AuditError ?? AuditError(.unwritable, "\"\(folder.draft)/\(keyName)\"")
        }
    }

    /// Takes the folder for this process.
    /// - Throws: ``AuditError/Code/noWitness`` or ``AuditError/Code/witnessInUse``.
    public init(_ path: String) throws(AuditError) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw AuditError(.noWitness, "\"\(path)\"") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw AuditError(.witnessInUse, "\"\(path)\"")
        }
    }

    deinit { close(descriptor) }

    /// The witness as it stands.
    /// - Throws: ``AuditError/Code/witnessStateLost``, ``AuditError/Code/witnessStateDamaged``,
    ///   ``AuditError/Code/witnessKeyUnfit``.
    public func witness() throws(AuditError) -> Witness {
        let state = try self.state()
        guard !isContradicted(state) else { throw AuditError(.witnessStateDamaged, "\"\(path)/\(Self.stateName)\"") }
        let seed: SecretBytes
        do { seed = try KeyFile.read("\(path)/\(Self.keyName)", count: SigningKey.seedByteCount) } catch {
            throw AuditError(
                .witnessKeyUnfit,
                "\"\(path)/\(Self.keyName)\" "
                    + (error.code == .keyFileTooOpen ? "is open to others" : "cannot be read"))
        }
        return try Witness(
            signer: CosignatureSigner(name: state.witness.name, key: SigningKey(seed: seed)), state: state)
    }

    /// What is remembered.
    public func state() throws(AuditError) -> WitnessState { try Self.look(path) }

    /// What is remembered, also while another process is at work: it is replaced whole.
    /// - Throws: ``AuditError/Code/noWitness``, ``AuditError/Code/witnessStateLost`` or
    ///   ``AuditError/Code/witnessStateDamaged``.
    public static func look(_ path: String) throws(AuditError) -> WitnessState {
        let file = "\(path)/\(stateName)"
        guard FileManager.default.fileExists(atPath: path) else { throw AuditError(.noWitness, "\"\(path)\"") }
        func isThere(_ path: String) -> Bool { (try? FileManager.default.attributesOfItem(atPath: path)) != nil }
        guard isThere(file) else {
            // Without a key there is nobody who must not sign again: it is another folder.
            guard isThere("\(path)/\(keyName)") else { throw AuditError(.noWitness, "\"\(path)\"") }
            throw AuditError(.witnessStateLost, "\"\(file)\"")
        }
        guard let bytes = BoundedFile.bytes(of: file, limit: WitnessState.maximumByteCount) else {
            throw AuditError(.witnessStateDamaged, "\"\(file)\"")
        }
        return try WitnessState(parsing: bytes)
    }

    /// The names of the files in `evidence/`, each with two notes that convict a log.
    public static func evidence(_ path: String) -> [String] {
        evidenceNames(path).filter { $0.hasSuffix(".notes") }.sorted()
    }

    /// Whatever is in `evidence/`, in no order.
    private static func evidenceNames(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(evidenceName)")) ?? []
    }

    /// Whether what lies in the folder shows that this witness cosigned more than the state says: that state was put back. It
    /// shows only what a log was convicted with; of anything else nothing but the state tells.
    private func isContradicted(_ state: WitnessState) -> Bool {
        Self.evidenceNames(path).prefix(Self.evidenceLimit).contains { name in
            let bytes = BoundedFile.bytes(of: "\(path)/\(Self.evidenceName)/\(name)", limit: Self.evidenceByteCount)
            return bytes.flatMap { KeptHeads(parsing: $0)?.notes }?.contains { state.isBehind($0) } ?? false
        }
    }

    /// - Throws: ``AuditError/Code/witnessFull`` for more than is ever read again, ``AuditError/Code/unwritable``.
    public func replace(_ state: WitnessState) throws {
        let bytes = state.bytes
        guard bytes.count <= WitnessState.maximumByteCount else {
            throw AuditError(.witnessFull, "more than \(WitnessState.maximumByteCount >> 20) MiB of logs' checkpoints")
        }
        try write(bytes, to: Self.stateName)
    }

    /// Up to ``logEvidenceLimit`` proofs of one log, and ``evidenceLimit`` of all: one that lies without end leaves room for others.
    public func keep(evidence: [[UInt8]]) -> Bool {
        if unsafe mkdir("\(path)/\(Self.evidenceName)", 0o700) == 0 { try? DurableFolder.synchronise(path) }
        let bytes = evidence.flatMap { $0 + [UInt8(ascii: "\n")] }
        let origin = Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
        let log = "\(Digest.sha256(origin).hex.prefix(16))-"
        let name = "\(log)\(Digest.sha256(bytes).hex.prefix(16)).notes"
        let names = Self.evidenceNames(path)
        if names.contains(name) { return true }
        guard names.count < Self.evidenceLimit, names.count(where: { $0.hasPrefix(log) }) < Self.logEvidenceLimit else {
            return false
        }
        return (try? write(bytes, to: "\(Self.evidenceName)/\(name)")) != nil
    }

    /// Written beside its place, made durable, renamed into it: after a crash the old bytes are there or the new.
    private func write(_ bytes: [UInt8], to name: String) throws(AuditError) {
        let file = "\(path)/\(name)"
        let error = AuditError(.unwritable, "\"\(file)\"")
        let fresh = unsafe open("\(file).new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard fresh >= 0 else { throw error }
        let isWritten = DurableFolder.write(bytes, to: fresh) && fsync(fresh) == 0
        guard close(fresh) == 0, isWritten, unsafe rename("\(file).new", file) == 0 else { throw error }
        try DurableFolder.synchroniseFolder(of: file)
    }
}
