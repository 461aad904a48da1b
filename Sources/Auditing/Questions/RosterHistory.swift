public import Membership
public import Statements
import TransparencyLog

/// The roster log as questions about people and devices need it: the roster now, and who signed which entry.
public struct RosterHistory: Sendable {
    /// An entry of the roster log.
    public struct Line: Sendable {
        public let index: UInt64
        /// Log time.
        public let time: Timestamp
        public let statement: RosterStatement
        /// Names of the keys that signed it: devices' ids, an invitation's, `recovery`.
        public let signers: [String]
    }

    public let view: RosterView
    public let lines: [Line]

    /// Replays the roster log as far as it holds; an audit says what is wrong with it.
    /// - Returns: `nil` when its genesis is not to be had, or breaks a rule.
    public static func read(
        _ source: some LogSource, organisation: OrganisationID?
    ) async throws -> RosterHistory? {
        guard let note = try await source.checkpoint(of: .roster), let parsed = try? SignedNote(parsing: note),
            let size = (try? Checkpoint(parsing: parsed.text))?.size
        else { return nil }
        var replay = RosterReplay(expected: organisation)
        var findings = FindingList()
        var lines: [Line] = []
        while replay.size < size, replay.canGoOn {
            guard let entries = try await source.entries(from: replay.size, size: size, of: .roster) else { break }
            for bytes in entries {
                if let line = line(bytes, at: replay.size) { lines.append(line) }
                replay.take(bytes, into: &findings)
            }
        }
        guard let roster = replay.roster else { return nil }
        return RosterHistory(view: roster.view(at: roster.lastTime), lines: lines)
    }

    private static func line(_ bytes: [UInt8], at index: UInt64) -> Line? {
        guard let entry = try? Entry(parsing: bytes), let note = try? SignedNote(parsing: entry.body),
            let statement = try? RosterStatement(parsing: note.text)
        else { return nil }
        return Line(index: index, time: entry.time, statement: statement, signers: note.signatures.map(\.name))
    }

    /// Who signed an entry.
    public func signers(of index: UInt64) -> [String] { lines.first { $0.index == index }?.signers ?? [] }

    /// The newest entry that a device signed.
    public func last(signedBy device: DeviceID) -> Line? {
        lines.last { $0.signers.contains(device.description) }
    }

    /// Every `member` statement about a member, oldest first.
    public func versions(of member: MemberID) -> [(line: Line, statement: MemberStatement)] {
        lines.compactMap { line in
            guard case .member(let statement) = line.statement, statement.member == member else { return nil }
            return (line, statement)
        }
    }
}

extension RosterStatement {
    /// The type, in one word.
    public var word: String {
        switch self {
        case .genesis: "genesis"
        case .member: "member"
        case .invitation: "invitation"
        case .enrol: "enrol"
        case .revoke: "revoke"
        case .admins: "admins"
        }
    }
}
