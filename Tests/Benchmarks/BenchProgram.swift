import ArgumentParser

/// `nightbell-bench`: measures a relay over TLS and prints ratios to the floor of the same run.
@main
struct BenchProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightbell-bench",
        abstract: "Measure a relay over TLS, beside the floor that signatures and the disk set on this machine.",
        discussion: "Starts a relay of its own from the same build folder, in a temporary directory, on loopback.",
        subcommands: [
            ThroughputCommand.self, LatencyCommand.self, StreamsCommand.self, InboxListCommand.self,
            ScreenCommand.self, PagesCommand.self, AuditCommand.self, AuditRunCommand.self,
        ])
}
