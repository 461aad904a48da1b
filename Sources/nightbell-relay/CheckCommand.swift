import ArgumentParser
import Foundation
import RelayService

/// `check`: recomputes every log, and looks for every sealed attachment.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Recompute every log and compare it with what the relay signed; look for every attachment.",
        discussion: "Asks the running relay; when none runs, opens the data directory itself.")

    @Option(help: "The data directory.")
    var data: String?

    @Flag(help: "Read every sealed attachment, too, and compare its hash.")
    var readAttachments = false

    @Flag(help: "One JSON object instead of text.")
    var json = false

    func run() async throws {
        umask(0o077)
        try await Failing.report(json: json) {
            let environment = ProcessInfo.processInfo.environment
            let directory = try DataDirectory.open(
                at: try RelayConfiguration.dataPath(flag: data, environment: environment))
            let report = try await report(directory, environment: environment)
            if json {
                print(try JSONLine.text(of: report))
            } else {
                print(
                    "\(report.organisations) organisations, \(report.entries) entries recomputed, "
                        + "\(report.attachments) sealed attachments \(readAttachments ? "read" : "looked for").")
                for problem in report.problems { print("\(problem.code): \(problem.message)") }
                if report.problems.isEmpty {
                    print("Every log gives exactly what was signed, and every attachment is there.")
                }
            }
            guard report.problems.isEmpty else { throw ExitCode(65) }
        }
    }

    private func report(_ directory: DataDirectory, environment: [String: String]) async throws -> CheckReport {
        do {
            let answer = try await AdminClient.ask(
                readAttachments ? .checkAll : .check, at: directory.adminSocket, timeout: .seconds(3_600))
            if case .check(let report) = answer { return report }
            throw OperationsError(.adminUnanswered, "the relay answered something else", next: "update nightbell-relay")
        } catch let error as OperationsError where error.code == .relayNotRunning {
            return try await Relay.check(
                try RelayConfiguration.load(directory, environment: environment), readsAttachments: readAttachments)
        }
    }
}
