import Secrets
package import SignerSupport
package import Statements
import TransparencyLog

extension World {
    /// Signs and logs an auditor's look.
    @discardableResult
    package func look(
        by device: String, _ kind: AccessKind, _ subject: Access.Subject, signer: Signer? = nil, secondsAgo: Int64 = 0
    ) -> UInt64 {
        let access = Access(
            organisation: organisation, seen: seen, signer: .device(.named(device)), kind: kind, subject: subject,
            reason: .routineReview, at: now.adding(seconds: -secondsAgo))
        let note = SignedNote(access.text, by: [signer ?? .device(device)])
        return activity.append(Entry(time: now, body: note.bytes))
    }
}
