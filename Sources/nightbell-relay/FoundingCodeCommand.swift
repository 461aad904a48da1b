import ArgumentParser
import Foundation
import RelayService
import Statements

/// `founding-code`: lets somebody found an organisation.
struct FoundingCodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "founding-code", abstract: "Make a one-time code with which an organisation can be founded here.",
        discussion:
            "The code is shown once, is good for 24 hours and for one founding. Hand it over by voice or on paper.")

    @Option(help: "The data directory.")
    var data: String?

    @Flag(help: "One JSON object instead of text.")
    var json = false

    func run() async throws {
        umask(0o077)
        try await Failing.report(json: json) {
            let directory = try DataDirectory.open(
                at: try RelayConfiguration.dataPath(flag: data, environment: ProcessInfo.processInfo.environment))
            let issued = try await Self.issue(directory)
            if json {
                print(try JSONLine.text(of: ["code": "\(issued.code.exposed())", "expires": "\(issued.expires)"]))
            } else {
                print("Founding code: \(issued.code.exposed())")
                print("Good for one founding until \(issued.expires). It will not be shown again.")
            }
        }
    }

    private static func issue(_ directory: DataDirectory) async throws -> IssuedFoundingCode {
        do {
            let answer = try await AdminClient.ask(.foundingCode, at: directory.adminSocket, timeout: .seconds(30))
            if case .foundingCode(let issued) = answer { return issued }
            throw OperationsError(.adminUnanswered, "the relay answered something else", next: "update nightbell-relay")
        } catch let error as OperationsError where error.code == .relayNotRunning {
            // Nobody serves: the lock says so, and keeps it so while the file is written.
            let lock = try directory.lock()
            defer { withExtendedLifetime(lock) {} }
            return try FoundingCodes(directory.foundingCodes).issue()
        }
    }
}
