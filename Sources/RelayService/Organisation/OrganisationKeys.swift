import Secrets
import Statements
import TransparencyLog

/// An organisation's two log keys, which sign checkpoints and heads.
final class OrganisationKeys: Sendable {
    private let roster: LogSigner
    private let activity: LogSigner

    init(roster: consuming LogSigner, activity: consuming LogSigner) {
        self.roster = roster
        self.activity = activity
    }

    /// Signs a tree. Called inside the transaction that stores it: a signature of one that did not commit is dropped.
    func sign(_ log: LogKind, size: UInt64, root: Digest) -> SignedCheckpoint {
        switch log {
        case .roster: roster.sign(size: size, root: root)
        case .activity: activity.sign(size: size, root: root)
        }
    }

    /// Heads are signed by the activity log's key.
    func sign(_ head: Head) -> SignedNote { activity.sign(head) }

    func logKey(_ log: LogKind) -> LogKey { log == .roster ? roster.logKey : activity.logKey }
}
