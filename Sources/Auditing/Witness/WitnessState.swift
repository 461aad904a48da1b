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
    /// - Throws: ``AuditError/Code/witnessFull``, or ``AuditError/Code/witnessKeyUnfit`` for the witness's own key.
    public mutating func add(_ key: NoteKey) throws(AuditError) -> Bool {
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
            let text = String(validating: bytes, as: UTF8.self)
        else { throw damaged }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String($0) ?? "" }[...]
        func value(_ key: String) throws(AuditError) -> String {
            guard let line = lines.popFirst(), line.hasPrefix(key + " ") else { throw damaged }
            return String(line.dropFirst(key.count + 1))
        }
        guard lines.popFirst() == Self.firstLine, let witness = WitnessKey(vkey: try value("witness")) else {
            throw damaged
        }
        self.init(witness: witness)
        while lines.count > 1 {
            let keys = try value("log").split(separator: " ", omittingEmptySubsequences: false).map {
                NoteKey(vkey: String($0))
            }
            for key in keys {
                guard let key, key.name.utf8.elementsEqual((keys[0]?.name ?? "").utf8), try add(key) else {
                    throw damaged
                }
            }
            let latest = try value("latest")
            if latest == "none" { continue }
            guard let origin = keys[0]?.name, let log = self[origin], let note = Base64.decode(Array(latest.utf8)),
                let note = try? SignedNote(parsing: note),
                let latest = WitnessedLog.latest(note, of: log, witness: witness)
            else { throw damaged }
            remember(latest, of: origin)
        }
        guard self.bytes == bytes else { throw damaged }
    }
}
