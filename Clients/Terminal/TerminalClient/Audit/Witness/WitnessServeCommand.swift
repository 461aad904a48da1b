import ArgumentParser
import Auditing
import DeviceKit
import Statements
import TransparencyLog
import WitnessService

/// `nightbell audit witness serve`.
struct WitnessServeCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Cosign what logs ask for, until SIGTERM or Ctrl-C.",
        discussion: """
            Serves POST /add-checkpoint, and for monitors GET /HASH/checkpoint (HASH is the SHA-256 of a log's origin, in \
            hex). In clear on this machine alone, for a reverse proxy; for everybody else with --tls-certificate and \
            --tls-key. It holds 256 connections, whoever opens them: what strangers reach belongs behind a reverse proxy that limits \
            connections by address. Nothing is answered before it is durable. A log that signed two trees of one size is convicted by them: \
            both are kept in the folder's "evidence", for "nightbell audit compare".

            With --json, one object a line: {"event":"serving","port":…}, {"event":"answered","status":…,"word":…}.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var place: WitnessOptions

    @Option(help: ArgumentHelp("Where it listens.", valueName: "address:port"))
    var listen = "127.0.0.1:7380"

    @Option(help: ArgumentHelp("PEM, the server's certificate first.", valueName: "file"), completion: .file())
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("PEM, 0600.", valueName: "file"), completion: .file())
    var tlsKey: String?

    func perform(_ context: CommandContext) async throws {
        let console = context.staying.console
        // What was said last is said before the end.
        defer { OutputPump.process.drain(atMost: 2) }
        guard let address = ListenAddress(listen) else {
            throw DeviceKitError(
                "bad_address", .usage, "\"\(listen)\" is no numeric address with a port", next: "as 127.0.0.1:7380")
        }
        do {
            let folder = try WitnessFolder(place.state)
            let keeper = WitnessKeeper(try folder.witness(), memory: folder)
            let state = place.state
            let server = try WitnessServer(
                keeper, at: address, tls: try tls(), onEvent: { Self.tell($0, state, console) })
            let proofs = WitnessProofs(in: place.state)
            try await server.run { port in
                console.result(
                    [
                        "event": "serving", "port": .integer(port), "vkey": .string(keeper.key.vkey),
                        "logs": .integer(keeper.logs.count), "evidence": proofs.document,
                    ],
                    human: ([
                        "\(SafeText.line(keeper.key.vkey)) serves \(keeper.logs.count.counted("log")) on port \(port)"
                    ]
                        + proofs.lines).joined(separator: "\n"))
            }
            console.say("stopped")
        } catch let error as AuditError {
            throw DeviceKitError(error)
        } catch let error as WitnessError {
            throw DeviceKitError(error)
        }
    }

    private func tls() throws -> WitnessTLS? {
        switch (tlsCertificate, tlsKey) {
        case (let certificate?, let key?): return try WitnessTLS(certificate: certificate, key: key)
        case (nil, nil): return nil
        default:
            throw DeviceKitError(
                "half_a_certificate", .usage, "a certificate needs its key, and a key its certificate",
                next: "give both --tls-certificate and --tls-key")
        }
    }

    /// That nothing stands behind the first checkpoint but the log that showed it, and how somebody else's word is had.
    static func believed(_ origin: String, _ state: String) -> String {
        "the first checkpoint of \(SafeText.line(origin)) was believed: compare what \"nightbell audit witness show --state "
            + "\(ProfileHint.typed(SafeText.line(state)))\" shows of it with a member's \"nightbell status\", by telephone"
    }

    private static func tell(_ event: WitnessServer.Event, _ state: String, _ console: Console) {
        if event.convicts {
            let log = event.checkpoint.map { "the log \(SafeText.line($0.origin))" } ?? "a log"
            console.warn(
                event.isProofKept
                    ? "\(log) signed two histories: the proof is in the folder's \"evidence\""
                    : "\(log) signed two histories, and this proof was not kept: see whether the folder's \"evidence\" can be written, "
                        + "and how much is in it; of one log \(WitnessFolder.logEvidenceLimit) are kept"
            )
        }
        if event.word == "cosigned_first" {
            console.warn(believed(event.checkpoint?.origin ?? "", state))
        }
        var object = JSONObject()
        object.set("event", to: "answered")
        object.set("status", to: .integer(event.status))
        object.set("word", to: .string(event.word))
        object.set("origin", ifPresent: event.checkpoint.map { .string($0.origin) })
        object.set("size", ifPresent: event.checkpoint.map { .integer($0.size) })
        console.result(
            .object(object),
            human: "\(event.status) \(event.word)"
                + (event.checkpoint.map { "  \(SafeText.line($0.origin))  \($0.size)" } ?? ""))
    }
}
