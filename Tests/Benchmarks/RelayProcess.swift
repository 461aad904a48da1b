import DeviceKit
import Foundation

/// A relay of its own for one run, on loopback, in a temporary directory that goes with it.
final class RelayProcess {
    let folder: String
    let address: String
    private let process = Process()

    /// Between its clients and the relay, when that was asked for.
    private(set) var link: ObservedLink?

    /// Starts `nightbell-relay` from the folder of this very program and waits until it takes connections.
    /// - Parameters:
    ///   - isObserved: Whether everything that clients say goes through a ``link``.
    ///   - settings: Further options of `serve`, from the relay's folder, which `init` has made by then.
    init(isObserved: Bool = false, settings: (String) async throws -> [String] = { _ in [] }) async throws {
        folder = NSTemporaryDirectory() + "nightbell-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let port = Int.random(in: 20_000...50_000)
        let named = isObserved ? port + 1 : port
        address = "localhost:\(named)"
        try Self.run(["init", "--data", folder + "/relay", "--name", address, "--dev-tls"])
        let settings = try await settings(folder + "/relay")
        process.executableURL = Self.program
        process.arguments =
            [
                "serve", "--data", folder + "/relay", "--listen", "127.0.0.1:\(port)", "--limits-requests-per-second",
                "100000", "--limits-request-burst", "100000", "--limits-connections", "20000",
            ] + settings
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while !Self.isListening(port) {
            guard ContinuousClock.now < deadline, process.isRunning else { throw Failure.relayDidNotStart }
            try await Task.sleep(for: .milliseconds(50))
        }
        if isObserved { link = try ObservedLink(port: named, target: port) }
    }

    enum Failure: Error {
        case relayDidNotStart
        case commandFailed
    }

    private static var program: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("nightbell-relay")
    }

    /// Runs a command of the relay's to its end.
    static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure.commandFailed }
    }

    var certificateAuthority: String { folder + "/relay/tls/ca.pem" }

    func connection() throws -> RelayConnection {
        try RelayConnection(address: address, certificateAuthority: certificateAuthority)
    }

    /// CPU seconds, user and system, that the relay has used.
    var cpuSeconds: Double {
        let fields = stat.split(separator: " ")
        // Fields 14 and 15 of proc(5)'s stat, counted behind the name, which is field 2.
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident bytes of the relay.
    var residentBytes: Double {
        let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)) ?? ""
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Double(fields[1]) ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    private var stat: Substring {
        let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)) ?? ""
        guard let end = text.lastIndex(of: ")") else { return "" }
        return text[text.index(after: end)...]
    }

    func stop() {
        link?.end()
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func isListening(_ port: Int) -> Bool {
        let descriptor = Loopback.connected(to: port)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }
}
