import DeviceKit
import Foundation

/// Somebody with a profile, who has only the program, an invitation and the relay's CA file.
struct Person: Sendable {
    let name: String
    /// Where the profile and its key file lie.
    let folder: String

    var profile: String { "\(folder)/profile-\(name)" }
    var keyFile: String { "\(folder)/key-\(name)" }

    /// Runs `nightbell` for this person, with `--json`.
    func run(_ arguments: [String], kill: KillPoint? = nil, input: String? = nil) async throws -> Outcome {
        try await Programs.run(
            Programs.nightbell, options + ["--json"] + arguments, environment: try kill?.environment() ?? [:],
            input: input.map { Array($0.utf8) })
    }

    /// The same with words.
    func run(_ arguments: String..., input: String? = nil) async throws -> Outcome {
        try await run(arguments, input: input)
    }

    /// Runs a command that must succeed, and gives its object.
    @discardableResult
    func json(_ arguments: [String]) async throws -> JSONValue {
        let outcome = try await run(arguments)
        guard outcome.status == 0 else {
            throw PreparationFailed("\(name): nightbell \(arguments.joined(separator: " "))", outcome)
        }
        return try outcome.json()
    }

    @discardableResult
    func json(_ arguments: String...) async throws -> JSONValue { try await json(arguments) }

    /// Runs `nightbell` as a person sees it, without `--json`.
    func say(_ arguments: String...) async throws -> Outcome { try await say(arguments) }

    /// The same with a list of words.
    func say(_ arguments: [String]) async throws -> Outcome {
        try await Programs.run(Programs.nightbell, options + arguments)
    }

    /// Starts a command that stays.
    func start(_ arguments: String..., kill: KillPoint? = nil) throws -> ChildProcess {
        try start(words: arguments, kill: kill)
    }

    /// The same with a list of words.
    func start(words arguments: [String], kill: KillPoint? = nil) throws -> ChildProcess {
        try ChildProcess(
            Programs.nightbell, options + ["--json"] + arguments, environment: try kill?.environment() ?? [:])
    }

    /// Starts a command that stays, and says what it says to people.
    func startSaying(_ arguments: String...) throws -> ChildProcess {
        try ChildProcess(Programs.nightbell, options + arguments)
    }

    private var options: [String] { ["--profile", profile, "--key-file", keyFile] }
}
