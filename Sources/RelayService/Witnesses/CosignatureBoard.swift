import Secrets
import Statements
import Synchronization
import TransparencyLog

/// What the relay knows of its witnesses: the newest checkpoint of each log, how far each witness has vouched, and when it is
/// to be asked again. A value under a lock; nothing in it is needed for delivery, and all of it can be had again.
final class CosignatureBoard: Sendable {
    /// What is to be asked of a witness.
    struct Question: Sendable {
        let log: LogName
        let checkpoint: SignedCheckpoint
        /// The size that the witness cosigned last, as far as is known.
        let old: UInt64
    }

    /// 10 minutes: a quiet log's cosignature is asked for anew, so that its time says "still".
    static let refreshSeconds: UInt64 = 600

    private struct Place: Hashable {
        let witness: Int
        let log: LogName
    }

    private struct State {
        var newest: [LogName: SignedCheckpoint] = [:]
        /// What each witness gave last.
        var given: [Place: CosignedCheckpoint] = [:]
        /// The size that a witness said that it has, where it is not that of ``given``.
        var said: [Place: UInt64] = [:]
        /// Cosigned notes of an earlier start, until their log is known.
        var kept: [[UInt8]]
        var isBehind = false
    }

    let witnesses: [WitnessKey]
    private let state: Mutex<State>
    private let onNew: @Sendable () -> Void

    /// - Parameters:
    ///   - kept: What ``notes`` gave before a stop; what does not verify is dropped.
    ///   - onNew: There is something to ask for.
    init(_ witnesses: [WitnessKey], kept: [[UInt8]] = [], onNew: @escaping @Sendable () -> Void = {}) {
        self.witnesses = witnesses
        state = Mutex(State(kept: kept))
        self.onNew = onNew
    }

    // MARK: Told by the sequencers

    /// Takes up a log at start, with what witnesses gave before.
    func add(_ log: LogName, _ key: LogKey, head: SignedCheckpoint) {
        guard !witnesses.isEmpty else { return }
        state.withLock { state in
            for bytes in state.kept {
                guard let signed = try? key.verify(checkpoint: bytes), signed.size <= head.size else { continue }
                for (witness, witnessKey) in witnesses.enumerated() {
                    guard let given = CosignedCheckpoint(signed, by: witnessKey) else { continue }
                    let place = Place(witness: witness, log: log)
                    if state.given[place].map({ $0.isOlder(than: given) }) ?? true { state.given[place] = given }
                }
            }
        }
        record(head, of: log)
    }

    /// Notes a checkpoint that is durable. Costs a lock.
    func record(_ head: SignedCheckpoint, of log: LogName) {
        guard !witnesses.isEmpty else { return }
        let isNew = state.withLock { state in
            guard head.size > state.newest[log]?.size ?? 0 else { return false }
            state.newest[log] = head
            return true
        }
        if isNew { onNew() }
    }

    // MARK: Asked by the routes

    /// The cosignatures that there are of exactly this checkpoint.
    func cosignatures(of checkpoint: SignedCheckpoint, log: LogName) -> [NoteSignature] {
        given(log).filter { $0.checkpoint.checkpoint == checkpoint.checkpoint }.map(\.cosignature.signature)
    }

    /// What each witness gave last, one note each.
    func notes(of log: LogName) -> [SignedNote] { given(log).map(\.note) }

    private func given(_ log: LogName) -> [CosignedCheckpoint] {
        state.withLock { state in
            witnesses.indices.compactMap { state.given[Place(witness: $0, log: log)] }
        }
    }

    // MARK: Asked by those who ask the witnesses

    /// What a witness is to be asked now, by log.
    func questions(to witness: Int, at seconds: UInt64) -> [Question] {
        state.withLock { state in
            state.newest.sorted { $0.key < $1.key }.compactMap { log, checkpoint in
                let place = Place(witness: witness, log: log)
                let given = state.given[place]
                if let given, given.checkpoint.checkpoint == checkpoint.checkpoint,
                    given.cosignature.seconds + Self.refreshSeconds > seconds
                {
                    return nil
                }
                return Question(
                    log: log, checkpoint: checkpoint, old: state.said[place] ?? given?.checkpoint.size ?? 0)
            }
        }
    }

    /// A witness cosigned.
    func note(_ cosignature: Cosignature, of question: Question, from witness: Int) {
        let place = Place(witness: witness, log: question.log)
        state.withLock { state in
            state.said[place] = nil
            state.given[place] = CosignedCheckpoint(question.checkpoint, cosignature)
            state.isBehind = true
        }
    }

    /// A witness said which size it cosigned last.
    /// - Returns: Whether that is less than it cosigned for this relay: it forgot.
    func note(size: UInt64, of log: LogName, from witness: Int) -> Bool {
        let place = Place(witness: witness, log: log)
        return state.withLock { state in
            state.said[place] = size
            return size < state.given[place]?.checkpoint.size ?? 0
        }
    }

    /// Seconds since the oldest of all cosignatures that there should be; `nil` when one is missing altogether.
    func age(at seconds: UInt64) -> UInt64? {
        state.withLock { state in
            var oldest = seconds
            for log in state.newest.keys {
                for witness in witnesses.indices {
                    guard let given = state.given[Place(witness: witness, log: log)] else { return nil }
                    oldest = min(oldest, given.cosignature.seconds)
                }
            }
            return seconds - oldest
        }
    }

    /// All notes, when there are some that were not handed out here before.
    func notesToKeep() -> [[UInt8]]? {
        state.withLock { state in
            guard state.isBehind else { return nil }
            state.isBehind = false
            return state.given.values.map { $0.note.bytes }
        }
    }
}
