public import Secrets
public import Statements
import Synchronization
public import SystemPackage

/// A code and when it ends.
public struct IssuedFoundingCode: Sendable {
    public let code: FoundingCode
    public let expires: Timestamp

    public init(code: FoundingCode, expires: Timestamp) {
        self.code = code
        self.expires = expires
    }
}

/// What a founding code is worth.
public enum FoundingCodeVerdict: String, Sendable, Equatable {
    /// Good, and from now on good for this genesis alone.
    case accepted
    /// Mistyped, or never handed out here.
    case unknown
    /// Its time has passed.
    case expired
    /// Another organisation was founded with it.
    case used
}

/// The one-time codes that the operator handed out, in one small file of salted hashes.
///
/// A code is consumed durably before ``redeem(_:genesis:now:)`` returns, together with the hash of the genesis that
/// consumed it: a founding that was interrupted, or whose answer was lost, succeeds when it is repeated with the same
/// genesis, and with no other. One instance in the process that holds the data directory; safe from any thread; each
/// change waits for the disk.
public final class FoundingCodes: Sendable {
    /// 24 hours.
    public static let lifeSeconds: Int64 = 86_400
    /// How long a used code is remembered after its end, for repetitions and a true answer: 30 days.
    static let memorySeconds: Int64 = 30 * 86_400
    /// 1,024 codes, waiting or remembered.
    static let maximumCount = 1024

    private let path: FilePath
    private let records: Mutex<[FoundingCodeRecord]>

    /// Reads what was handed out before.
    /// - Throws: ``OperationsError/Code/foundingCodesMalformed`` or ``OperationsError/Code/fileUnusable``.
    public init(_ path: FilePath) throws(OperationsError) {
        self.path = path
        guard let bytes = try DurableFile.read(path, limit: 1 << 20) else {
            records = Mutex([])
            return
        }
        do {
            records = Mutex(try FoundingCodeRecord.parse(bytes))
        } catch {
            throw OperationsError(
                .foundingCodesMalformed, "\"\(path)\" is damaged (line \(error.line))",
                next: "remove it: codes that were not used yet are then void, and new ones can be made")
        }
    }

    /// Makes a code. Only its salted hash stays here.
    /// - Throws: ``OperationsError/Code/tooManyFoundingCodes`` or ``OperationsError/Code/fileUnusable``; then there is none.
    public func issue(now: Timestamp = .now()) throws(OperationsError) -> IssuedFoundingCode {
        let code = FoundingCode()
        let expires = now.adding(seconds: Self.lifeSeconds)
        try change { (records) throws(OperationsError) in
            records.removeAll { $0.expires.adding(seconds: Self.memorySeconds) < now }
            guard records.count < Self.maximumCount else {
                throw OperationsError(
                    .tooManyFoundingCodes, "\(Self.maximumCount) founding codes are waiting or remembered",
                    next: "use those that were handed out, or wait until they are forgotten after 31 days")
            }
            records.append(FoundingCodeRecord(code: code, expires: expires))
        }
        return IssuedFoundingCode(code: code, expires: expires)
    }

    /// Whether a code was issued here and could still found, or did: asked before keys are made for a stranger.
    public func isKnown(_ code: String, now: Timestamp = .now()) -> Bool {
        guard let code = FoundingCode(code) else { return false }
        return records.withLock { records in
            records.contains { $0.matches(code) && ($0.genesis != nil || now < $0.expires) }
        }
    }

    /// Consumes a code for the organisation that `genesis` founds.
    /// - Parameters:
    ///   - code: As the caller sent it.
    ///   - genesis: The hash of the genesis statement.
    /// - Throws: ``OperationsError/Code/fileUnusable``; then the code is as it was.
    public func redeem(
        _ code: String, genesis: Digest, now: Timestamp = .now()
    ) throws(OperationsError) -> FoundingCodeVerdict {
        guard let code = FoundingCode(code) else { return .unknown }
        return try change { (records) throws(OperationsError) in
            guard let index = records.firstIndex(where: { $0.matches(code) }) else { return .unknown }
            if let user = records[index].genesis { return user == genesis ? .accepted : .used }
            guard now < records[index].expires else { return .expired }
            records[index].genesis = genesis
            return .accepted
        }
    }

    /// Changes the records in the file and then in memory; if the file cannot be written, in neither.
    private func change<Result: Sendable>(
        _ body: (inout [FoundingCodeRecord]) throws(OperationsError) -> Result
    ) throws(OperationsError) -> Result {
        try records.withLock { (records) throws(OperationsError) in
            var changed = records
            let result = try body(&changed)
            guard changed != records else { return result }
            try DurableFile.replace(path, with: FoundingCodeRecord.text(of: changed))
            records = changed
            return result
        }
    }
}
