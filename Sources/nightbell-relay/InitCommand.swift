import ArgumentParser
import RelayService
import SystemPackage

/// `init`: makes a data directory.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a data directory with keys folder and a commented configuration.",
        discussion: """
            With --dev-tls also a local certificate authority, a certificate for the relay's host, and open founding for
            callers on this machine. Clients are given DIR/tls/ca.pem with --ca.

            Example: nightbell-relay init --data relay --name localhost:8443 --dev-tls
            """)

    @Option(help: "The directory to make; new or empty.")
    var data: String

    @Option(help: "HOST:PORT, the relay's name for ever: it becomes a part of every log's origin.")
    var name: String

    @Flag(help: "Make a local certificate authority, and let callers on this machine found organisations.")
    var devTls = false

    @Flag(help: "One JSON object instead of text.")
    var json = false

    func run() async throws {
        guard let relay = RelayName(name) else {
            throw ValidationError("--name must be HOST:PORT, for example relay.example.org:443")
        }
        try await Failing.report(json: json) {
            let directory = try DataDirectory.initialise(at: FilePath(data), name: relay, developmentTLS: devTls)
            if json {
                var made = ["data": "\(directory.path)", "name": "\(relay)"]
                if devTls { made["ca"] = "\(directory.authority)" }
                return print(try JSONLine.text(of: made))
            }
            print("Made the data directory \(directory.path) for the relay \(relay).")
            if devTls { print("Clients need \(directory.authority) (option --ca).") }
            print(
                "Serve with: nightbell-relay serve --data \(data) --listen \(devTls ? "127.0.0.1" : "0.0.0.0"):\(relay.port)"
            )
        }
    }
}
