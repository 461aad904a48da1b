import Membership
import RelayStorage
import Statements
import TransparencyLog

extension Batch {
    /// Checks what a signer of the activity log had seen against the trees that were signed here. Ed25519 signatures are
    /// deterministic and only one form verifies, so comparing the bytes is verifying them.
    func check(_ seen: SeenBoth) throws {
        for log in LogKind.allCases {
            let claim = seen[log]
            guard let tree = try signedTree(claim.size, of: log), tree.signature == claim.signature.bytes else {
                throw RuleViolation(.seenUnsigned, "seen \(log.rawValue) is not signed by this log")
            }
            guard tree.root == claim.root else {
                throw RuleViolation(.seenContradicts, "seen \(log.rawValue) is signed and is not a prefix of this log")
            }
        }
    }

    /// A tree that was signed before this batch; the newest is what most have seen.
    private func signedTree(_ size: UInt64, of log: LogKind) throws -> SignedTree? {
        let head = before.head(log)
        guard head.size == size else { return try transaction.signedTree(size, of: log, of: organisation) }
        return SignedTree(root: head.root, signature: head.signature.payload)
    }

    /// Queues a notice for every live device of the member whose message it is about.
    mutating func notify(
        _ member: MemberID, of message: MessageID, at place: (index: UInt64, leafHash: LeafHash),
        but others: Set<DeviceID> = []
    ) throws {
        for device in view.liveDevices(of: member) where !others.contains(device.id) {
            try enqueue(
                NewQueueItem(
                    kind: .notice, index: place.index, leafHash: place.leafHash, message: message, byteCount: 0,
                    served: false
                ), sealed: nil, for: device.id)
        }
    }

    /// Queues a notice for whom an entry about this message concerns: its sender, and the senders of what it carries on.
    mutating func notify(about message: StoredMessage, at place: (index: UInt64, leafHash: LeafHash)) throws {
        let senders = try References.senders(of: message, in: transaction, of: organisation)
        for member in [message.senderMember] + References.others(senders, than: message.senderMember) {
            try notify(member, of: message.id, at: place)
        }
    }

    /// The message cannot reach this device: event, destroyed key, word to the sender.
    mutating func giveUp(
        _ message: StoredMessage, for device: DeviceID, _ reason: RelayEvent.UndeliverableReason
    ) throws {
        let place = try append(.undeliverable(device, message.id, reason))
        try transaction.destroySealedKey(of: message, for: device, of: organisation)
        try transaction.removeEnvelope(message.id, from: device, of: organisation)
        try notify(about: message, at: place)
    }
}
