import FuzzSupport
import Sealing
import Secrets
import Statements
import Testing

/// Sealing and opening one message, and every way of getting it wrong.
@Suite struct MessageTests {
    /// A sender's view of one message to three devices.
    private struct Fixture: ~Copyable {
        let keys = [EncapsulationPrivateKeyBox(), EncapsulationPrivateKeyBox(), EncapsulationPrivateKeyBox()]
        let recovery = EncapsulationPrivateKeyBox()
        let audit = EncapsulationPrivateKeyBox()
        let messageKey = MessageKey()
        let sealer: MessageSealer

        init(hasRecovery: Bool = true, hasAudit: Bool = true) {
            let organisation = OrganisationID(bytes: Array(0..<20))
            let recipients = keys.enumerated().map { index, key in
                let device = DeviceID(bytes: [UInt8](repeating: UInt8(200 - 40 * index), count: 20))
                return MessageSealer.Recipient(
                    device: device, step: UInt64(index % 2), delaySeconds: 0,
                    prekey: PrekeyText(
                        organisation: organisation, device: device, purpose: .oneTime,
                        notAfter: Timestamp(milliseconds: 0), key: key.key.publicKey))
            }
            sealer = MessageSealer(
                organisation: organisation, message: MessageID(bytes: Array(0..<16)),
                sender: DeviceID(bytes: Array(1...20)), recipients: recipients,
                recovery: hasRecovery ? recovery.key.publicKey : nil, audit: hasAudit ? audit.key.publicKey : nil)
        }

        func seal(
            _ content: [UInt8] = Array("{}".utf8), capsule: [UInt8] = Array("{}".utf8), alert: [UInt8] = [1, 2, 3]
        ) throws(SealingError) -> SealedMessage {
            try sealer.seal(content: content, capsule: capsule, key: messageKey) { _ in alert }
        }

        /// The key of the recipient at this place of the sealed order.
        func key(_ index: Int) -> EncapsulationPrivateKeyBox {
            keys.first { $0.key.publicKey == sealer.recipients[index].prekey.key }!
        }
    }

    /// A key that does not copy, in an array.
    private final class EncapsulationPrivateKeyBox: Sendable {
        let key = EncapsulationPrivateKey()
    }

    private static func commitments(_ message: SealedMessage) -> MessageOpener.Commitments {
        .init(key: message.commitment, capsule: message.capsule?.commitment)
    }

    @Test func everyHolderOpensItsPart() throws {
        let fixture = Fixture()
        let message = try fixture.seal([7, 8], capsule: [9], alert: [10])
        let commitments = Self.commitments(message)
        #expect(message.sealedKeys.count == 3)
        for index in 0..<3 {
            let key = try MessageOpener.openKey(
                message.sealedKeys[index], with: fixture.key(index).key, binding: message.binding,
                commitments: commitments)
            #expect(try MessageOpener.openContent(message.content, key: key, binding: message.binding) == [7, 8])
            #expect(try MessageOpener.openCapsule(message.capsule!.blob, key: key, binding: message.binding) == [9])
            #expect(try MessageOpener.openAlert(message.alert, key: key, binding: message.binding) == [10])
        }
        let recovered = try MessageOpener.openKey(
            try #require(message.recoverySealedKey), with: fixture.recovery.key, binding: message.binding,
            commitments: commitments)
        #expect(try MessageOpener.openContent(message.content, key: recovered, binding: message.binding) == [7, 8])
        let capsule = try #require(message.capsule)
        let audited = try MessageOpener.openCapsule(
            capsule.blob, sealedKey: capsule.sealedKey, with: fixture.audit.key, binding: message.binding,
            commitment: capsule.commitment)
        #expect(audited == [9])
    }

    @Test func theManifestsLinesAreInOrderAndSayWhatWasSealed() throws {
        let fixture = Fixture()
        let message = try fixture.seal()
        let recipients = message.manifestRecipients
        #expect(recipients.map(\.step) == [0, 0, 1])
        #expect(recipients[0].device < recipients[1].device)
        #expect(recipients.map(\.sealedKeyHash) == message.sealedKeys.map { Digest.sha256($0) })
        #expect(message.manifestRecovery?.key == fixture.recovery.key.publicKey.id)
        #expect(message.manifestCapsule?.key == fixture.audit.key.publicKey.id)
        #expect(message.manifestCapsule?.blob.size == UInt64(SealedPart.capsuleByteCount))
        #expect(message.alert.count == SealedPart.alertByteCount)
        let binding = BindingText(
            organisation: fixture.sealer.organisation, message: fixture.sealer.message, sender: fixture.sealer.sender,
            commitment: message.commitment, recipients: recipients.map { .init(device: $0.device, prekey: $0.prekey) },
            recovery: message.manifestRecovery?.key,
            capsule: message.manifestCapsule.map { .init(key: $0.key, commitment: $0.commitment) })
        #expect(binding.hash == message.binding)
    }

    @Test func withoutRecoveryAndAuditKeyTheBindingSaysNone() throws {
        let fixture = Fixture(hasRecovery: false, hasAudit: false)
        let message = try fixture.seal()
        #expect(message.recoverySealedKey == nil && message.manifestRecovery == nil)
        #expect(message.capsule == nil && message.manifestCapsule == nil)
        #expect(message.binding != (try Fixture().seal()).binding)
        let key = try MessageOpener.openKey(
            message.sealedKeys[0], with: fixture.key(0).key, binding: message.binding,
            commitments: Self.commitments(message))
        #expect(try MessageOpener.openContent(message.content, key: key, binding: message.binding) == Array("{}".utf8))
    }

    @Test func anotherKeyBindingOrCommitmentKeepsItShut() throws {
        let fixture = Fixture()
        let message = try fixture.seal()
        let commitments = Self.commitments(message)
        func open(
            _ sealedKey: [UInt8], _ key: EncapsulationPrivateKeyBox, _ binding: Digest,
            _ commitments: MessageOpener.Commitments
        )
            -> SealingError.Code?
        {
            do throws(SealingError) {
                _ = try MessageOpener.openKey(sealedKey, with: key.key, binding: binding, commitments: commitments)
                return nil
            } catch { return error.code }
        }
        let sealedKey = message.sealedKeys[0]
        #expect(open(sealedKey, fixture.key(0), message.binding, commitments) == nil)
        #expect(open(sealedKey, fixture.key(1), message.binding, commitments) == .seal)
        #expect(open(sealedKey, fixture.recovery, message.binding, commitments) == .seal)
        #expect(open(sealedKey, fixture.key(0), .zero, commitments) == .seal)
        #expect(
            open(sealedKey, fixture.key(0), message.binding, .init(key: .zero, capsule: commitments.capsule))
                == .commitment)
        #expect(
            open(sealedKey, fixture.key(0), message.binding, .init(key: commitments.key, capsule: .zero)) == .commitment
        )
        for length in [0, 80, 1_215, 1_217] {
            let cut = Array((sealedKey + [0]).prefix(length))
            #expect(open(cut, fixture.key(0), message.binding, commitments) == .seal)
        }
    }

    @Test func everyChangedByteOfASealedKeyKeepsItShut() throws {
        let fixture = Fixture()
        let message = try fixture.seal()
        let sealedKey = message.sealedKeys[0]
        #expect(sealedKey.count == 1_216)
        // Box, ML-KEM ciphertext and wrap: some of each, and all the boundaries.
        for index in sealedKey.indices where index % 37 == 0 || [31, 32, 79, 80, 1_167, 1_168, 1_215].contains(index) {
            var changed = sealedKey
            changed[index] ^= 1
            #expect(throws: SealingError(.seal), "byte \(index)") {
                _ = try MessageOpener.openKey(
                    changed, with: fixture.key(0).key, binding: message.binding, commitments: Self.commitments(message))
            }
        }
    }

    @Test func partsOfOneMessageDoNotOpenInAnotherNorInEachOthersPlace() throws {
        let fixture = Fixture()
        let message = try fixture.seal()
        let other = try fixture.sealer.seal(content: [1], capsule: [2], key: MessageKey()) { _ in [3] }
        let key = fixture.messageKey
        #expect(throws: SealingError(.content)) {
            try MessageOpener.openContent(other.content, key: key, binding: other.binding)
        }
        #expect(throws: SealingError(.content)) {
            try MessageOpener.openContent(message.content, key: key, binding: other.binding)
        }
        #expect(throws: SealingError(.content)) {
            try MessageOpener.openAlert(message.content, key: key, binding: message.binding)
        }
        #expect(throws: SealingError(.content)) {
            try MessageOpener.openCapsule(message.alert, key: key, binding: message.binding)
        }
        #expect(throws: SealingError(.content)) {
            try MessageOpener.openContent(message.alert, key: key, binding: message.binding)
        }
        for short in [[], [1], [UInt8](repeating: 0, count: 39), [UInt8](repeating: 0, count: 40)] {
            #expect(throws: SealingError(.content)) {
                try MessageOpener.openContent(short, key: key, binding: message.binding)
            }
        }
    }

    @Test(arguments: [0, 1, 510, 511, 512, 2_047, 2_048, 8_191, 8_192, 32_767, 32_768, 65_535])
    func contentTakesTheSmallestBucket(_ count: Int) throws {
        let fixture = Fixture(hasRecovery: false, hasAudit: false)
        let content = [UInt8](repeating: 0x80, count: count)
        let message = try fixture.seal(content)
        let bucket = try #require([512, 2_048, 8_192, 32_768, 65_536].first { count + 1 <= $0 })
        #expect(message.content.count == bucket + 40)
        #expect(SealedPart.contentByteCounts.contains(message.content.count))
        #expect(
            try MessageOpener.openContent(message.content, key: fixture.messageKey, binding: message.binding) == content
        )
    }

    @Test func onlyTheSmallestBucketOpens() throws {
        let fixture = Fixture(hasRecovery: false, hasAudit: false)
        let message = try fixture.seal()
        let key = fixture.messageKey.subkey(1)
        func sealed(_ padded: [UInt8]) -> [UInt8] {
            XChaCha20Poly1305.seal(padded, key: key, binding: message.binding.bytes)
        }
        func open(_ sealed: [UInt8]) throws(SealingError) -> [UInt8] {
            try MessageOpener.openContent(sealed, key: fixture.messageKey, binding: message.binding)
        }
        #expect(try open(sealed(Padding.pad([1], to: 512)!)) == [1])
        for size in [2, 16, 511, 513, 1_024, 2_048, 8_192, 65_536] {
            #expect(throws: SealingError(.padding), "\(size)") { try open(sealed(Padding.pad([1], to: size)!)) }
        }
        #expect(throws: SealingError(.padding)) { try open(sealed([UInt8](repeating: 0, count: 512))) }
        #expect(throws: SealingError(.padding)) { try open(sealed([UInt8](repeating: 1, count: 512))) }
        #expect(throws: SealingError(.padding)) { try open(sealed([])) }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let fixture = Fixture()
        let fits = try fixture.seal(
            [UInt8](repeating: 1, count: SealedPart.maximumContentByteCount),
            capsule: [UInt8](repeating: 1, count: SealedPart.maximumCapsuleByteCount),
            alert: [UInt8](repeating: 1, count: SealedPart.maximumAlertByteCount))
        #expect(fits.content.count == 65_576)
        #expect(throws: SealingError(.tooLarge)) { try fixture.seal([UInt8](repeating: 1, count: 65_536)) }
        #expect(throws: SealingError(.tooLarge)) { try fixture.seal(capsule: [UInt8](repeating: 1, count: 1_024)) }
        #expect(throws: SealingError(.tooLarge)) { try fixture.seal(alert: [UInt8](repeating: 1, count: 512)) }
    }

    @Test func nothingIsSealedToABadKey() {
        let fixture = Fixture()
        let good = fixture.keys[0].key.publicKey
        for bad in [
            EncapsulationKey(x25519: [UInt8](repeating: 0, count: 32), mlkem768: good.mlkem768),
            EncapsulationKey(x25519: good.x25519, mlkem768: [UInt8](repeating: 0xFF, count: 1_184)),
            EncapsulationKey(x25519: [], mlkem768: good.mlkem768), EncapsulationKey(x25519: good.x25519, mlkem768: []),
        ] {
            let sealer = MessageSealer(
                organisation: fixture.sealer.organisation, message: fixture.sealer.message,
                sender: fixture.sealer.sender, recipients: fixture.sealer.recipients, recovery: bad, audit: nil)
            #expect(throws: SealingError(.badKey)) {
                try sealer.seal(content: [1], capsule: [], key: fixture.messageKey) { _ in [] }
            }
        }
    }

    @Test func storedKeysComeBack() {
        let key = EncapsulationPrivateKey()
        let copied = EncapsulationPrivateKey(secret: key.secret())?.publicKey
        #expect(copied == key.publicKey)
        let isNil = EncapsulationPrivateKey(secret: SecretBytes(random: 95)) == nil
        #expect(isNil)
        let messageKey = MessageKey()
        #expect(MessageKey(messageKey.duplicate()).commitment() == messageKey.commitment())
        #expect(MessageKey().commitment() != messageKey.commitment())
    }

    @Test func reasonsAreThoseOfReceipts() {
        for code in [SealingError.Code.commitment, .seal, .content, .padding] {
            #expect(SealingError(code).receiptReason?.rawValue == code.rawValue)
            #expect(ReceiptReason.permitted(for: .undecryptable).contains(SealingError(code).receiptReason))
        }
        #expect(SealingError(.badKey).receiptReason == nil)
        #expect(SealingError(.tooLarge).receiptReason == nil)
    }
}
