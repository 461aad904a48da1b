import ArgumentParser
import AuditSupport
import Auditing
import Foundation

/// `nightbell-lies`: makes the corpus of doctored logs, and audits every one.
@main
struct LiesProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightbell-lies",
        abstract: "Make honest logs and, from each, one doctored log for every kind of lie; audit them all.",
        discussion: """
            Each kind must be found, with its code, its log and its entries, and nothing else; on the honest logs, nothing. \
            Large logs take minutes in a debug build: build with -c release.
            Exit: 0 all found, 1 not.
            """)

    @Option(
        name: .customLong("sizes"), help: "Which sizes, separated by commas: small, medium, large.",
        transform: { text in
            try text.split(separator: ",").map { word in
                guard let size = Story.Size(rawValue: String(word)) else {
                    throw ValidationError("\(word) is no size: small, medium, large")
                }
                return size
            }
        })
    var sizes = [Story.Size.small, .medium]
    @Option(help: "Whose story is told: another seed, other days.")
    var seed: UInt64 = 1
    @Option(help: "One kind alone, by its name.")
    var only: String?
    @Option(help: "Write each log to a folder in here, and audit what was written.")
    var write: String?
    @Flag(help: "List the kinds as a table in Markdown, and make nothing.")
    var table = false

    func run() async throws {
        guard !table else { return printTable() }
        let lies = Corpus.lies.filter { only == nil || $0.name == only }
        guard !lies.isEmpty else { throw ValidationError("there is no kind of this name") }
        var failures = 0
        for size in sizes {
            let corpus = Corpus(Story(size, seed: seed))
            failures += try await check(corpus.honest())
            for lie in lies { failures += try await check(corpus.log(telling: lie)) }
        }
        guard failures == 0 else {
            print("\(failures) logs are not judged as they must be")
            throw ExitCode.failure
        }
        print("all \(lies.count) kinds are found in \(sizes.count) sizes, and nothing on the honest logs")
    }

    /// - Returns: 1 when the log is not judged as it must be.
    private func check(_ log: Corpus.Log) async throws -> Int {
        let clock = ContinuousClock()
        let start = clock.now
        let findings: [AuditFinding]
        if let write {
            let directory = CorpusDirectory("\(write)/\(log.size.rawValue)/\(log.name)")
            try directory.write(log)
            findings = try await directory.audit().findings
        } else {
            findings = try await log.audit()
        }
        let complaints = log.expectation.complaints(about: findings)
        let codes = Set(findings.filter { $0.severity != .note }.map(\.code.rawValue)).sorted()
        let columns = [
            complaints.isEmpty ? "ok" : "FAILED", log.size.rawValue, log.lie?.liar.rawValue ?? "-", log.name,
            "\(log.entryCount)", "\((clock.now - start).milliseconds) ms", codes.joined(separator: ","),
        ]
        print(columns.joined(separator: "\t"))
        for complaint in complaints { print("\t\(complaint)") }
        // Each line as it comes, into a file as well.
        fflush(nil)
        return complaints.isEmpty ? 0 : 1
    }

    private func printTable() {
        let corpus = Corpus(Story(.small))
        for liar in Lie.Liar.allCases {
            print("| \(liar.rawValue) | the lie | finding | both |\n|---|---|---|---|")
            for lie in Corpus.lies where lie.liar == liar {
                let findings = corpus.log(telling: lie).expectation.findings
                    .filter { $0.severity != "note" || !$0.words.isEmpty }
                    .map { "`\($0.code)`" + ($0.severity == "note" ? " (note)" : "") }
                var told: [String] = []
                for finding in findings where !told.contains(finding) { told.append(finding) }
                print(
                    "| `\(lie.name)` | \(lie.summary) | \(told.joined(separator: ", ")) |"
                        + " \(lie.showsInExport ? "both" : "") |")
            }
            print("")
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
