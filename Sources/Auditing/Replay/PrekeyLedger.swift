import Secrets
import Statements

/// Which prekeys went out for which messages, as manifests name them. A one-time prekey goes out once; a fallback one as
/// often as there is no other, each time after an event that says so.
///
/// One-time prekeys are as many as messages: they are in the store, among the statements, by a hash under a salt that nobody
/// else knows, so that nobody can make two prekeys that are taken for one. Fallback ones are few, live for 37 days, and no
/// sender takes an older one: they are forgotten after 90.
struct PrekeyLedger {
    /// What is wrong with a prekey that a manifest names.
    enum Fault: Equatable {
        /// Another manifest, at this entry, named it before.
        case again(UInt64)
        /// It is a fallback prekey, and no event gives it out for this message.
        case unannounced
    }

    private struct Claim: Hashable {
        let message: MessageID
        let prekey: PrekeyID
    }

    /// 16.
    private static let saltByteCount = 16
    /// How many the store is asked for at once.
    private static let lookLimit = 256
    /// 65,536: how many wait in memory, so that many are written at once.
    private static let limit = 65_536
    /// 90 days.
    private static let fallbackMilliseconds: Int64 = 90 * 86_400_000
    /// 2 days: a claim is good for one.
    static let claimMilliseconds: Int64 = 2 * 86_400_000

    private let salt: [UInt8]
    private var fallbacks = Generations<PrekeyID, DeviceID>(milliseconds: fallbackMilliseconds)
    private var claims = Generations<Claim, DeviceID>(milliseconds: claimMilliseconds)
    private var pending: [Int64: UInt64] = [:]
    /// Of those that were looked for, what the store has.
    private var known: [Int64: UInt64] = [:]
    /// All that manifests named; `nil` when an earlier run knows some.
    private var filter: SeenFilter?

    /// Of a log that nothing was read of.
    init() {
        salt = randomBytes(Self.saltByteCount)
        filter = SeenFilter()
    }

    /// Looks for prekeys that are about to be judged, all at once.
    mutating func look(for prekeys: [PrekeyID], _ store: any AuditStore) throws(AuditError) {
        known = [:]
        let prefixes = Set(prekeys.map(prefix)).filter { filter?.mayHold($0) ?? true }.sorted()
        var rest = prefixes[...]
        while !rest.isEmpty {
            for found in try store.statements(with: Array(rest.prefix(Self.lookLimit))) {
                known[found.prefix] = min(known[found.prefix] ?? found.entry, found.entry)
            }
            rest = rest.dropFirst(Self.lookLimit)
        }
    }

    /// An event gives out a device's fallback prekey for a message.
    /// - Returns: The entry whose manifest used it as a one-time prekey before, which none can be again; `nil` when none did.
    mutating func claim(
        _ prekey: PrekeyID, of device: DeviceID, for message: MessageID, at time: Timestamp
    ) -> UInt64? {
        turn(at: time)
        // Told here, it is told once: the manifest that names it for this message does as it was said.
        defer { claims.set(device, for: Claim(message: message, prekey: prekey)) }
        let prefix = prefix(prekey)
        if let first = pending[prefix] ?? known[prefix] { return first }
        fallbacks.set(device, for: prekey)
        return nil
    }

    /// A manifest at `entry` names a device's prekey.
    mutating func use(
        _ prekey: PrekeyID, of device: DeviceID, for message: MessageID, entry: UInt64, at time: Timestamp
    ) -> Fault? {
        turn(at: time)
        guard claims[Claim(message: message, prekey: prekey)] != device else { return nil }
        if fallbacks[prekey] != nil { return .unannounced }
        let prefix = prefix(prekey)
        if let first = pending[prefix] ?? known[prefix] { return .again(first) }
        pending[prefix] = entry
        filter?.add(prefix)
        return nil
    }

    private mutating func turn(at time: Timestamp) {
        fallbacks.turn(at: time)
        claims.turn(at: time)
    }

    private func prefix(_ prekey: PrekeyID) -> Int64 {
        Digest.sha256(salt + Array(prekey.bytes)).prefix
    }

    // MARK: Storing

    /// Whether so many wait that they should be written.
    var isFull: Bool { pending.count >= Self.limit }

    mutating func flush(to store: any AuditStore) throws(AuditError) {
        try store.add(pending.map { StoredStatement(prefix: $0.key, entry: $0.value) })
        pending.removeAll(keepingCapacity: true)
    }

    func write(to writer: inout RecordWriter) {
        writer.put(salt)
        fallbacks.write(to: &writer) { writer, prekey, device in
            writer.put(prekey)
            writer.put(device)
        }
        claims.write(to: &writer) { writer, claim, device in
            writer.put(claim.message)
            writer.put(claim.prekey)
            writer.put(device)
        }
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        filter = nil
        salt = try reader.data()
        fallbacks = try Generations(milliseconds: Self.fallbackMilliseconds, from: &reader) {
            (reader) throws(AuditError) in (try reader.identifier(), try reader.identifier())
        }
        claims = try Generations(milliseconds: Self.claimMilliseconds, from: &reader) {
            (reader) throws(AuditError) in
            (Claim(message: try reader.identifier(), prekey: try reader.identifier()), try reader.identifier())
        }
    }
}
