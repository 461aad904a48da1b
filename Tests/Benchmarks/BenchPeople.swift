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
        let process = try start(name, arguments, output: .descriptor(output.fileHandleForWriting.fileDescriptor))
        try output.fileHandleForWriting.close()
        let bytes = Self.everything(output.fileHandleForReading.fileDescriptor)
        try Spawn.end(process)
        return bytes
    }

    /// Foundation reads pages, and holds the program up for each.
    private static func everything(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress!, $0.count) }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
        }
    }

    /// Starts the program, which goes on.
    func start(
        _ name: String, _ arguments: [String], output: Spawn.Standard = .file("/dev/null", O_RDWR)
    ) throws -> pid_t {
        try Spawn.start(
            Self.program, options(name) + ["--key-file", key(name)] + arguments,
            standards: [.file("/dev/null", O_RDONLY), output, .file("/dev/null", O_RDWR)])
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
