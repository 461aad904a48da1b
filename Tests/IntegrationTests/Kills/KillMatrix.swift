import Foundation
import Testing

/// How much of the matrix is run: a bounded subset with every test run, all of it by `Config/kills`.
enum KillMatrix {
    /// `NIGHTBELL_KILLS`: take each n-th step of every row; absent: a few of each row.
    private static let every: Int? = ProcessInfo.processInfo.environment["NIGHTBELL_KILLS"].flatMap(Int.init)

    /// Whether the steps of a row are gone through from its first to its last.
    static var isWhole: Bool { every != nil }

    /// `NIGHTBELL_KILL_PAGES`: also between any two writes to a database.
    static let classes: [String] =
        ProcessInfo.processInfo.environment["NIGHTBELL_KILL_PAGES"] == nil ? KillPoint.steps : KillPoint.everything

    /// `NIGHTBELL_KILL_ROWS`: only the rows whose name contains it.
    static func isWanted(_ row: String) -> Bool {
        ProcessInfo.processInfo.environment["NIGHTBELL_KILL_ROWS"].map(row.contains) ?? true
    }

    /// Goes through the points of a row.
    /// - Parameters:
    ///   - trace: The steps of a run without a kill; another has a few more or fewer.
    ///   - turn: Which row it is, of all.
    ///   - few: How many points when only a few are taken.
    ///   - body: Runs it once, and says whether the kill hit.
    static func forEachPoint(of trace: KillTrace, turn: Int, few: Int, _ body: (KillPoint) async -> Bool) async {
        guard let every else {
            for index in 0..<few {
                var point = KillMoment.point(turn: turn + index, in: trace)
                // One that lies behind this run's last step is taken sooner.
                while !(await body(point)), point.number > 1 {
                    point = KillPoint(point.number * 3 / 4, point.when, classes: classes)
                }
            }
            return
        }
        let steps = trace.steps.count
        // To where there is nothing more to end, not to where the count ended.
        var number = 1
        var misses = 0
        while misses == 0 || (number <= steps + 1 && misses < 4) {
            for when in KillPoint.When.allCases {
                misses = await body(KillPoint(number, when, classes: classes)) ? 0 : misses + 1
            }
            number += every
        }
    }
}

/// What became of one row of the matrix: one thing that a user does, ended at each of its steps.
struct KillRow: Sendable, CustomStringConvertible {
    let name: String
    private(set) var steps: Int
    private(set) var seconds: Int64 = 0
    /// How often it was run with a kill point.
    private(set) var runs = 0
    /// How often the program was ended by it.
    private(set) var kills = 0
    /// How often the program had told its whole result before.
    private(set) var told = 0
    private(set) var faults: [String] = []
    /// Where the kills hit, by the command that was under way.
    private(set) var places: [String: Int] = [:]

    private init(name: String, steps: Int) {
        self.name = name
        self.steps = steps
    }

    private mutating func add(_ point: KillPoint, _ result: KillResult) {
        runs += 1
        if let place = result.place {
            kills += 1
            places[place, default: 0] += 1
        }
        if result.wasTold { told += 1 }
        faults += result.faults.map { "\(name), \(point): \($0)" }
    }

    /// Runs a row, and says at once what became of it: a whole matrix takes long.
    /// - Parameters:
    ///   - few: How many points when only a few are taken.
    ///   - trace: Runs it without a kill, and gives its steps.
    ///   - body: Runs it with one.
    static func run(
        _ name: String, few: Int, trace: () async throws -> KillTrace, _ body: (KillPoint) async throws -> KillResult
    ) async -> KillRow {
        let started = ContinuousClock.now
        var row = KillRow(name: name, steps: 0)
        var unharmed: KillTrace?
        do {
            unharmed = try await trace()
        } catch {
            row.faults.append("\(name), not ended: \(error)")
        }
        if let unharmed, !unharmed.steps.isEmpty {
            row.steps = unharmed.steps.count
            await KillMatrix.forEachPoint(of: unharmed, turn: KillMatrixRows.turn(of: name), few: few) { point in
                let result: KillResult
                do { result = try await body(point) } catch { result = KillResult(faults: ["\(error)"]) }
                row.add(point, result)
                return result.place != nil
            }
        }
        row.seconds = (ContinuousClock.now - started).components.seconds
        let lines = [header, row.description] + row.faults.map { "    FAULT: \($0)" }
        FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
        return row
    }

    /// What a test demands of it.
    func expectNoFault(_ location: SourceLocation = #_sourceLocation) {
        #expect(faults == [], "\(name)", sourceLocation: location)
        #expect(kills > 0, "no kill hit \(name)", sourceLocation: location)
    }

    private static let header =
        "what was done".padding(to: 26) + "steps".padding(to: 8) + "runs".padding(to: 8) + "killed".padding(to: 8)
        + "told".padding(to: 8) + "seconds".padding(to: 9) + "lost or doubled"

    var description: String {
        name.padding(to: 26) + "\(steps)".padding(to: 8) + "\(runs)".padding(to: 8) + "\(kills)".padding(to: 8)
            + "\(told)".padding(to: 8) + "\(seconds)".padding(to: 9) + "\(faults.count)"
            + places.sorted { $0.key < $1.key }.map { "\n    \($0.key): \($0.value)" }.joined()
    }
}

/// What one run showed.
struct KillResult: Sendable {
    /// What was under way when the program was ended; `nil` when it was not ended.
    var place: String?
    /// Whether the whole result stood on standard output before.
    var wasTold = false
    var faults: [String] = []
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
