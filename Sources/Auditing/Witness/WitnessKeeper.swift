public import Statements
import Synchronization
public import TransparencyLog

/// A witness with its memory: decides on one request at a time, and answers none before what it decided is durable.
public final class WitnessKeeper: Sendable {
    /// What goes back.
    public struct Answer: Equatable, Sendable {
        public let status: Int
        public let type: String
        public let body: [UInt8]
        /// For logs: what was decided, in a word.
        public let word: String
        /// Whether the request shows that its log signed two histories.
        public let convicts: Bool
        /// Whether the proof of that is kept.
        public let isProofKept: Bool
        /// What was cosigned, or asked for in vain; `nil` unless it names a log that is known.
        public let checkpoint: Checkpoint?
    }

    /// Where a witness remembers.
    public protocol Memory: Sendable {
        /// Puts it in the place of what is there. Durable when it returns.
        func replace(_ state: WitnessState) throws
        /// Keeps two notes that convict a log. Never a reason to answer otherwise.
        /// - Returns: Whether they are kept.
        func keep(evidence: [[UInt8]]) -> Bool
    }

    private let witness: Mutex<Witness>
    private let memory: any Memory
    public let key: WitnessKey

    /// - Parameter witness: With what ``Memory`` holds.
    public init(_ witness: consuming Witness, memory: any Memory) {
        key = witness.state.witness
        self.witness = Mutex(witness)
        self.memory = memory
    }

    /// Answers the body of an `add-checkpoint`. Waits for the disk.
    /// - Parameter seconds: Of this machine's clock, since 1970; asked for when it is this request's turn.
    public func answer(_ body: [UInt8], at seconds: () -> UInt64) -> Answer {
        witness.withLock { witness in
            switch witness.decide(body, at: seconds()) {
            case .refuse(let refusal, let evidence, let asked):
                let isKept = !evidence.isEmpty && memory.keep(evidence: evidence)
                return Answer(refusal, convicts: !evidence.isEmpty, isProofKept: isKept, checkpoint: asked)
            case .cosign(let proposal):
                // What was not durable leaves nothing behind that anybody saw: the next request finds the old state.
                do {
                    guard proposal.state.readsBack(proposal.checkpoint.origin) else {
                        throw AuditError(.logUnfit, "what would be kept could not be read again")
                    }
                    try memory.replace(proposal.state)
                } catch {
                    return Answer(
                        503, "not_durable", Array("what would be signed cannot be kept\n".utf8),
                        checkpoint: proposal.checkpoint)
                }
                witness.commit(proposal)
                return Answer(
                    200, proposal.isFirst ? "cosigned_first" : "cosigned", proposal.cosignature.signature.line,
                    checkpoint: proposal.checkpoint)
            }
        }
    }

    /// The latest cosigned checkpoint of the log whose origin has this hash, in hex.
    public func latest(originHash: String) -> [UInt8]? {
        witness.withLock { witness in
            witness.state.logs.first { AddCheckpoint.monitoringPath(origin: $0.origin) == "/\(originHash)/checkpoint" }?
                .latest?.note.bytes
        }
    }

    /// The logs as they stand.
    public var logs: [WitnessedLog] { witness.withLock { $0.state.logs } }
}

extension WitnessKeeper.Answer {
    public static let plain = "text/plain; charset=utf-8"

    fileprivate init(
        _ status: Int, _ word: String, type: String = plain, _ body: [UInt8], convicts: Bool = false,
        isProofKept: Bool = false, checkpoint: Checkpoint? = nil
    ) {
        self.init(
            status: status, type: type, body: body, word: word, convicts: convicts, isProofKept: isProofKept,
            checkpoint: checkpoint)
    }

    /// The statuses of the specification.
    fileprivate init(_ refusal: Witness.Refusal, convicts: Bool, isProofKept: Bool, checkpoint: Checkpoint?) {
        let (status, word, text) =
            switch refusal {
            case .malformed: (400, "malformed", "no such request")
            case .unknownLog: (404, "unknown_log", "this witness does not know the log")
            case .notSigned: (403, "not_signed", "no good signature of the log")
            case .conflict: (409, "conflict", "")
            case .unproven: (422, "unproven", "the proof does not lead there")
            case .contradiction: (422, "contradiction", "another tree of this size was cosigned")
            case .clockBehind: (503, "clock_behind", "the clock is behind the last cosignature")
            }
        if case .conflict(let size) = refusal {
            self.init(
                status, word, type: AddCheckpoint.sizeType, AddCheckpoint.body(size: size), convicts: convicts,
                isProofKept: isProofKept, checkpoint: checkpoint)
        } else {
            self.init(
                status, word, Array("\(text)\n".utf8), convicts: convicts, isProofKept: isProofKept,
                checkpoint: checkpoint)
        }
    }
}
