import ArgumentParser
import Auditing
import DeviceKit
import Statements
import TransparencyLog

/// `nightbell audit witness …`.
struct AuditWitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "Vouch for logs: cosign each tree that continues the one before.",
        discussion: """
            A witness (c2sp.org/tlog-witness) remembers the largest tree of each log that it cosigned, and cosigns only what \
            continues it: a relay that shows two histories gets no signature for the second. It needs no profile, and sees \
            origins, sizes and roots: how many entries were written when, and nothing of what they say. It should run where \
            the relay's operator has no say.
            """,
        subcommands: [
            WitnessInitCommand.self, WitnessAddCommand.self, WitnessServeCommand.self, WitnessShowCommand.self,
        ])
}

/// Where the witness is.
struct WitnessOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The witness's folder.", valueName: "dir"), completion: .directory)
    var state: String
}

/// `nightbell audit witness init`.
struct WitnessInitCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a witness: a key, and a memory of nothing.",
        discussion: """
            The folder must not exist yet. Name, key and folder stay together for ever: the key is kept in "witness.key" \
            (0600), what was cosigned in "state". Keep a copy of neither: a witness that is put back to an earlier day can be \
            led to cosign a second history. The printed verifier key (vkey) is what admins name.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var place: WitnessOptions

    @Option(help: "What it is called, for ever: best a name of yours with a path, as witness.example.org/w1.")
    var name: String

    func perform(_ context: CommandContext) async throws {
        guard SignedNote.isKeyName(name), name.utf8.count <= 128 else {
            throw DeviceKitError(
                "bad_witness_name", .usage, "a witness's name has 1 to 128 bytes, no blanks and no \"+\"",
                next: "name it as witness.example.org/w1")
        }
        do throws(AuditError) {
            let key = try WitnessFolder.make(at: place.state, name: name)
            context.console.result(
                ["name": .string(key.name), "vkey": .string(key.vkey), "state": .string(place.state)],
                human:
                    "\(SafeText.line(key.vkey))\nmade in \(SafeText.line(place.state)); it knows no log yet: nightbell audit witness add "
                    + "--state \(ProfileHint.typed(SafeText.line(place.state))) LOG")
        } catch {
            throw DeviceKitError(error)
        }
    }
}

/// `nightbell audit witness add`.
struct WitnessAddCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make logs known to a witness, or further keys of known ones.",
        discussion: """
            LOG is a log's vkey, or a file with one a line, as "roster/log.vkey" and "activity/log.vkey" of an export: add both. Of a new log the witness believes the \
            first checkpoint that it is asked to cosign, and from then on only what continues it: add a log before its first \
            use, or compare the first checkpoint with somebody else's ("nightbell audit compare"). There is no way to take a \
            log away, for adding it again would be a way to a second history. The witness must not be running.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var place: WitnessOptions

    @Argument(help: ArgumentHelp("A log's vkey, or a file with vkeys.", valueName: "log"), completion: .file())
    var log: [String]

    func perform(_ context: CommandContext) async throws {
        let keys = try log.flatMap(Self.keys)
        do {
            let folder = try WitnessFolder(place.state)
            var state = try folder.state()
            let new = try keys.filter { try state.add($0) }
            if !new.isEmpty { try folder.replace(state) }
            context.console.result(
                [
                    "added": .array(new.map { .string($0.vkey) }),
                    "known": .array(keys.filter { !new.contains($0) }.map { .string($0.vkey) }),
                ],
                human: keys.map {
                    "\(SafeText.line($0.name)): \(new.contains($0) ? "added; its next checkpoint is believed" : "known already")"
                }.joined(separator: "\n"))
        } catch let error as AuditError {
            throw DeviceKitError(error)
        }
    }

    /// The keys that an argument names.
    static func keys(_ argument: String) throws -> [NoteKey] {
        if let key = NoteKey(vkey: argument) { return [key] }
        let bytes = try Input.read(argument, what: "the log's key", limit: 65_536)
        let lines = (String(validating: bytes, as: UTF8.self) ?? "").split(separator: "\n")
        let keys = lines.compactMap { NoteKey(vkey: String($0)) }
        guard !keys.isEmpty, keys.count == lines.count else {
            throw DeviceKitError(
                "no_log_key", .usage, "\"\(argument)\" is no log's vkey, and no file of vkeys",
                next: "give the files roster/log.vkey and activity/log.vkey of an export, or a line of one")
        }
        return keys
    }
}

/// `nightbell audit witness show`.
struct WitnessShowCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a witness's vkey, and how far it has vouched for each log.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var place: WitnessOptions

    func perform(_ context: CommandContext) async throws {
        do throws(AuditError) {
            let state = try WitnessFolder.look(place.state)
            let proofs = WitnessProofs(in: place.state)
            context.console.result(
                [
                    "name": .string(state.witness.name), "vkey": .string(state.witness.vkey),
                    "logs": .array(state.logs.map(Self.document)), "evidence": proofs.document,
                ],
                human: ([SafeText.line(state.witness.vkey)] + state.logs.map(Self.human) + proofs.lines)
                    .joined(separator: "\n"))
        } catch {
            throw DeviceKitError(error)
        }
    }

    private static func document(_ log: WitnessedLog) -> JSONValue {
        [
            "origin": .string(log.origin), "vkeys": .array(log.keys.map { .string($0.vkey) }),
            "size": log.latest.map { .integer($0.checkpoint.size) } ?? .null,
            "root": .text(orNull: log.latest?.checkpoint.root),
            "at": .text(orNull: log.latest.map { Timestamp(milliseconds: Int64(clamping: $0.seconds) &* 1_000) }),
        ]
    }

    /// Nothing cosigned yet is how every log begins, and what a folder says that somebody put back: no witness can tell the two
    /// apart, and whoever runs it can.
    static func human(_ log: WitnessedLog) -> String {
        guard let latest = log.latest else {
            return
                "\(SafeText.line(log.origin))  nothing cosigned yet: it was never shown a checkpoint of this log that it took, and will "
                + "believe the next one. If you know that it did cosign one, its folder was put back: do not let it serve"
        }
        let time = LocalTime.full(Timestamp(milliseconds: Int64(clamping: latest.seconds) &* 1_000))
        return "\(SafeText.line(log.origin))  \(latest.checkpoint.shortForm)  cosigned \(time)"
    }
}
