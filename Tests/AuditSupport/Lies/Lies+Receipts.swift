import TransparencyLog
import Auditing
import Membership
import Secrets
import SignerSupport
import Statements

/// What the device of a recipient can say.
extension Lie {
    static let receipts: [Lie] = [
        Lie(.recipient, "clone", "a copy of a device signs a receipt with a number that the device used") { telling in
            let sent = telling.message()
            telling.receipt(.delivered, of: sent, by: "kim")
            let before = telling.world.chains[.named("kim")]
            telling.receipt(.read, of: sent, by: "kim")
            let after = telling.world.chains[.named("kim")]
            telling.world.chains[.named("kim")] = before
            telling.expect(
                .init(.brokenChain), at: telling.receipt(.disclosed, of: sent, by: "kim"), words: "kim", "clone")
            telling.world.chains[.named("kim")] = after
            telling.receipt(.acknowledged, of: sent, by: "kim")
        },
        Lie(.recipient, "receipt-number-skipped", "a device leaves out a number of its receipts") { telling in
            let sent = telling.message()
            let index = telling.world.receipt(.delivered, of: sent, by: "kim") {
                $0.number += 1
                $0.previous = .of("never signed")
            }
            telling.expect(.init(.brokenChain), at: index, words: "kim", "missing")
            telling.receipt(.acknowledged, of: sent, by: "kim")
        },
        Lie(.recipient, "acknowledged-by-a-stranger", "a device acknowledges a message that was not sealed to it") {
            telling in
            let sent = telling.message()
            let open = telling.world.open
            telling.expect(.init(.wrongMessage), at: telling.receipt(.acknowledged, of: sent, by: "udo"), words: "udo")
            telling.world.open = open
            telling.settle(sent)
            let next = telling.world.send("next", from: "kim", to: "bo", served: ["bo"])
            telling.settle(next, by: "bo")
        },
        Lie(.recipient, "receipt-of-another-manifest", "a receipt names another manifest than the message's") {
            telling in
            let sent = telling.message()
            let index = telling.world.receipt(.read, of: sent, by: "kim") { $0.manifest = .of("another") }
            telling.expect(.init(.wrongMessage), at: index, words: "kim")
            telling.settle(sent)
        },
        Lie(.recipient, "receipt-of-nothing", "a receipt is about a message that is not logged") { telling in
            let sent = telling.message()
            let queues = telling.world.queues
            let index = telling.world.receipt(.read, of: sent, by: "kim") { $0.message = .named("dropped") }
            telling.world.queues = queues
            telling.expect(.unknownMessage, at: index)
            telling.settle(sent)
        },
        Lie(.recipient, "receipt-of-another-organisation", "a receipt names another organisation") { telling in
            let sent = telling.message()
            let index = telling.world.receipt(.read, of: sent, by: "kim") {
                $0.organisation = OrganisationID(genesisText: Array("another".utf8))
            }
            telling.expect(.init(.wrongOrganisation), at: index, words: "kim")
            telling.settle(sent)
        },
        Lie(.recipient, "receipt-forged", "a receipt bears a device's name and another's signature") { telling in
            let sent = telling.message()
            let chain = telling.world.chains[.named("kim")]
            let index = telling.world.receipt(.read, of: sent, by: "kim", signer: .device("ivy"))
            telling.expect(.init(.badSignature), at: index, words: "kim")
            telling.world.chains[.named("kim")] = chain
            telling.settle(sent)
        },
        Lie(.recipient, "receipt-by-the-revoked", "a revoked device receipts") { telling in
            telling.enrol("spare", of: "kim")
            let sent = telling.message(served: ["kim", "spare"])
            telling.receipt(.delivered, of: sent, by: "spare")
            telling.world.revoke("spare")
            telling.pass(3)
            telling.expect(
                .init(.signerRevoked), at: telling.world.receipt(.read, of: sent, by: "spare"),
                words: "\(DeviceID.named("spare"))")
            telling.settle(sent)
        },
        Lie(.recipient, "receipt-by-the-suspended", "a suspended member's device receipts") { telling in
            let sent = telling.message()
            telling.suspendKim()
            telling.expect(.init(.signerRevoked), at: telling.world.receipt(.read, of: sent, by: "kim"), words: "kim")
            telling.reinstateKim()
            telling.settle(sent)
        },
        Lie(.recipient, "receipt-seen-unsigned", "a receipt names a roster log that was never signed") { telling in
            let sent = telling.message()
            let index = telling.world.receipt(.read, of: sent, by: "kim") {
                let seen = $0.seen.roster
                $0.seen = SeenBoth(
                    roster: Seen(
                        size: seen.size, root: seen.root,
                        signature: SeenSignature(bytes: Array(repeating: 1, count: SeenSignature.byteCount))),
                    activity: $0.seen.activity)
            }
            telling.expect(.init(.seenUnsigned), at: index, words: "kim")
            telling.settle(sent)
        },
        Lie(.relay, "receipt-seen-of-the-future", "a device was shown a longer log than there was, and says so") {
            telling in
            let sent = telling.message()
            let later = telling.world.activity.sign(size: telling.world.activity.size + 3, root: .of("later")).seen
            let index = telling.world.receipt(.read, of: sent, by: "kim") {
                $0.seen = SeenBoth(roster: $0.seen.roster, activity: later)
            }
            telling.expect(.init(.seenContradicts), at: index, words: "kim")
            telling.settle(sent)
        },
        Lie(.recipient, "clock-of-a-recipient", "a receipt's own time is far from its entry's") { telling in
            let sent = telling.message()
            let index = telling.world.receipt(.read, of: sent, by: "kim") { $0.at = $0.at.adding(seconds: 86_400) }
            telling.expectNote(.receiptTime, at: index, words: "kim")
            telling.settle(sent)
        },
        Lie(.recipient, "delivered-twice", "a device receipts the delivery of a message a second time") { telling in
            let sent = telling.message()
            telling.settle(sent)
            telling.expectNote(.deliveredTwice, at: telling.receipt(.delivered, of: sent, by: "kim"), words: "kim")
        },
        Lie(.recipient, "handed-to-nobody", "a message is said to be handed off, and nothing carries it on") {
            telling in
            let sent = telling.message()
            let open = telling.world.open
            telling.expect(.init(.badReference), at: telling.receipt(.handedOff, of: sent, by: "kim"), words: "kim")
            telling.world.open = open
            telling.settle(sent)
        },
        Lie(.recipient, "capsule-said-to-differ", "a recipient says that the capsule names something else") { telling in
            let sent = telling.message()
            let index = telling.world.receipt(.delivered, of: sent, by: "kim") { $0.capsule = .differs }
            telling.expect(.capsuleDiffers, at: sent.index, index, words: "kim", "ivy")
            telling.receipt(.acknowledged, of: sent, by: "kim")
        },
        Lie(.recipient, "capsule-said-to-be-none", "a recipient says that there is no capsule, and there is one") {
            telling in
            let sent = telling.message()
            let index = telling.world.receipt(.delivered, of: sent, by: "kim") { $0.capsule = CapsuleVerdict.none }
            telling.expect(.capsuleVerdictUntrue, at: sent.index, index, words: "kim")
            telling.receipt(.acknowledged, of: sent, by: "kim")
        },
        Lie(.recipient, "commitment-said-to-be-wrong", "a recipient says that it was sealed another key") { telling in
            let sent = telling.message()
            let index = telling.receipt(.undecryptable, of: sent, by: "kim", reason: .commitment)
            telling.expect(.undecryptableCommitment, at: sent.index, index, words: "kim", "ivy")
            telling.settle(sent)
        },
    ]
}
