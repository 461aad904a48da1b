import Sealing
import Auditing
import Membership
import Secrets
import SignerSupport
import Statements

/// What the relay says that it did with a message, and what it had to say and did not.
extension Lie {
    static let delivery: [Lie] = [
        Lie(.relay, "not-served", "a message left before an event said so") { telling in
            let sent = telling.message(served: [])
            telling.expect(.notServed, at: telling.world.activity.size, words: "kim")
            telling.receipt(.delivered, of: sent, by: "kim")
            telling.world.serve(sent, to: "kim")
            telling.receipt(.acknowledged, of: sent, by: "kim")
        },
        Lie(.relay, "served-to-a-stranger", "sealed bytes went to a device to which they were not sealed") { telling in
            let sent = telling.message()
            telling.expect(.servedToStranger, at: telling.world.serve(sent, to: "udo"), words: "udo")
            telling.settle(sent)
        },
        Lie(.relay, "served-to-the-revoked", "sealed bytes went to a revoked device") { telling in
            telling.enrol("spare", of: "kim")
            let sent = telling.message()
            telling.world.revoke("spare")
            telling.expect(
                .servedToRevoked, at: telling.world.serve(sent, to: "spare"), words: "\(DeviceID.named("spare"))")
            telling.settle(sent)
        },
        Lie(.relay, "served-to-the-suspended", "sealed bytes went to a device of a suspended member") { telling in
            let sent = telling.message(served: [])
            telling.suspendKim()
            telling.expect(.servedToRevoked, at: telling.world.serve(sent, to: "kim"), words: "kim")
            telling.reinstateKim()
            telling.settle(sent)
        },
        Lie(.relay, "told-to-a-stranger", "a device was told about a message of another member's") { telling in
            let sent = telling.message()
            telling.expect(
                .servedToStranger, at: telling.world.log(.served(.named("eve"), sent.message, .notice)), words: "eve")
            telling.settle(sent)
        },
        Lie(.relay, "given-up-in-silence", "a message waited for a revoked device, and nothing says that it never came")
        {
            telling in
            telling.enrol("spare", of: "kim")
            let sent = telling.message()
            let event = telling.world.activity.size
            telling.expect(
                .undeliverableMissing, at: sent.index, event, words: "\(DeviceID.named("spare"))")
            telling.world.commit(telling.world.revocation("spare"), by: [.device("ana")])
            telling.world.waiting[.named("spare")] = nil
            telling.settle(sent)
        },
        Lie(.relay, "left-out-in-silence", "a device had no prekey, and no event says that the message never comes") {
            telling in
            let sent = telling.world.send("of the lie", without: "tablet", served: ["bo"], isSilent: true)
            telling.expect(.undeliverableMissing, at: sent.index, words: "\(DeviceID.named("tablet"))")
            telling.settle(sent, by: "bo")
        },
        Lie(.relay, "given-up-untruly", "a message is given up for a device that is not revoked") { telling in
            let sent = telling.message()
            let index = telling.world.log(.undeliverable(.named("kim"), sent.message, .revoked))
            telling.world.notify(sent, of: index)
            telling.expect(.undeliverableUntrue, at: index, words: "revoked")
            telling.settle(sent)
        },
        Lie(.relay, "given-up-for-another-reason", "a device without prekeys is said to have a full queue") { telling in
            let sent = telling.world.send("of the lie", without: "tablet", served: ["bo"], isSilent: true)
            let index = telling.world.log(.undeliverable(.named("tablet"), sent.message, .queueFull))
            telling.world.notify(sent, of: index)
            telling.expect(.undeliverableUntrue, at: index, words: "queue_full")
            telling.expect(.undeliverableMissing, at: sent.index)
            telling.settle(sent, by: "bo")
        },
        Lie(.relay, "queue-never-full", "a device is left out for a full queue, and hardly anything ever waited for it")
        {
            telling in
            let sent = telling.world.send("of the lie", without: "tablet", served: ["bo"], isSilent: true) {
                $0.without = [.init(device: .named("tablet"), reason: .queueFull)]
            }
            telling.world.notify(
                sent, of: telling.world.log(.undeliverable(.named("tablet"), sent.message, .queueFull)))
            telling.expect(.queueFullUntrue, at: sent.index, words: "bo")
            telling.settle(sent, by: "bo")
        },
        Lie(.relay, "unanswered-in-silence", "a message expired without an answer, and nothing says so") { telling in
            let sent = telling.message()
            telling.expect(.unansweredMissing, at: sent.index)
            telling.world.open.removeAll { $0.message == sent.message }
            telling.receipt(.delivered, of: sent, by: "kim")
        },
        Lie(.relay, "unanswered-late", "a message expired, and the relay says so an hour later") { telling in
            let sent = telling.message()
            telling.expect(.unansweredMissing, at: sent.index)
            telling.world.open.removeAll { $0.message == sent.message }
            telling.pass(3_700)
            telling.settle(telling.message("second of the lie"))
            telling.pass(3_600)
            telling.world.unanswered(sent)
        },
        Lie(
            .relay, "unanswered-at-the-end", "a message expired, and the relay signs the present without a word of it",
            moment: .end
        ) { telling in
            // Everything else has ended, so that nothing more is logged.
            telling.pass(86_400)
            let sent = telling.message()
            telling.expect(.unansweredMissing, at: sent.index, words: "signed that nothing was logged since")
            telling.world.open.removeAll { $0.message == sent.message }
            telling.receipt(.delivered, of: sent, by: "kim")
            telling.pass(3_601)
            telling.look("kim")
            telling.pass(61)
            telling.look("kim")
        },
        Lie(.relay, "unanswered-too-early", "a message is said to be unanswered before it expires") { telling in
            let sent = telling.message()
            telling.expect(.unansweredUntrue, at: telling.world.unanswered(sent), words: "\(sent.expires)")
        },
        Lie(.relay, "unanswered-twice", "a message is said to be unanswered a second time") { telling in
            let sent = telling.message()
            telling.pass(3_601)
            telling.expect(.unansweredUntrue, at: telling.world.unanswered(sent), words: "before")
        },
        Lie(.relay, "unanswered-though-answered", "an answered message is said to be unanswered") { telling in
            let sent = telling.message()
            telling.settle(sent)
            telling.pass(3_600)
            telling.expect(.unansweredUntrue, at: telling.world.unanswered(sent), words: "answered before")
        },
        Lie(.relay, "message-dropped", "an event is about a message that is not logged") {
            $0.expect(.unknownMessage, at: $0.world.log(.served(.named("kim"), .named("dropped"), .envelope)))
        },
        Lie(.relay, "device-invented", "a fallback prekey went out of a device that was never enrolled") {
            $0.expect(
                .unknownDevice,
                at: $0.world.log(.fallback(.named("ghost"), .named("first"), $0.world.auditKey.publicKey.id)))
        },
        Lie(.relay, "receipt-dropped", "a receipt was taken and never logged: the next one does not continue the last")
        { telling in
            let sent = telling.message()
            telling.receipt(.delivered, of: sent, by: "kim")
            _ = telling.world.sign(.read, of: sent, by: "kim")
            telling.expect(.init(.brokenChain), at: telling.receipt(.acknowledged, of: sent, by: "kim"), words: "kim")
        },
        Lie(.relay, "receipts-swapped", "two receipts of a device are logged in the wrong order") { telling in
            let sent = telling.message()
            let first = telling.world.sign(.delivered, of: sent, by: "kim")
            let second = telling.world.sign(.acknowledged, of: sent, by: "kim")
            telling.expect(.init(.brokenChain), at: telling.world.log(second, .acknowledged, of: sent, by: "kim"))
            telling.expect(.init(.brokenChain), at: telling.world.log(first, .delivered, of: sent, by: "kim"))
        },
        Lie(.relay, "receipt-twice", "a receipt is logged a second time") { telling in
            let sent = telling.message()
            telling.settle(sent)
            let note = telling.world.sign(.read, of: sent, by: "kim")
            telling.world.log(note, .read, of: sent, by: "kim")
            let again = telling.world.log(note, .read, of: sent, by: "kim")
            telling.expect(.init(.duplicate), at: again, words: "receipt")
            telling.expect(.init(.brokenChain), at: again)
        },
    ]

    /// What the relay gives the auditor of what it accepted.
    static let keptCapsules: [Lie] = [
        Lie(.relay, "capsule-not-given", "the relay does not give a capsule that it accepted") { telling in
            let sent = telling.message()
            telling.world.capsules[sent.message] = nil
            telling.expect(.capsuleMissing, at: sent.index, words: "relay")
            telling.settle(sent)
        },
        Lie(.relay, "capsule-changed", "the relay gives other bytes for a capsule") { telling in
            let sent = telling.message()
            telling.world.capsules[sent.message]?.capsule[100] ^= 1
            telling.expect(.capsuleChanged, at: sent.index, words: "relay")
            telling.settle(sent)
        },
        Lie(.relay, "capsule-key-changed", "the relay gives other bytes for a capsule's key") { telling in
            let sent = telling.message()
            telling.world.capsules[sent.message]?.sealedKey[100] ^= 1
            telling.expect(.capsuleChanged, at: sent.index, words: "relay")
            telling.settle(sent)
        },
    ]
}

extension Telling {
    func suspendKim() {
        world.commit(world.member("kim", roles: [.provider], status: .suspended), by: [.device("ana")])
        pass(5)
    }

    func reinstateKim() {
        world.commit(world.member("kim", roles: [.provider]), by: [.device("ana")])
        pass(5)
    }
}
