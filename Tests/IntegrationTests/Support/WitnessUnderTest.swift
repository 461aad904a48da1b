import DeviceKit
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A witness as somebody runs it: its folder, its address, its process. It shows the relay's development certificate, which is
/// for this machine, through links, as whoever renews certificates lays them out.
final class WitnessUnderTest: Sendable {
    let name: String
    let folder: String
    let port: Int
    let vkey: String

    /// Makes it, and lets it know logs by their vkeys.
    init(_ name: String, for relay: RelayUnderTest, in folder: String, logs: [String]) async throws {
        self.name = name
        self.folder = "\(folder)/witness-\(name)"
        port = try RelayUnderTest.freePort()
        let made = try await Self.run("init", "--state", self.folder, "--name", "\(name).example/w")
        vkey = made["vkey"]?.string ?? ""
        _ = try await Self.run(["add", "--state", self.folder] + logs)
        for part in ["pem", "key"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(self.folder)-tls.\(part)", withDestinationPath: "\(relay.data)/tls/server.\(part)")
        }
    }

    /// The line of the operator's file.
    var line: String { "witness \(name) \(vkey) https://localhost:\(port)\n" }

    /// Serves until it is stopped.
    func start() async throws -> ChildProcess {
        let child = try ChildProcess(
            Programs.nightbell,
            [
                "--json", "audit", "witness", "serve", "--state", folder, "--listen", "127.0.0.1:\(port)",
                "--tls-certificate", "\(folder)-tls.pem", "--tls-key", "\(folder)-tls.key",
            ])
        try await child.waitForLine(containing: "\"serving\"")
        return child
    }

    /// What it vouches for, by the last word of the origin.
    func sizes() async throws -> [String: Int64] {
        let shown = try await Self.run("show", "--state", folder)
        var sizes: [String: Int64] = [:]
        for log in shown["logs"]?.array ?? [] {
            let origin = log["origin"]?.string ?? ""
            sizes[String(origin.split(separator: "/").last ?? "")] = log["size"]?.integer
        }
        return sizes
    }

    @discardableResult
    static func run(_ words: String...) async throws -> JSONValue { try await run(words) }

    @discardableResult
    static func run(_ words: [String]) async throws -> JSONValue {
        let outcome = try await Programs.run(Programs.nightbell, ["--json", "audit", "witness"] + words)
        guard outcome.status == 0 else { throw PreparationFailed("audit witness \(words)", outcome) }
        return try outcome.json()
    }
}
