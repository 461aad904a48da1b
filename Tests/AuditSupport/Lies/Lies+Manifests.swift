import TransparencyLog
import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements

/// What a sender can say that the relay should have refused.
extension Lie {
    static let manifests: [Lie] = [
        Lie(.sender, "sender-revoked", "a revoked device sends") { telling in
            telling.enrol("desk", of: "ivy")
            telling.world.revoke("desk")
            telling.pass(5)
            telling.tell(.signerRevoked, telling.world.send("lie", from: "desk", to: "kim", served: ["kim"]), "ivy")
        },
        Lie(.sender, "sender-suspended", "a suspended member's device sends") { telling in
            telling.suspendKim()
            telling.tell(
                .signerRevoked, telling.world.send("lie", from: "kim", to: "bo", served: ["bo"]), "kim", by: "bo")
            telling.reinstateKim()
        },
        Lie(.sender, "sender-impersonated", "a manifest bears a device's name and another's signature") {
            $0.tell(.badSignature, $0.world.send("lie", to: "kim", served: ["kim"], by: "bo"), "ivy")
        },
        Lie(.sender, "not-permitted-to-write", "intake writes to an auditor") {
            $0.tell(.notPermitted, $0.world.send("lie", to: "udo", served: ["udo"]), "ivy", by: "udo")
        },
        Lie(.sender, "recipient-left-out", "a live device of the addressed is neither sealed to nor named") {
            let sent = $0.world.send("lie", without: "tablet", served: ["bo"], isSilent: true) { $0.without = [] }
            $0.tell(.wrongRecipients, sent, "ivy", by: "bo")
        },
        Lie(.sender, "recipient-smuggled-in", "somebody else's device is sealed to besides") {
            $0.tell(.wrongRecipients, $0.world.send("lie", to: "kim", served: ["kim"], also: "udo"), "ivy")
        },
        Lie(.sender, "recipient-never-enrolled", "a device is sealed to that was never enrolled") {
            $0.tell(.wrongRecipients, $0.world.send("lie", to: "kim", served: ["kim"], also: "ghost"), "ivy")
        },
        Lie(.sender, "recipients-out-of-order", "the recipients stand in another order than the binding's") { telling in
            let queues = telling.world.queues
            let sent = telling.world.send("lie") { $0.recipients.reverse() }
            telling.expect(.init(.malformed), at: sent.index)
            telling.forget(sent, queues: queues)
        },
        Lie(.sender, "recipient-later", "a message to a member is to go out in a later step") { telling in
            let queue = telling.world.queues[.named("kim")]
            let sent = telling.world.send("lie", to: "kim", served: ["kim"]) { draft in
                let to = draft.recipients[0]
                draft.recipients[0] = .init(
                    device: to.device, step: 1, delaySeconds: 60, prekey: to.prekey, sealedKeyHash: to.sealedKeyHash)
            }
            telling.world.queues[.named("kim")] = queue
            telling.tell(.wrongRecipients, sent, "ivy")
        },
        Lie(.sender, "addressed-to-nobody", "a message is addressed to a member who is in no roster") {
            $0.tell(.unknown, $0.world.send("lie", to: "kim", served: ["kim"]) { $0.member = .named("ghost") }, "ivy")
        },
        Lie(.sender, "roster-stale", "a manifest was made under a roster that is no longer in force") { telling in
            let seen = telling.world.seen
            telling.world.commit(telling.world.member("eva", roles: [.provider]), by: [.device("ana")])
            telling.tell(.stale, telling.world.send("lie", to: "kim", served: ["kim"]) { $0.seen = seen }, "ivy")
        },
        Lie(.sender, "life-too-long", "a message lives for longer than the policy permits") {
            $0.tell(.outOfBounds, $0.world.send("lie", to: "kim", lifeSeconds: 31 * 86_400, served: ["kim"]), "ivy")
        },
        Lie(.sender, "clock-of-a-sender", "a manifest's own time is six minutes old") {
            $0.tell(
                .clock,
                $0.world.send("lie", to: "kim", served: ["kim"]) { $0.at = $0.at.adding(seconds: -360) }, "ivy")
        },
        Lie(.sender, "part-of-another-size", "a sealed part has a size that suite 1 does not give") {
            $0.tell(
                .outOfBounds,
                $0.world.send("lie", to: "kim", served: ["kim"]) {
                    $0.content = .init(size: 77, hash: .of("content"))
                }, "ivy")
        },
        Lie(.sender, "binding-of-other-fields", "the binding is not the hash of what the manifest says") {
            let sent = $0.world.send("lie", to: "kim", served: ["kim"]) { $0.binding = .of("another") }
            $0.tell(.wrongBinding, sent, "ivy")
            $0.expect(.capsuleUnopened, at: sent.index, words: "ivy")
        },
        Lie(.sender, "recovery-key-of-another", "a message is sealed to a recovery key that is not in force") {
            let key = RecoveryPublicKey(
                signing: Signer.recovery("stolen").key.verifyingKey,
                encapsulation: EncapsulationPrivateKey.named("stolen").publicKey)
            $0.tell(.wrongBinding, $0.world.send("lie", to: "kim", served: ["kim"], recovery: key), "ivy")
        },
        Lie(.sender, "capsule-left-out", "a message has no capsule, though there is an audit key") {
            let sent = $0.world.send("lie", to: "kim", served: ["kim"]) { draft in
                draft.capsule = nil
                draft.binding = draft.manifest.bindingText.hash
            }
            $0.tell(.wrongBinding, sent, "ivy", capsule: CapsuleVerdict.none)
        },
        Lie(.sender, "seen-unsigned", "a sender names an activity log that was never signed") {
            let sent = $0.world.send("lie", to: "kim", served: ["kim"]) { draft in
                let seen = draft.seen.activity
                draft.seen = SeenBoth(
                    roster: draft.seen.roster,
                    activity: Seen(
                        size: seen.size, root: seen.root,
                        signature: SeenSignature(bytes: Array(repeating: 1, count: SeenSignature.byteCount))))
            }
            $0.tell(.seenUnsigned, sent, "ivy")
        },
        Lie(.relay, "seen-of-a-fork", "a sender was shown another activity log, and says so") { telling in
            let fork = telling.world.activity.sign(size: 3, root: .of("fork")).seen
            let sent = telling.world.send("lie", to: "kim", served: ["kim"]) {
                $0.seen = SeenBoth(roster: $0.seen.roster, activity: fork)
            }
            telling.tell(.seenContradicts, sent, "ivy")
        },
        Lie(.relay, "seen-of-the-future", "a sender was shown a longer log than there was at its place") { telling in
            let later = telling.world.activity.sign(size: telling.world.activity.size + 1, root: .of("later")).seen
            let sent = telling.world.send("lie", to: "kim", served: ["kim"]) {
                $0.seen = SeenBoth(roster: $0.seen.roster, activity: later)
            }
            telling.tell(.seenContradicts, sent, "ivy")
        },
        Lie(.sender, "message-id-again", "a second message bears the id of another") { telling in
            let first = telling.message()
            telling.settle(first)
            let sent = telling.world.send("lie", to: "kim") { draft in
                draft.message = first.message
                draft.binding = draft.manifest.bindingText.hash
            }
            telling.expect(.init(.duplicate), at: sent.index)
            telling.forget(sent, queues: telling.world.queues)
        },
        Lie(.sender, "manifest-of-another-organisation", "a manifest names another organisation") {
            let sent = $0.world.send("lie", to: "kim", served: ["kim"]) { draft in
                draft.organisation = OrganisationID(genesisText: Array("another".utf8))
                draft.binding = draft.manifest.bindingText.hash
            }
            $0.tell(.wrongOrganisation, sent, "ivy")
            $0.expect(.capsuleUnopened, at: sent.index, words: "ivy")
        },
    ]

    /// Replies and what is carried on.
    static let references: [Lie] = [
        Lie(.sender, "reply-to-nothing", "a reply answers a message that is not logged") {
            $0.tell(
                .badReference,
                $0.world.send("lie", to: "kim", served: ["kim"], reference: .inReplyTo(.named("nothing"))), "ivy")
        },
        Lie(.sender, "reply-by-a-stranger", "a reply comes from somebody whom its message does not concern") {
            telling in
            let sent = telling.message()
            telling.settle(sent)
            telling.tell(
                .badReference,
                telling.world.send("lie", from: "eve", to: "kim", served: ["kim"], reference: .inReplyTo(sent.message)),
                "eve")
        },
        Lie(.sender, "carried-on-by-a-stranger", "a message is carried on by somebody who neither has nor sent it") {
            telling in
            let sent = telling.message()
            telling.settle(sent)
            telling.tell(
                .badReference, telling.world.send("lie", from: "eve", to: "kim", served: ["kim"], carrying: sent), "eve"
            )
        },
        Lie(.sender, "carried-on-from-nothing", "a message carries on one that is not logged") {
            $0.tell(
                .badReference,
                $0.world.send("lie", to: "kim", served: ["kim"], reference: .forwardOf(.named("nothing"))), "ivy")
        },
        Lie(.sender, "carried-on-more-urgently", "a message is carried on with another urgency") { telling in
            let sent = telling.message()
            telling.settle(sent)
            telling.tell(
                .badReference,
                telling.world.send(
                    "lie", from: "kim", to: "eve", urgency: .routine, served: ["eve"], carrying: sent), "kim", by: "eve"
            )
        },
        Lie(.sender, "carried-on-for-longer", "a message is carried on for longer than it was to live") { telling in
            let sent = telling.message()
            telling.settle(sent)
            telling.tell(
                .badReference,
                telling.world.send("lie", from: "kim", to: "eve", lifeSeconds: 7_200, served: ["eve"], carrying: sent),
                "kim", by: "eve")
        },
    ]

    /// What a sender sealed to the auditors.
    static let sealedCapsules: [Lie] = [
        Lie(.sender, "capsule-of-noise", "the capsule is noise") { telling in
            let noise = [UInt8](repeating: 3, count: 1_064)
            let sent = telling.world.send("lie", to: "kim", served: ["kim"]) { draft in
                let capsule = draft.capsule!
                draft.capsule = .init(
                    key: capsule.key, commitment: capsule.commitment, sealedKeyHash: capsule.sealedKeyHash,
                    blob: .init(of: noise))
            }
            telling.world.capsules[sent.message]?.capsule = noise
            telling.sealed(.capsuleUnopened, sent)
        },
        Lie(.sender, "capsule-key-of-noise", "the capsule's sealed key is noise") { telling in
            let noise = [UInt8](repeating: 3, count: 1_216)
            let sent = telling.world.send("lie", to: "kim", served: ["kim"]) { draft in
                let capsule = draft.capsule!
                draft.capsule = .init(
                    key: capsule.key, commitment: capsule.commitment, sealedKeyHash: .sha256(noise), blob: capsule.blob)
            }
            telling.world.capsules[sent.message]?.sealedKey = noise
            telling.sealed(.capsuleUnopened, sent)
        },
        Lie(.sender, "capsule-of-another-message", "the capsule is another message's") { telling in
            let first = telling.message()
            telling.settle(first)
            let other = telling.world.capsules[first.message]!
            let sent = telling.world.send("lie", to: "kim", served: ["kim"]) { draft in
                let capsule = draft.capsule!
                draft.capsule = .init(
                    key: capsule.key, commitment: capsule.commitment, sealedKeyHash: .sha256(other.sealedKey),
                    blob: .init(of: other.capsule))
            }
            telling.world.capsules[sent.message] = other
            telling.sealed(.capsuleUnopened, sent)
        },
        Lie(.sender, "capsule-of-another-key", "the capsule's key does not give the manifest's commitment") { telling in
            let world = telling.world
            let key = MessageKey()
            let other = HandMadeCapsule.commitment(of: MessageKey())
            let audit = world.auditKey.publicKey
            var made: (key: [UInt8], capsule: [UInt8]) = ([], [])
            let sent = world.send("lie", to: "kim", served: ["kim"]) { draft in
                draft.capsule = .init(key: audit.id, commitment: other, sealedKeyHash: .zero, blob: .init(of: []))
                draft.binding = draft.manifest.bindingText.hash
                made = HandMadeCapsule.seal(key, of: "lie", to: audit, binding: draft.binding)
                draft.capsule = .init(
                    key: audit.id, commitment: other, sealedKeyHash: .sha256(made.key), blob: .init(of: made.capsule))
            }
            world.capsules[sent.message] = (made.key, made.capsule)
            telling.sealed(.capsuleCommitment, sent)
        },
        Lie(.sender, "capsule-of-something-else", "what is sealed as a capsule is none") {
            $0.sealed(
                .capsuleMalformed, $0.world.send("lie", to: "kim", served: ["kim"], capsule: #"{"note":"hello"}"#))
        },
    ]
}

extension Telling {
    /// The relay took a manifest that breaks a rule.
    fileprivate func tell(
        _ code: RuleViolation.Code, _ sent: Sent, _ name: String, by device: String = "kim",
        capsule: CapsuleVerdict = .agrees
    ) {
        expect(.init(code), at: sent.index, words: name)
        pass(3)
        world.receipt(.delivered, of: sent, by: device) { $0.capsule = capsule }
        receipt(.acknowledged, of: sent, by: device)
    }

    fileprivate func sealed(_ code: AuditFinding.Code, _ sent: Sent) {
        expect(code, at: sent.index, words: "ivy")
        settle(sent)
    }
}
