import ArgumentParser
import Auditing
import Foundation
import Secrets
import Statements

/// How fast, and in how much memory, `audit verify` verifies logs of several lengths.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Verification of both logs beside what the machine's Ed25519 verification alone allows on all cores.",
        discussion: """
            Makes a log of each length with real signatures, verifies it in a process of its own over a store on disk, lets it \
            grow by 1,000 entries and goes on. What the machine allows is measured before and after each run, for others may \
            work on it. 2,000,000 entries need about 3 GB in the temporary directory.
            """)

    /// The rate that a run should reach, as a part of the floor's.
    static let aim = 0.8
    private static let newEntries: UInt64 = 1_000

    @Option(help: "Lengths of activity logs, ascending.")
    var entries: [UInt64] = [10_000, 100_000]

    @Option(help: "How often each log is verified from nothing; the median of the ratios is told.")
    var repeats = 3

    func run() async throws {
        let folder = NSTemporaryDirectory() + "nightbell-bench-audit-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let maker = try AuditLogMaker(in: folder)
        for size in entries.sorted() {
            let began = ContinuousClock.now
            try maker.grow(to: size)
            let length = maker.activity.size
            print(
                "log of \(length) entries, \(maker.messageCount) messages (made in \(rounded(seconds(ContinuousClock.now - began), 1)) s)"
            )
            let store = folder + "/store-\(size)"
            var runs: [(result: AuditRunResult, floor: VerificationFloor)] = []
            var floor = VerificationFloor.measure()
            for _ in 0..<max(1, repeats) {
                try? FileManager.default.removeItem(atPath: store)
                let before = floor
                let result = try audit(folder, maker, store)
                floor = VerificationFloor.measure()
                runs.append((result, .mean(before, floor)))
            }
            runs.sort { $0.result.ratio(to: $0.floor) < $1.result.ratio(to: $1.floor) }
            let median = runs[runs.count / 2]
            median.result.print("from nothing", floor: median.floor)
            print(
                "    ratios of all \(runs.count) runs: \(runs.map { rounded($0.result.ratio(to: $0.floor), 2) }.joined(separator: ", "))"
            )
            try maker.grow(to: length + Self.newEntries)
            try audit(folder, maker, store).print("\(maker.activity.size - length) new entries", floor: nil)
        }
    }

    /// In a process of its own, whose memory is the audit's alone.
    private func audit(_ folder: String, _ maker: AuditLogMaker, _ store: String) throws -> AuditRunResult {
        let output = folder + "/result"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let process = try Spawn.start(
            "/proc/self/exe",
            ["audit-run", folder, "\(maker.roster.size)", "\(maker.activity.size)", "--store", store],
            standards: [.file("/dev/null", O_RDONLY), .file(output, O_WRONLY), .descriptor(2)])
        try Spawn.end(process)
        guard let data = FileManager.default.contents(atPath: output) else { throw BenchFailure.programFailed }
        return try JSONDecoder().decode(AuditRunResult.self, from: data)
    }
}

/// One audit, for `audit`.
struct AuditRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "audit-run", shouldDisplay: false)

    @Argument var folder: String
    @Argument var rosterSize: UInt64
    @Argument var activitySize: UInt64
    @Option var store: String

    func run() async throws {
        var audit = Audit()
        audit.listsMessages = false
        audit.isPresent = true
        let source = LogFiles(folder: folder, sizes: [.roster: rosterSize, .activity: activitySize])
        let result = try await AuditRunResult.measure(audit, source, store)
        print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
    }
}

/// What Ed25519 verification alone takes on this machine, of texts as long as statements.
struct VerificationFloor {
    /// How long it is measured.
    private static let duration = 1.5
    private static let textLength = 1_000

    /// On all cores together.
    let perSecond: Double
    /// Of one verification.
    let cpuSeconds: Double

    static func mean(_ first: VerificationFloor, _ second: VerificationFloor) -> VerificationFloor {
        VerificationFloor(
            perSecond: (first.perSecond + second.perSecond) / 2, cpuSeconds: (first.cpuSeconds + second.cpuSeconds) / 2)
    }

    static func measure() -> VerificationFloor {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let samples = (0..<32).map { _ in
            let key = SigningKey()
            let text = randomBytes(textLength)
            return (key: key.verifyingKey, text: text, signature: key.signature(for: text))
        }
        let valid = Shared(0)
        let cpu = clock()
        let began = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: cores) { core in
            var count = 0
            while seconds(ContinuousClock.now - began) < duration {
                for sample in samples where sample.key.isValid(signature: sample.signature, for: sample.text) {
                    count += 1
                }
            }
            valid.withLock { $0 += count }
        }
        let count = Double(valid.withLock { $0 })
        return VerificationFloor(
            perSecond: count / seconds(ContinuousClock.now - began),
            cpuSeconds: Double(clock() - cpu) / Double(CLOCKS_PER_SEC) / count)
    }
}
