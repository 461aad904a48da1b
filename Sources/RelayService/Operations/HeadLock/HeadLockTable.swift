import Secrets
import Statements

/// What the head lock holds: the newest head of every log.
///
/// ```
/// nightbell.head-lock/v1
/// log <org-…> roster <size> <root>
/// note <base64 of up to 1,500 bytes of the checkpoint>     one or more
/// log <org-…> activity <size> <root>
/// …
/// sum <SHA-256 of everything before this line>
/// ```
///
/// Ordered by organisation, roster before activity. There is one way to write a table; anything else is refused. The sum
/// tells a cut or decayed file from a shorter one; it protects from nobody who can write the file.
struct HeadLockTable: Sendable, Equatable {
    private static let type: StaticString = "nightbell.head-lock/v1"
    /// Base64 of it stays below the 2,048 bytes that a value may have.
    private static let noteByteCount = 1500
    /// 1 GiB: some hundred thousand organisations; more is no head lock of ours.
    static let maximumByteCount = 1 << 30

    private(set) var heads: [LogName: LockedHead] = [:]

    init() {}

    /// Takes a head, unless a newer one is there: heads may arrive in any order.
    /// - Returns: Whether the table changed.
    mutating func record(_ head: LockedHead, of log: LogName) -> Bool {
        if let known = heads[log], known.size >= head.size { return false }
        heads[log] = head
        return true
    }

    /// Parses exactly what ``bytes`` writes.
    init(parsing bytes: [UInt8]) throws(StatementError) {
        var reader = TextReader(bytes)
        try reader.type(Self.type)
        var last: LogName?
        while reader.isNext("log") {
            let fields = try reader.fields("log", count: 4)
            let error = reader.error("log")
            let organisation: OrganisationID = try TextReader.identifier(fields[0], or: error)
            let log: LogKind = try TextReader.word(fields[1], or: error)
            let name = LogName(organisation, log)
            if let last, name <= last { throw error }
            last = name
            let size = try TextReader.integer(fields[2], or: error)
            let root = try TextReader.hash(fields[3], or: error)
            var note: [UInt8] = []
            repeat {
                guard let part = Base64.decode(try reader.value("note")),
                    note.count + part.count <= LockedHead.maximumCheckpointByteCount
                else { throw reader.error("note") }
                note += part
            } while reader.isNext("note")
            guard !note.isEmpty else { throw reader.error("note") }
            heads[name] = LockedHead(size: size, root: root, checkpoint: note)
        }
        _ = try reader.hash("sum")
        try reader.end()
        guard self.bytes == bytes else { throw StatementError(.malformed, part: "canonical form") }
    }

    /// The file.
    var bytes: [UInt8] {
        var writer = TextWriter()
        writer.type(Self.type)
        for (name, head) in heads.sorted(by: { $0.key < $1.key }) {
            writer.line("log", name.organisation, name.log.rawValue, head.size, head.root)
            for start in stride(from: 0, to: head.checkpoint.count, by: Self.noteByteCount) {
                let end = min(start + Self.noteByteCount, head.checkpoint.count)
                writer.line("note", Binary(Array(head.checkpoint[start..<end])))
            }
        }
        let sum = Digest.sha256(writer.bytes)
        writer.line("sum", sum)
        return writer.bytes
    }
}
