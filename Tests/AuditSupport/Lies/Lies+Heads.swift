import TransparencyLog
import Auditing
import Secrets
import SignerSupport
import Statements

/// False words of the relay on the present, which devices kept.
extension Lie {
    static let heads: [Lie] = [
        Lie(.relay, "revocation-hidden", "a head is silent about a revocation that was logged before it") { telling in
            telling.enrol("spare", of: "kim")
            let before = telling.world.head(for: "ivy")
            telling.pass(10)
            telling.expect(.falseHead, log: .roster, at: telling.world.roster.size, words: "ivy")
            telling.world.revoke("spare")
            telling.pass(50)
            telling.keep(telling.world.head(for: "ivy").changed(roster: before.roster))
        },
        Lie(.relay, "tail-withheld", "a head is silent about a message that was logged before it") { telling in
            telling.pass(1)
            let before = telling.world.head(for: "kim")
            telling.expect(.falseHead, at: telling.world.activity.size, words: "kim")
            telling.pass(10)
            let sent = telling.message()
            telling.pass(50)
            telling.keep(before.changed(time: telling.now))
            telling.settle(sent)
        },
        Lie(.relay, "queue-item-dropped", "a message is left out of its device's queue") { telling in
            telling.look("kim")
            let queue = telling.world.queues[.named("kim")]
            let sent = telling.message()
            telling.world.queues[.named("kim")] = queue
            telling.expect(.falseHead, at: sent.index, words: "kim")
            telling.look("kim")
            telling.settle(sent)
        },
        Lie(.relay, "queue-reordered", "two messages stand in a device's queue in another order") { telling in
            telling.look("kim")
            let queue = telling.world.queues[.named("kim")]
            let first = telling.message()
            let second = telling.message("second of the lie")
            telling.world.queues[.named("kim")] = queue
            for sent in [second, first] { telling.world.enqueue(sent.index, for: .named("kim")) }
            telling.expect(.falseHead, at: first.index, second.index, words: "kim")
            telling.look("kim")
            telling.settle(first)
            telling.settle(second)
        },
        Lie(.relay, "receipt-hidden-from-sender", "a receipt is left out of the sender's queue") { telling in
            let sent = telling.message()
            telling.look("ivy")
            let queue = telling.world.queues[.named("ivy")]
            telling.expect(.falseHead, at: telling.receipt(.delivered, of: sent, by: "kim"), words: "ivy")
            telling.world.queues[.named("ivy")] = queue
            telling.look("ivy")
            telling.receipt(.acknowledged, of: sent, by: "kim")
        },
        Lie(.relay, "head-of-another-history", "a head names another root of the activity log") { telling in
            telling.expect(.falseHead, at: 1, words: "two histories")
            telling.keep(telling.firstHead.changed(activity: .init(size: 2, root: .of("fork"))))
        },
        Lie(.relay, "head-of-another-roster", "a head names another root of the roster log") { telling in
            telling.expect(.falseHead, log: .roster, at: 1, words: "two histories")
            telling.keep(telling.firstHead.changed(roster: .init(size: 2, root: .of("fork"))))
        },
        Lie(.relay, "head-before-its-time", "a head names an entry that was logged minutes after it") { telling in
            telling.settle(telling.message())
            telling.pass(200)
            let sent = telling.message("second of the lie")
            telling.expect(.falseHead, at: telling.world.activity.size - 1, words: "later time")
            telling.keep(telling.world.head().changed(time: telling.now.adding(seconds: -120)))
            telling.settle(sent)
        },
        Lie(
            .relay, "two-heads-of-one-size", "two heads name two roots of a log that is longer than the export",
            moment: .end
        ) {
            $0.keepBeyond(by: 5, root: "one")
            $0.keepBeyond(by: 5, root: "two")
            $0.expect(.falseHead, words: "two histories")
        },
        Lie(.relay, "log-that-shrank", "a head names fewer entries than one that is older", moment: .end) {
            $0.keepBeyond(by: 7, root: "one")
            $0.pass(120)
            $0.keepBeyond(by: 5, root: "two")
            $0.expect(.falseHead, words: "earlier head")
        },
        Lie(.relay, "head-of-a-longer-log", "a head names more entries than the relay shows now", moment: .end) {
            telling in
            let head = telling.world.head()
            telling.expect(.falseHead, words: "now the relay shows")
            telling.keep(head.changed(activity: .init(size: head.activity.size + 5, root: .of("cut off"))))
        },
        Lie(
            .relay, "head-of-a-longer-roster", "a head names more roster entries than the relay shows now", moment: .end
        ) {
            telling in
            let head = telling.world.head()
            telling.expect(.falseHead, log: .roster, words: "now the relay shows")
            telling.keep(head.changed(roster: .init(size: head.roster.size + 5, root: .of("cut off"))))
        },
    ]
}

extension Telling {
    /// A head of a longer log than what is exported.
    fileprivate func keepBeyond(by count: UInt64, root: String) {
        let head = world.head()
        keep(head.changed(activity: .init(size: head.activity.size + count, root: .of(root))))
        guard doctors.isEmpty else { return }
        doctors.append { $0.isPresent = false }
        expectNote(.headBeyond, log: nil, words: "2 heads")
    }

    /// The relay's word on the moment of its founding.
    fileprivate var firstHead: Head {
        Head(
            organisation: world.organisation, time: World.start,
            roster: .init(size: 1, root: MerkleTree.leafHash(world.roster.entries[0])),
            activity: .init(size: 1, root: MerkleTree.leafHash(world.activity.entries[0])), device: nil)
    }
}

extension Head {
    func changed(time: Timestamp? = nil, roster: Tree? = nil, activity: Tree? = nil, waiting: UInt64? = nil) -> Head {
        Head(
            organisation: organisation, time: time ?? self.time, roster: roster ?? self.roster,
            activity: activity ?? self.activity,
            device: device.map {
                DeviceState(
                    device: $0.device, waiting: waiting ?? $0.waiting, lastNumber: $0.lastNumber,
                    runningHash: $0.runningHash, oneTimeLeft: $0.oneTimeLeft)
            })
    }
}
