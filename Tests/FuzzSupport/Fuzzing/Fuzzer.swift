import Foundation

/// A deterministic fuzz test of one parser of outside bytes.
///
/// To add a parser:
/// 1. Commit some inputs below `Tests/Vectors/corpus/<parser>/`, at least one of them named `ok-…` (see ``Corpus``).
/// 2. In a test of your target (it needs the dependency `FuzzSupport`):
///
///        @Test func ticketsAreReadStrictly() throws {
///            let report = try Fuzzer(parser: "ticket").run { bytes in try? Ticket(parsing: bytes).bytes }
///            #expect(report.findings.isEmpty)
///        }
///
///    The closure gives `nil` when the parser refuses, and otherwise what the writer makes of the parsed value.
///
/// What is checked: no input traps (the test process would die; see `NIGHTBELL_FUZZ_TRACE`), nothing is accepted that
/// the writer would not have written byte for byte, each call ends in time, the corpus files are treated as their names
/// say, and something was accepted at all.
///
/// `NIGHTBELL_FUZZ_ITERATIONS` is the number of mutated inputs for each parser (default 1,000; fewer where `cost` says so).
/// `NIGHTBELL_FUZZ_SEED` starts from another place. `NIGHTBELL_FUZZ_TRACE` names a folder in which each parser's current
/// input is kept, so that what made it trap is there afterwards.
public struct Fuzzer: Sendable {
    /// What went wrong, in words, with the input as base64.
    public struct Finding: Sendable, CustomStringConvertible {
        public let parser: String
        public let reason: String
        public let input: [UInt8]

        public var description: String { "\(parser): \(reason): \(Data(input.prefix(6_000)).base64EncodedString())" }
    }

    public struct Report: Sendable {
        /// Mutated inputs.
        public let inputs: Int
        /// Of these and the corpus, how many were accepted.
        public let accepted: Int
        public let findings: [Finding]
    }

    /// No input may take longer, in a debug build on a busy machine.
    private static let longestSeconds = 5.0
    private static let environment = ProcessInfo.processInfo.environment

    private let corpus: Corpus
    private let iterations: Int
    private let trace: URL?

    /// - Parameter cost: How much dearer a call is than parsing a small text; divides the number of inputs.
    public init(parser: String, cost: Int = 1) throws {
        corpus = try Corpus(parser: parser)
        iterations = max(1, (Int(Self.environment["NIGHTBELL_FUZZ_ITERATIONS"] ?? "") ?? 1_000) / cost)
        trace = Self.environment["NIGHTBELL_FUZZ_TRACE"].map { URL(fileURLWithPath: $0).appendingPathComponent(parser) }
    }

    /// Runs the parser over the corpus, then over mutations of it.
    public func run(_ rewrite: ([UInt8]) -> [UInt8]?) -> Report {
        var findings: [Finding] = []
        var accepted = 0
        func check(_ input: [UInt8]) -> Bool {
            if let trace { try? Data(input).write(to: trace) }
            func takesLong(_ work: () -> Void) -> Bool {
                let start = ContinuousClock.now
                work()
                return start.duration(to: .now) > .seconds(Self.longestSeconds)
            }
            var written: [UInt8]?
            // Once may be the machine, which had no time for it.
            if takesLong({ written = rewrite(input) }), takesLong({ _ = rewrite(input) }),
                takesLong({ _ = rewrite(input) })
            {
                report("takes too long", input)
            }
            guard let written else { return false }
            accepted += 1
            if written != input { report("accepted what the writer would not have written", input) }
            return true
        }
        func report(_ reason: String, _ input: [UInt8]) {
            findings.append(Finding(parser: corpus.parser, reason: reason, input: input))
        }
        for file in corpus.files {
            let isAccepted = check(file.bytes)
            if file.mustBeAccepted && !isAccepted { report("\(file.name) is refused", file.bytes) }
            if file.mustBeRefused && isAccepted { report("\(file.name) is accepted", file.bytes) }
        }
        if accepted == 0 { report("nothing in the corpus is accepted", []) }
        let seed = UInt64(Self.environment["NIGHTBELL_FUZZ_SEED"] ?? "") ?? 1
        var generator = SplitMix64(seed: seed, name: corpus.parser)
        var mutator = Mutator(
            generator: SplitMix64(seed: generator.next(), name: "mutator"), others: corpus.files.map(\.bytes))
        for _ in 0..<iterations where findings.count < 5 {
            _ = check(mutator.mutate(corpus.files[generator.below(corpus.files.count)].bytes))
        }
        return Report(inputs: iterations, accepted: accepted, findings: findings)
    }
}
