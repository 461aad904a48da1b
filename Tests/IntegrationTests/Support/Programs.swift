import DeviceKit
import Foundation

/// The programs under test, as users run them.
enum Programs {
    /// Where they are: beside this test bundle, or where `NIGHTBELL_PROGRAMS` says (a release build).
    static let folder: String =
        ProcessInfo.processInfo.environment["NIGHTBELL_PROGRAMS"]
        ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path

    static let nightbell = folder + "/nightbell"
    static let relay = folder + "/nightbell-relay"

    /// How long a program that has nothing to wait for may at most take, on a machine that runs all other tests beside it. Only
    /// what fails waits so long.
    static let patienceSeconds = 180.0

    /// Runs a program to its end.
    /// - Parameters:
    ///   - environment: Added to what every program here gets.
    ///   - input: What standard input gives; nothing unless said.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8]? = nil
    ) async throws -> Outcome {
        let child = try ChildProcess(program, arguments, environment: environment, input: input)
        return try await child.outcome()
    }

    /// A new folder that goes with the test process at the latest.
    static func temporaryFolder() throws -> String {
        let path = NSTemporaryDirectory() + "nightbell-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        Guardian.shared.cleanUp(path)
        return path
    }
}

/// What a program left when it ended.
struct Outcome: Sendable {
    /// The exit status; 128 + the signal's number when a signal ended it.
    let status: Int32
    let out: String
    let err: String

    static let killed: Int32 = 128 + 9
    var wasKilled: Bool { status == Self.killed }

    /// The object on standard output.
    func json() throws -> JSONValue { try JSONParser.parse(Array(out.utf8)) }

    /// The objects on standard output, one a line.
    func lines() throws -> [JSONValue] {
        try out.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
    }

    /// The `{error:{code,message,next}}` on standard error.
    var error: JSONValue? {
        err.split(separator: "\n").lazy.compactMap { try? JSONParser.parse(Array($0.utf8)) }.compactMap { $0["error"] }
            .first
    }

    /// The error's stable word.
    var code: String? { error?["code"]?.string }
}

/// A step of a test's preparation that did not do what the test needs.
struct PreparationFailed: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ outcome: Outcome? = nil) {
        description = outcome.map { "\(what): status \($0.status)\n\($0.out)\($0.err)" } ?? what
    }
}
