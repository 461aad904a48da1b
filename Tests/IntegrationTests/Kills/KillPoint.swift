import Foundation

/// At which of its durable or outward steps a program is ended, by the preloaded library of `killpoint.c`.
struct KillPoint: Sendable, CustomStringConvertible {
    enum When: String, Sendable, CaseIterable {
        case before, after
    }

    /// The number of the step, from 1; 0 never ends it, and only counts.
    let number: Int
    let when: When
    /// Which classes of steps count.
    let classes: [String]
    /// A file that gets a line a step.
    let trace: String?

    /// A path: see ``DiskHold``.
    let hold: String?

    /// Steps between which something can be lost: every one but a database's pages, which have no effect until a
    /// synchronisation covers them.
    static let steps = ["sync", "name", "truncate", "write", "send", "tell"]
    /// The same and every write to a database.
    static let everything = steps + ["page"]

    init(
        _ number: Int = 0, _ when: When = .before, classes: [String] = steps, trace: String? = nil, hold: String? = nil
    ) {
        self.number = number
        self.when = when
        self.classes = classes
        self.trace = trace
        self.hold = hold
    }

    var description: String { "\(when.rawValue) step \(number)" }

    func environment() throws -> [String: String] {
        var environment = [
            "LD_PRELOAD": try KillLibrary.path.get(), "NIGHTBELL_KILL_AT": "\(number)",
            "NIGHTBELL_KILL_WHEN": when.rawValue,
            "NIGHTBELL_KILL_CALLS": classes.joined(separator: ","),
        ]
        if let trace { environment["NIGHTBELL_KILL_TRACE"] = trace }
        if let hold { environment["NIGHTBELL_KILL_HOLD"] = hold }
        return environment
    }
}

/// The library itself, built once a test process with the system's C compiler.
enum KillLibrary {
    static let path = Result {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("killpoint.c")
        let library = try Programs.temporaryFolder() + "/killpoint.so"
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library, source.path, "-ldl",
        ]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw PreparationFailed("killpoint.c does not compile") }
        return library
    }
}

/// What a program did, step by step.
struct KillTrace: Sendable {
    struct Step: Sendable {
        let number: Int
        let kind: String
        let function: String
        let bytes: Int
        let about: String
    }

    let steps: [Step]

    init(_ path: String) throws {
        self.init(text: try String(contentsOfFile: path, encoding: .utf8))
    }

    init(text: String) {
        steps = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 5, let number = Int(fields[0]), let bytes = Int(fields[3]) else { return nil }
            return Step(number: number, kind: fields[1], function: fields[2], bytes: bytes, about: fields[4])
        }
    }
}
