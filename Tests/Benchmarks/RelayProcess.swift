import DeviceKit
import Foundation

/// A relay of its own for one run, on loopback, in a temporary directory that goes with it.
final class RelayProcess {
    let folder: String
    let address: String
    private let process = Process()

    /// Starts `nightbell-relay` from the folder of this very program and waits until it takes connections.
    init() async throws {
        folder = NSTemporaryDirectory() + "nightbell-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("nightbell-relay")
        let port = Int.random(in: 20_000...50_000)
        address = "localhost:\(port)"
        let initialise = Process()
        initialise.executableURL = program
        initialise.arguments = ["init", "--data", folder + "/relay", "--name", address, "--dev-tls"]
        initialise.standardOutput = FileHandle.nullDevice
        try initialise.run()
        initialise.waitUntilExit()
        process.executableURL = program
        process.arguments = [
            "serve", "--data", folder + "/relay", "--listen", "127.0.0.1:\(port)", "--limits-requests-per-second",
            "100000", "--limits-request-burst", "100000", "--limits-connections", "20000",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while !isListening(port) {
            guard ContinuousClock.now < deadline, process.isRunning else { throw Failure.relayDidNotStart }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    enum Failure: Error {
        case relayDidNotStart
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
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func isListening(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
