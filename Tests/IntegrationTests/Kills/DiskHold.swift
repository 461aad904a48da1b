import Foundation

/// A disk that takes as long as the test says: each synchronisation of the program that it is lent to waits to be let go.
///
/// What the program says meanwhile, it says before its words are durable. See `killpoint.c`.
struct DiskHold {
    /// For ``KillPoint/hold``.
    let path: String
    /// For ``KillPoint/trace``.
    let trace: String
    private var letGo: Set<Int> = []

    /// - Parameter folder: Where its files lie.
    init(in folder: String) {
        path = folder + "/hold"
        trace = folder + "/trace-hold"
    }

    /// From now on every synchronisation waits.
    func begin() throws {
        try Data().write(to: URL(fileURLWithPath: path))
    }

    /// Lets everything go.
    func end() throws { try FileManager.default.removeItem(atPath: path) }

    /// What waits and was not let go yet, the longest first.
    func waiting() throws -> [KillTrace.Step] {
        let steps = try KillTrace(trace).steps
        let done = Set(steps.lazy.filter { $0.kind == "sync" }.map(\.number))
        return steps.filter { $0.kind == "held" && !done.contains($0.number) && !letGo.contains($0.number) }
    }

    mutating func letGo(_ step: KillTrace.Step) throws {
        letGo.insert(step.number)
        try Data().write(to: URL(fileURLWithPath: "\(path)-\(step.number)"))
    }
}
