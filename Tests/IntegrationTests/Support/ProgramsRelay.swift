import DeviceKit
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A relay as an operator runs it: its data directory, its address on loopback, its process.
final class RelayUnderTest: Sendable {
    /// The data directory.
    let data: String
    let port: Int
    /// Where it listens, when something stands between it and its address.
    private let listening: Int
    /// What it is always started with, beside what a start says.
    let settings: [String]
    private let process = Mutex<ChildProcess?>(nil)

    /// - Parameter data: The data directory, made by ``initialise()`` or copied.
    init(data: String, port: Int, listening: Int? = nil, settings: [String] = []) {
        self.data = data
        self.port = port
        self.listening = listening ?? port
        self.settings = settings
    }

    var address: String { "localhost:\(port)" }
    var authority: String { data + "/tls/ca.pem" }
    var child: ChildProcess? { process.withLock { $0 } }

    /// `nightbell-relay init`.
    func initialise() async throws {
        let outcome = try await Programs.run(
            Programs.relay, ["init", "--data", data, "--name", address, "--dev-tls"])
        guard outcome.status == 0 else { throw PreparationFailed("init", outcome) }
    }

    /// Starts it and waits until it takes connections.
    /// - Returns: Whether it does; `false` only when a kill point ended it before.
    @discardableResult
    func start(_ kill: KillPoint? = nil, settings: [String] = []) async throws -> Bool {
        let child = try ChildProcess(
            Programs.relay,
            [
                "serve", "--data", data, "--listen", "127.0.0.1:\(listening)", "--limits-requests-per-second", "100000",
                "--limits-request-burst", "100000",
            ] + self.settings + settings, environment: try kill?.environment() ?? [:])
        process.withLock { $0 = child }
        let isThere = await child.wait { $0.errText.contains("\"message\":\"serving\"") || $0.hasEnded }
        guard isThere, !child.now.hasEnded else {
            if let status = child.now.status, status == Outcome.killed, kill != nil { return false }
            throw PreparationFailed("the relay did not start: \(child.now.errText)")
        }
        return true
    }

    /// Whether its process is there.
    var isRunning: Bool { child.map { $0.now.status == nil } ?? false }

    /// SIGTERM, as an operator stops it.
    /// - Returns: What it left.
    @discardableResult
    func stop() async throws -> Outcome {
        guard let child else { throw PreparationFailed("the relay was not started") }
        child.signal(SIGTERM)
        return try await child.outcome()
    }

    /// Ends it without a word.
    func kill() async throws {
        child?.signal(SIGKILL)
        _ = try await child?.outcome()
    }

    /// `nightbell-relay check`.
    func check() async throws -> Outcome {
        try await Programs.run(Programs.relay, ["check", "--data", data, "--json"])
    }

    /// A port that is free now, and that nobody is given by chance before it is used, or while its relay is away: it lies
    /// below those that the system hands out to connections.
    static func freePort() throws -> Int {
        try taken.withLock { taken in
            for _ in 0..<1_000 {
                let port = Int.random(in: 12_000..<32_000)
                if !taken.contains(port), isFree(port) {
                    taken.insert(port)
                    return port
                }
            }
            throw PreparationFailed("no port is free")
        }
    }

    private static let taken = Mutex<Set<Int>>([])

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, size) == 0
            }
        }
    }
}
