import Foundation
import Logging
import RelayService
import ServiceLifecycle
import SystemPackage
import Testing

/// A folder of mode 0700 that goes with the test.
final class TemporaryDirectory: Sendable {
    let path: FilePath

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "nb-\(UUID().uuidString.prefix(12))")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        path = FilePath(url.path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    func callAsFunction(_ name: String) -> FilePath { path.appending(name) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path.appending(name).string))
    }
}

func text(of path: FilePath) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path.string)), as: UTF8.self)
}

func permissions(of path: FilePath) throws -> Int {
    Int(try Stat(path).permissions.rawValue)
}

func setPermissions(_ mode: Int, of path: FilePath) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path.string)
}

let silent = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

/// Runs a service around `body`, and ends it as SIGTERM would.
func whileRunning<Result: Sendable>(
    _ service: any Service, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let group = ServiceGroup(
        configuration: .init(services: [.init(service: service)], logger: silent))
    return try await withThrowingTaskGroup(of: Result?.self) { tasks in
        tasks.addTask {
            try await group.run()
            return nil
        }
        let result: Result
        do {
            result = try await body()
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return result
    }
}

/// The code of the error that `body` ends with.
func code(of body: () throws -> some Any) -> OperationsError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? OperationsError)?.code
    }
}

func code(of body: () async throws -> some Any) async -> OperationsError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? OperationsError)?.code
    }
}
