import ArgumentParser
import Foundation
import RelayService

/// `push-keys`: makes the key that Web Push services know the relay by.
struct PushKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push-keys", abstract: "Make the key that Web Push services know this relay by, or show it.",
        discussion: """
            Web Push, and so UnifiedPush, needs it and the setting push.contact. It is made once and never overwritten:
            another key ends every Web Push subscription, and each device must subscribe anew. Works also while the relay
            runs, which reads it at its next start.
            """)

    private struct Document: Encodable {
        let vapid_key: String
        let created: Bool
    }

    @Option(help: "The data directory.")
    var data: String?

    @Flag(help: "One JSON object instead of text.")
    var json = false

    func run() async throws {
        umask(0o077)
        try await Failing.report(json: json) {
            let directory = try DataDirectory.open(
                at: try RelayConfiguration.dataPath(flag: data, environment: ProcessInfo.processInfo.environment))
            let keys = try PushKeys.make(in: directory)
            if json {
                return print(try JSONLine.text(of: Document(vapid_key: keys.publicKey, created: keys.isCreated)))
            }
            print(
                "\(keys.isCreated ? "Made the key of Web Push." : "The key of Web Push was there already.") Its public half:"
            )
            print(keys.publicKey)
            print("Keep a copy of \(directory.keys) off-line: another key ends every Web Push subscription.")
            print("Next: set push.contact in \(directory.configuration), and restart the relay.")
        }
    }
}
