public import Statements
public import TransparencyLog

/// How far the witnesses whom the organisation names have vouched for what the relay shows.
public struct WitnessStanding: Sendable {
    /// 24 hours: a cosignature that is older counts for nothing.
    public static let currentMilliseconds: Int64 = 86_400_000

    /// 1 hour: a time that lies further ahead is a clock's mistake, or would count for ever.
    public static let aheadMilliseconds: Int64 = 3_600_000

    /// The newest word of one witness about one log.
    public struct Word: Sendable {
        public let witness: WitnessKey
        public let log: LogKind
        public let checkpoint: Checkpoint
        /// The witness's own time.
        public let at: Timestamp

        public init(witness: WitnessKey, log: LogKind, checkpoint: Checkpoint, at: Timestamp) {
            self.witness = witness
            self.log = log
            self.checkpoint = checkpoint
            self.at = at
        }
    }

    public let policy: WitnessPolicy
    /// Since when these witnesses are named, by log time.
    public let since: Timestamp
    /// By log, in the order of the policy's witnesses; those that never vouched are missing.
    public let words: [Word]

    public init(policy: WitnessPolicy, since: Timestamp, words: [Word]) {
        self.policy = policy
        self.since = since
        self.words = words
    }

    /// The newest word of a witness.
    public func word(of witness: WitnessKey, _ log: LogKind) -> Word? {
        words.first { $0.witness == witness && $0.log == log }
    }

    /// Of how many witnesses there is a word about this log that is recent enough to count.
    public func current(_ log: LogKind, at now: Timestamp) -> Int {
        words.count { word in
            let age = now.milliseconds(since: word.at)
            return word.log == log && age < Self.currentMilliseconds && age > -Self.aheadMilliseconds
        }
    }

    /// Logs of which fewer witnesses than are demanded have vouched in the last 24 hours, though they had so long. It blocks
    /// nothing: it is to be shown.
    public func missing(at now: Timestamp) -> [LogKind] {
        guard now.milliseconds(since: since) >= Self.currentMilliseconds else { return [] }
        return LogKind.allCases.filter { UInt64(current($0, at: now)) < policy.demanded }
    }

    /// The same in a sentence, with what to do; `nil` while nothing is missing.
    public func notice(at now: Timestamp) -> String? {
        let missing = missing(at: now)
        // Of two logs the one that fewer vouch for: no more have cosigned both.
        guard let count = missing.map({ current($0, at: now) }).min() else { return nil }
        return
            "for 24 hours only \(count) of the \(policy.demanded) demanded witnesses have cosigned the "
            + "\(missing.map(\.rawValue).joined(separator: " and ")) log: tell your administrator"
    }

    /// The newest word of each witness about a log, in the order of the policy, with the checkpoint that it stands under.
    /// Every cosignature is verified here; what is another's, or does not verify, is passed over.
    public static func newest(
        in checkpoints: [SignedCheckpoint], of log: LogKind, _ policy: WitnessPolicy
    ) -> [(word: Word, checkpoint: SignedCheckpoint)] {
        policy.keys.compactMap { witness in
            let given = checkpoints.compactMap { CosignedCheckpoint($0, by: witness) }
            guard let newest = given.max(by: { $0.isOlder(than: $1) }) else { return nil }
            let checkpoint = newest.checkpoint
            return (
                Word(witness: witness, log: log, checkpoint: checkpoint.checkpoint, at: newest.cosignature.time),
                checkpoint
            )
        }
    }
}
