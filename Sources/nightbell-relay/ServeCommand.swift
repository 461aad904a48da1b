import ArgumentParser
import Foundation
import Logging
import RelayService

/// `serve`: the relay itself.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the organisations of a data directory until SIGTERM or SIGINT.",
        discussion: """
            Every setting of DATA/relay.yaml can also be given as a flag (--listen ADDRESS:PORT, --log-level debug, …) or as
            a variable (NIGHTBELL_RELAY_LISTEN, …); flags win over variables, variables over the file. Log lines are JSON
            on standard error.

            Settings: \(RelayConfiguration.flags.joined(separator: " "))
            """)

    @Option(help: "The data directory that `init` made.")
    var data: String?

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("Settings as flags.", valueName: "settings"))
    var settings: [String] = []

    func run() async throws {
        umask(0o077)
        try await Failing.report {
            let environment = ProcessInfo.processInfo.environment
            let directory = try DataDirectory.open(
                at: try RelayConfiguration.dataPath(flag: data, environment: environment))
            let configuration = try RelayConfiguration.load(directory, flags: settings, environment: environment)
            LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: configuration.logLevel) }
            let logger = Logger(label: "nightbell-relay")
            let relay = try await Relay.open(configuration, logger: logger)
            try await relay.serve { port in
                logger.info("serving", metadata: ["nb.listen.port": "\(port)"])
            }
            logger.info("stopped")
        }
    }
}
