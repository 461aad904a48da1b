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
        let output = Pipe()
        let process = try start(name, arguments, output: output)
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        try end(process)
        return [UInt8](bytes)
    }

    /// Starts the program, which goes on.
    func start(_ name: String, _ arguments: [String], output: Pipe? = nil) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = options(name) + ["--key-file", key(name)] + arguments
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Waits for it.
    func end(_ process: Process) throws {
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchFailure.programFailed }
    }

    /// The screen of somebody whose profile is unlocked, in a terminal of its own.
    func screen(_ name: String) throws -> PseudoTerminal {
        try PseudoTerminal(Self.program, options(name) + ["ui"])
    }

    private static var program: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("nightbell").path
    }

    private func options(_ name: String) -> [String] {
        ["--profile", profile(name), "--ca", relay.certificateAuthority]
    }
}
