import Logging
import NIOSSL
import PushDelivery
import RelayStorage
import Secrets
import ServiceLifecycle
import Statements
import Synchronization
import SystemPackage
import TransparencyLog

/// Asks every witness for its cosignature of what is durable: all of them at once, each with a deadline, off the path of every
/// answer. Whether one is there, slow, or gone, delays no statement.
final class WitnessAsker: Service, CustomStringConvertible {
    /// 10: for one exchange, of which the connection may take half. Nobody waits for it, and a busy machine may.
    static let attemptSeconds = 10
    /// Seconds between attempts at what may only need a moment: doubled from the first to the last.
    static let backOff: ClosedRange<Double> = 1...60
    /// 300: seconds until what an operator must mend is asked for again.
    static let mendSeconds = 300.0

    /// 300: how far the clocks of a witness and of this machine may be apart.
    static let clockSeconds: UInt64 = 300

    /// Posts a body, and gives what came back; `nil` for nothing in time.
    typealias Post = @Sendable (_ body: [UInt8]) async -> PostAnswer?

    private struct Trouble {
        var failures = 0
        /// Seconds of the uptime clock.
        var notBefore = 0.0
        var outcome: WitnessOutcome?
    }

    private let board: CosignatureBoard
    private let posts: [Post]
    private let store: any RelayStore
    private let file: FilePath
    private let metrics: WitnessMetrics
    private let logger: Logger
    private let now: @Sendable () -> UInt64
    private let uptime: @Sendable () -> Double
    private let wakes: [(stream: AsyncStream<Void>, source: AsyncStream<Void>.Continuation)]

    /// - Parameters:
    ///   - posts: One for each witness of the board.
    ///   - file: Where cosigned checkpoints are kept over a restart.
    init(
        _ board: CosignatureBoard, posts: [Post], store: any RelayStore, file: FilePath, metrics: WitnessMetrics,
        logger: Logger,
        now: @escaping @Sendable () -> UInt64 = { UInt64(max(1, Timestamp.now().milliseconds / 1_000)) },
        uptime: @escaping @Sendable () -> Double = { PushClock.uptime() }
    ) {
        self.board = board
        self.posts = posts
        self.store = store
        self.file = file
        self.metrics = metrics
        self.logger = logger
        self.now = now
        self.uptime = uptime
        wakes = posts.map { _ in
            let (stream, source) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            return (stream, source)
        }
    }

    var description: String { "witnesses" }

    /// There is something to ask for.
    func wake() { for wake in wakes { wake.source.yield() } }

    func run() async throws {
        guard !posts.isEmpty else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for witness in self.posts.indices { group.addTask { await self.ask(witness) } }
                group.addTask { await self.tick() }
            }
        }
        keep()
    }

    /// Once a second: whoever waits for the end of a back-off looks again, and what was cosigned is kept.
    private func tick() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            wake()
            keep()
            metrics.oldest(board.age(at: now()))
        }
    }

    private func keep() {
        guard let notes = board.notesToKeep() else { return }
        do { try DurableFile.replace(file, with: CosignedFile.bytes(notes)) } catch {
            // It can be had again: whoever asks after a start asks anew.
            logger.warning("cosigned checkpoints could not be kept", error: error)
        }
    }

    private func ask(_ witness: Int) async {
        var troubles: [LogName: Trouble] = [:]
        for await _ in wakes[witness].stream {
            for question in board.questions(to: witness, at: now()) {
                var trouble = troubles[question.log] ?? Trouble()
                guard uptime() >= trouble.notBefore else { continue }
                let outcome = await self.outcome(of: question, to: witness)
                if Task.isCancelled { return }
                remark(outcome, after: trouble.outcome, witness)
                if outcome == .cosigned {
                    trouble = Trouble()
                } else {
                    trouble.failures += 1
                    let pause = Self.backOff.lowerBound * Double(1 << min(trouble.failures - 1, 10))
                    trouble.notBefore =
                        uptime() + (outcome.mayPass ? min(pause, Self.backOff.upperBound) : Self.mendSeconds)
                }
                trouble.outcome = outcome
                troubles[question.log] = trouble
                // Of a witness that is not there no other log need be asked.
                let isGone = outcome == .unreachable
                if isGone {
                    for question in board.questions(to: witness, at: now()) { troubles[question.log] = trouble }
                }
                // Counted when it is over: from here on its pause runs.
                metrics.asked(outcome)
                if isGone { break }
            }
        }
    }

    private func outcome(of question: CosignatureBoard.Question, to witness: Int) async -> WitnessOutcome {
        let checkpoint = question.checkpoint
        // One that said a larger size is asked all the same: what it said once need not be so for ever.
        var old = min(question.old, checkpoint.size)
        var hasForgotten = false
        // Twice: the first answer may say what to ask.
        for _ in 0..<2 {
            guard old <= checkpoint.size else { return .ahead }
            guard let proof = try? await proof(of: question, from: old) else { return .refused }
            let body = AddCheckpoint(old: old, proof: proof, checkpoint: checkpoint.note.bytes).bytes
            guard let answer = await posts[witness](body) else { return .unreachable }
            switch answer.status {
            case 200:
                let key = board.witnesses[witness]
                guard
                    let cosignature = NoteSignature.lines(parsing: answer.body)?.lazy.compactMap({
                        key.cosignature($0, of: checkpoint.note.text)
                    }).first, Self.isNow(cosignature, now())
                else { return .badAnswer }
                board.note(cosignature, of: question, from: witness)
                return hasForgotten ? .forgot : .cosigned
            case 409:
                guard let size = AddCheckpoint.size(parsing: answer.body), size != old else { return .badAnswer }
                if board.note(size: size, of: question.log, from: witness) { hasForgotten = true }
                old = size
            case 422: return .inconsistent
            case 404: return .unknownLog
            default: return .refused
            }
        }
        return .refused
    }

    /// Whether a cosignature is of this moment, give or take the clocks: an old one shown again says nothing about now.
    private static func isNow(_ cosignature: Cosignature, _ now: UInt64) -> Bool {
        cosignature.seconds <= now + clockSeconds && cosignature.seconds + clockSeconds >= now
    }

    private func proof(of question: CosignatureBoard.Question, from old: UInt64) async throws -> [Digest] {
        guard old > 0, old < question.checkpoint.size else { return [] }
        let log = question.log
        let size = question.checkpoint.size
        return try await store.read { reader in
            try StoredHashes(tiles: reader, log: log.log, organisation: log.organisation)
                .consistencyProof(from: old, to: size)
        }
    }

    /// Once for each change, and not once for each attempt.
    private func remark(_ outcome: WitnessOutcome, after last: WitnessOutcome?, _ witness: Int) {
        guard outcome != last, outcome != .cosigned || last != nil else { return }
        let metadata: Logger.Metadata = [
            "nb.witness.number": "\(witness + 1)", "nb.witness.outcome": "\(outcome.rawValue)",
        ]
        switch outcome {
        case .cosigned: logger.info("a witness cosigns again", metadata: metadata)
        case .inconsistent, .ahead:
            logger.error("a witness has vouched for another history than this relay's", metadata: metadata)
        case .forgot:
            logger.error("a witness has forgotten what it cosigned: have it replaced", metadata: metadata)
        default: logger.warning("a witness does not cosign", metadata: metadata)
        }
    }
}

/// The file of cosigned checkpoints: one note a line, in base64. What cannot be read of it is had again by asking.
enum CosignedFile {
    /// 8 MiB.
    static let maximumByteCount = 8 << 20

    static func bytes(_ notes: [[UInt8]]) -> [UInt8] {
        notes.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { Base64.encodedBytes($0) + [UInt8(ascii: "\n")] }
    }

    /// What an earlier process kept.
    static func kept(at path: FilePath) -> [[UInt8]] {
        (try? DurableFile.read(path, limit: maximumByteCount)).flatMap { $0 }.map(notes) ?? []
    }

    static func notes(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { Base64.decode($0) }
    }
}

/// Carries a word from whoever is made first to whoever is made later.
final class WakeBell: Sendable {
    private let answer = Mutex<(@Sendable () -> Void)?>(nil)

    func ring() { answer.withLock { $0 }?() }

    func answer(_ body: @escaping @Sendable () -> Void) { answer.withLock { $0 = body } }
}
