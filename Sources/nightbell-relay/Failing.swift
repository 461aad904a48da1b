import ArgumentParser
import Foundation
import RelayService

/// Turns what went wrong into two lines for the operator, or one object for a script, and an exit code.
enum Failing {
    /// What is written with `--json`.
    private struct Document: Encodable {
        struct Failure: Encodable {
            let code: String
            let message: String
            let next: String
        }

        let error: Failure
    }

    /// Runs a command's work.
    static func report(json: Bool = false, _ work: () async throws -> Void) async throws {
        do { try await work() } catch let exit as ExitCode {
            throw exit
        } catch let error as OperationsError {
            say(.init(code: error.code.rawValue, message: error.message, next: error.next), json: json)
            throw ExitCode(error.exitCode)
        } catch {
            say(
                .init(
                    code: "failed", message: "\(error)",
                    next: "the relay's log says more; keep the data directory as it is"), json: json)
            throw ExitCode(1)
        }
    }

    private static func say(_ failure: Document.Failure, json: Bool) {
        guard json, let text = try? JSONLine.text(of: Document(error: failure)) else {
            say("error: \(failure.message)")
            say("hint: \(failure.next)")
            return
        }
        try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
    }

    static func say(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data("nightbell-relay: \(line)\n".utf8))
    }
}
