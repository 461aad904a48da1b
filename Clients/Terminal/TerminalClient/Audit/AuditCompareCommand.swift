import ArgumentParser
import Auditing
import DeviceKit
import Membership
import Secrets
import Statements
import TransparencyLog

/// `nightbell audit compare FILE…`.
struct AuditCompareCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Tell whether people were shown one history, and convict who showed two.",
        discussion: """
            Each FILE is what one person was shown: a checkpoint, the heads of "nightbell status --heads", the notes that a \
            witness kept as evidence, a file of a profile's folder "evidence", or what stands behind "compare" in "nightbell \
            status", typed into a file. What is of one size is compared as it is. What is not, and whatever else is there, is held \
            against the history that this profile's relay shows, or that of an export (--export DIR). With --log alone neither is \
            asked.

            "same" and "extends" are proven. "unproven" contradicts nothing, and could not be proven: it is larger than the history \
            that was asked (mistyped, or withheld), or no history was asked, and a short form that another repeats proves nothing. \
            CONTRADICT makes the exit \
            code 65: two notes that the log's own key signed convict whoever holds that key, and are printed; a short form that \
            differs convicts nobody yet, for nobody signed it: ask for the heads of that device. A note that these logs' keys did \
            not sign says nothing of them: it is left out, said to be, and convicts nobody, as in "nightbell audit verify --heads"; where \
            nothing else was given, nothing was compared, and the exit code is 64. What is quoted, indented or wrapped by a \
            mail is read all the same; where a note \
            of these logs seems to stand and cannot be read, its line is named, and unless something contradicts, the exit code is 64: \
            give the file itself, not a copy of its text. Where the profile's relay is asked, evidence that \
            this device keeps against it is named first, whatever the files say, and the exit code is 65, as of every verdict on it.

            Evidence of two trees of one size convicts alone. Of two sizes (a file "not_consistent-...") it convicts together with an \
            export of the history that the relay shows now: make one at once ("nightbell audit export DIR"), and keep both.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions

    @Option(
        help: ArgumentHelp(
            "A log's vkey, or a file with vkeys, instead of asking profile and relay; for both logs, twice.",
            valueName: "vkey"), completion: .file())
    var log: [String] = []

    @Argument(help: "What one person was shown.", completion: .file())
    var file: [String]

    func perform(_ context: CommandContext) async throws {
        guard log.isEmpty || source.export == nil && source.named.org == nil else {
            throw DeviceKitError(
                "two_histories_named", .usage,
                "--log says that nothing but the files is asked, and --export or --org that something is",
                next: "leave --log out, or the others")
        }
        let organisation = try source.organisation()
        let files = try file.map {
            let bytes = try Input.read($0, what: "what was shown", limit: TreeClaims.maximumByteCount)
            return ($0, KeptEvidence(parsing: bytes)?.heads ?? bytes)
        }
        let words: ComparisonWords
        if !log.isEmpty {
            words = try await Self.compare(files, try Self.keys(log.flatMap(WitnessAddCommand.keys))) { _ in nil }
        } else if let directory = source.export {
            words = try await export(directory, organisation, files)
        } else {
            words = try await Self.orWithoutProfile(context) { session in
                try session.check(isOf: organisation)
                let keys = Dictionary(uniqueKeysWithValues: LogKind.allCases.map { ($0, session.logKey($0)) })
                let history: (any LogHistory)?
                do {
                    try await session.refresh()
                    history = RelayHistory(session)
                } catch let error as DeviceKitError where error.category == .verification {
                    // Of two histories neither is one to hold anything against: the files speak for themselves.
                    context.console.warn("what the relay shows is not believed, and nothing is held against it")
                    history = nil
                }
                var words = try await Self.compare(files, keys) { _ in history }
                words.held = try session.convictions()
                return words
            }
        }
        context.console.result(words.document, human: words.human)
        guard words.status == .done else { throw FinishedWith(status: words.status) }
    }

    /// A session, or what compares without one.
    private static func orWithoutProfile<Result>(
        _ context: CommandContext, _ body: (DeviceSession) async throws -> Result
    ) async throws -> Result {
        do { return try await context.withSession(body) } catch let error as DeviceKitError {
            throw orWithoutProfile(error)
        }
    }

    /// Whoever has no profile can compare all the same.
    static func orWithoutProfile(_ error: DeviceKitError) -> DeviceKitError {
        guard error.code == "profile_missing" else { return error }
        return DeviceKitError(
            error.code, error.category, error.message,
            next: "\(error.next); or compare without a profile: with an export (--export DIR), or with the logs' keys "
                + "alone (--log FILE for each log)")
    }

    private func export(
        _ directory: String, _ organisation: OrganisationID?, _ files: [(String, [UInt8])]
    ) async throws -> ComparisonWords {
        do {
            var audit = Audit()
            audit.organisation = organisation
            let export = try await ExportDirectory.opened(directory, of: audit.organisation)
            let verdict = try await audit.run(export, store: try AuditRun.scratch())
            // Entries that are not what was signed would convict whoever signed.
            guard verdict.isWhole, let roster = verdict.view?.roster, let rosterTree = verdict.roster,
                let activity = verdict.activity
            else { throw ExportDirectory.unverified("nothing is compared with it") }
            let keys = Dictionary(uniqueKeysWithValues: LogKind.allCases.map { ($0, roster.logKey($0)) })
            return try await Self.compare(files, keys) { claims in
                try await ExportHistory(
                    export, trees: [.roster: rosterTree.size, .activity: activity.size],
                    sizes: Dictionary(grouping: claims, by: \.log).mapValues { Set($0.map(\.size)) })
            }
        } catch let error as AuditError {
            throw DeviceKitError(error)
        }
    }

    private static func compare(
        _ files: [(String, [UInt8])], _ keys: [LogKind: LogKey],
        history: ([TreeClaim]) async throws -> (any LogHistory)?
    ) async throws -> ComparisonWords {
        var leftOut: [ComparisonWords.LeftOut] = []
        var unread: [ComparisonWords.Unread] = []
        let people = try files.map { path, bytes in
            let claims = try Self.claims(bytes, from: path, keys)
            if claims.foreign > 0 { leftOut.append(.init(file: path, notes: claims.foreign)) }
            if !claims.unread.isEmpty { unread.append(.init(file: path, lines: claims.unread)) }
            return claims.claims
        }
        let comparison = try await Comparison(people, history: history(people.flatMap { $0 }))
        return ComparisonWords(comparison, leftOut: leftOut, unread: unread)
    }

    /// What a file says: all of it, or why that is not known. Whoever wrote down half of what was read aloud must not take the
    /// other half for compared.
    static func claims(
        _ bytes: [UInt8], from path: String, _ keys: [LogKind: LogKey]
    ) throws(DeviceKitError) -> TreeClaims {
        guard let claims = TreeClaims(parsing: bytes, keys: keys) else {
            throw DeviceKitError(
                "nothing_shown", .usage,
                "\"\(path)\" says nothing of any tree, or has more than 64 KiB of other words around it",
                next: "give a checkpoint, a file of \"nightbell status --heads\", or the lines behind \"compare\"")
        }
        guard claims.tooShort == 0 else {
            throw DeviceKitError(
                "short_form_too_short", .usage,
                "a short form in \"\(path)\" has too few digits to tell two histories apart",
                next: "give all \(ShortForm.groupCount) groups of four digits, as \"nightbell status\" prints them")
        }
        guard claims.unnamed == 0 else {
            throw DeviceKitError(
                "short_form_without_log", .usage,
                "a short form in \"\(path)\" does not say which log it is of: the log's name is missing",
                next:
                    "write \"roster\" or \"activity\" directly before the size, in the same line, as \"nightbell status\" prints "
                    + "it behind \"compare\"")
        }
        return claims
    }

    /// The logs' keys by the end of their origins.
    private static func keys(_ keys: [NoteKey]) throws -> [LogKind: LogKey] {
        var result: [LogKind: LogKey] = [:]
        for key in keys {
            guard let log = LogKind.allCases.first(where: { key.name.hasSuffix("/\($0.rawValue)") }), result[log] == nil
            else {
                throw DeviceKitError(
                    "bad_log_keys", .usage, "a vkey is of no log of an organisation, or two are of one log",
                    next: "give the files log.vkey of an export")
            }
            result[log] = LogKey(origin: key.name, key: key.key)
        }
        return result
    }
}

/// What this profile's relay shows, verified by this device.
private struct RelayHistory: LogHistory {
    private let session: DeviceSession

    init(_ session: DeviceSession) { self.session = session }

    func root(of log: LogKind, size: UInt64) async throws -> Digest? { try await session.root(of: log, size: size) }

    func checkpoint(of log: LogKind) -> [UInt8]? { session.checkpoints[log]?.note.bytes }
}
