import ArgumentParser
import Foundation
import RelayService

/// Turns what went wrong into two lines for the operator and an exit code.
enum Failing {
    /// Runs a command's work.
    static func report(_ work: () async throws -> Void) async throws {
        do { try await work() } catch let exit as ExitCode {
            throw exit
        } catch let error as OperationsError {
            say("error: \(error.message)")
            say("hint: \(error.next)")
            throw ExitCode(error.exitCode)
        } catch {
            say("error: \(error)")
            say("hint: the relay's log says more; keep the data directory as it is")
            throw ExitCode(1)
        }
    }

    static func say(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data("nightbell-relay: \(line)\n".utf8))
    }
}
