import Secrets
public import Statements
import TransparencyLog

/// All that a witness remembers: its key, the logs that it knows, and the largest tree of each that it cosigned. Whoever
/// makes it forget one of them can have it cosign another history.
public struct WitnessState: Sendable {
    static let firstLine = "nightbell.witness/v1"
    /// 1,000.
    static let maximumLogCount = 1_000
    /// 8 MiB.
    static let maximumByteCount = 8 << 20

    public let witness: WitnessKey
    /// By the bytes of their origin: `==` of strings is canonical equivalence.
    private var byOrigin: [[UInt8]: WitnessedLog] = [:]

    public init(witness: WitnessKey) { self.witness = witness }

    /// By origin.
    public var logs: [WitnessedLog] {
        byOrigin.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    public subscript(origin: String) -> WitnessedLog? { byOrigin[Array(origin.utf8)] }

    /// Makes a log known, or one more key of a known one.
    /// - Returns: Whether that was new.
    /// - Throws: ``AuditError/Code/witnessFull``, ``AuditError/Code/witnessKeyUnfit`` for the witness's own key, or
    ///   ``AuditError/Code/logUnfit`` when what would be kept could not be read again: then nothing is added.
    public mutating func add(_ key: NoteKey) throws(AuditError) -> Bool {
        var next = self
        guard try next.insert(key) else { return false }
        guard next.readsBack(key.name) else {
            throw AuditError(
                .logUnfit, "what would be kept of the log \"\(VisibleText.of(key.name))\" could not be read again")
        }
        self = next
        return true
    }

    private mutating func insert(_ key: NoteKey) throws(AuditError) -> Bool {
        guard key.key != witness.key else { throw AuditError(.witnessKeyUnfit, "the key is the witness's own") }
        var log = self[key.name] ?? WitnessedLog(origin: key.name, keys: [], latest: nil)
        guard !log.keys.contains(key) else { return false }
        guard log.keys.count < WitnessedLog.maximumKeyCount,
            !log.keys.isEmpty || byOrigin.count < Self.maximumLogCount
        else { throw AuditError(.witnessFull, "too many logs or keys") }
        log.keys.append(key)
        byOrigin[Array(key.name.utf8)] = log
        return true
    }

    /// Remembers a larger tree, or the same one anew.
    mutating func remember(_ latest: WitnessedLog.Latest, of origin: String) {
        byOrigin[Array(origin.utf8)]?.latest = latest
    }

    /// Whether what is kept of a log is understood again as it is: a state that is not could never be used again. Lines of
    /// other logs change nothing in it.
    func readsBack(_ origin: String) -> Bool {
        var alone = WitnessState(witness: witness)
        alone.byOrigin[Array(origin.utf8)] = self[origin]
        return (try? WitnessState(parsing: alone.bytes)) != nil
    }

    /// Whether this witness cosigned a larger tree than it remembers, as a note shows that it signed itself.
    func isBehind(_ bytes: [UInt8]) -> Bool {
        guard let note = try? SignedNote(parsing: bytes), witness.cosignature(of: note) != nil,
            let checkpoint = try? Checkpoint(parsing: note.text)
        else { return false }
        return checkpoint.size > self[checkpoint.origin]?.latest?.checkpoint.size ?? 0
    }

    // MARK: As it is kept

    /// `log` and `latest` lines by turns, by origin.
    public var bytes: [UInt8] {
        var text = "\(Self.firstLine)\nwitness \(witness.vkey)\n"
        for log in logs {
            text += "log \(log.keys.map(\.vkey).joined(separator: " "))\n"
            text += "latest \(log.latest.map { Base64.encode($0.note.bytes) } ?? "none")\n"
        }
        return Array(text.utf8)
    }

    /// Parses exactly what ``bytes`` writes, and verifies every signature in it.
    /// - Throws: ``AuditError/Code/witnessStateDamaged``.
    public init(parsing bytes: [UInt8]) throws(AuditError) {
        let damaged = AuditError(.witnessStateDamaged, "the witness's state")
        guard bytes.count <= Self.maximumByteCount, bytes.last == UInt8(ascii: "\n"),
            String(validating: bytes, as: UTF8.self) != nil
        else { throw damaged }
        // By bytes: a mark at the beginning of a name joins the blank in front of it to one character.
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        func value(_ key: String) throws(AuditError) -> ArraySlice<UInt8> {
            guard let line = lines.popFirst(), line.starts(with: "\(key) ".utf8) else { throw damaged }
            return line.dropFirst(key.utf8.count + 1)
        }
        guard lines.popFirst()?.elementsEqual(Self.firstLine.utf8) == true,
            let name = String(validating: try value("witness"), as: UTF8.self), let witness = WitnessKey(vkey: name)
        else { throw damaged }
        self.init(witness: witness)
        while lines.count > 1 {
            let keys = try value("log").split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map {
                String(validating: $0, as: UTF8.self).flatMap { NoteKey(vkey: $0) }
            }
            for key in keys {
                guard let key, key.name.utf8.elementsEqual((keys[0]?.name ?? "").utf8), try insert(key) else {
                    throw damaged
                }
            }
            let latest = try value("latest")
            if latest.elementsEqual("none".utf8) { continue }
            guard let origin = keys[0]?.name, let log = self[origin], let note = Base64.decode(Array(latest)),
                let note = try? SignedNote(parsing: note),
                let latest = WitnessedLog.latest(note, of: log, witness: witness)
            else { throw damaged }
            remember(latest, of: origin)
        }
        guard self.bytes == bytes else { throw damaged }
    }
}
