import DeviceKit
import Foundation

/// A practice whose people use the program: an admin, a desk, a doctor.
struct BenchPeople {
    private let relay: RelayProcess

    init(_ relay: RelayProcess) { self.relay = relay }

    func profile(_ name: String) -> String { relay.folder + "/profile-" + name }
    func key(_ name: String) -> String { relay.folder + "/key-" + name }

    /// Founds, and lets the desk and the doctor join.
    func found() throws {
        try run(
            "admin", ["admin", "found", "--relay", relay.address, "--organisation", "Benchmark", "--member", "Admin"])
        for (name, role) in [("desk", "intake"), ("doctor", "provider")] {
            let answer = try run("admin", ["--json", "admin", "invite", "--member", name, "--role", role])
            try run(name, ["join", try JSONParser.parse(answer)["invitation"]?.string ?? ""])
        }
    }

    /// One message from the desk to the doctor, who has it.
    func sendOne() throws {
        try run("desk", ["send", "--to", "doctor", "--urgency", "routine", "--text", "a message of the usual length"])
        try run("doctor", ["inbox"])
    }

    /// Runs the program and gives what it printed.
    @discardableResult
    func run(_ name: String, _ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("nightbell")
        process.arguments =
            ["--profile", profile(name), "--key-file", key(name), "--ca", relay.certificateAuthority] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchFailure.programFailed }
        return [UInt8](bytes)
    }
}
