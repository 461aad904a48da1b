import FuzzSupport
import Secrets
import Statements

extension RandomStatements {
    mutating func blob() -> Manifest.Blob { Manifest.Blob(size: integer(), hash: digest()) }

    mutating func manifest(recipients count: Int? = nil) -> Manifest {
        let at = Timestamp(milliseconds: Int64(generator.next() % 253_000_000_000_000))
        let recipients = (0..<(count ?? 1 + generator.below(5))).map { _ in
            Manifest.Recipient(
                device: identifier(), step: UInt64(generator.below(3)), delaySeconds: integer(), prekey: identifier(),
                sealedKeyHash: digest())
        }
        let without = (0..<generator.below(4)).map { _ in
            Manifest.Without(device: identifier(), reason: element(WithoutReason.allCases))
        }
        let references: [Manifest.Reference?] = [nil, .inReplyTo(identifier()), .forwardOf(identifier())]
        return Manifest(
            organisation: identifier(), seen: seenBoth(), message: identifier(), sender: identifier(), at: at,
            expires: at.adding(milliseconds: 1 + Int64(generator.below(1_000_000))),
            urgency: element(Urgency.allCases), member: identifier(), reference: element(references),
            commitment: digest(), recipients: recipients.sorted { ($0.step, $0.device) < ($1.step, $1.device) },
            without: without.sorted { $0.device < $1.device },
            recovery: generator.once(in: 2) ? nil : .init(key: identifier(), sealedKeyHash: digest()),
            capsule: generator.once(in: 2)
                ? nil : .init(key: identifier(), commitment: digest(), sealedKeyHash: digest(), blob: blob()),
            alert: blob(), content: blob(), attachments: (0..<generator.below(4)).map { _ in blob() },
            binding: digest())
    }

    mutating func receipt() -> Receipt {
        let action = element(ReceiptAction.allCases)
        let number = integer(from: 1)
        return Receipt(
            organisation: identifier(), seen: seenBoth(), message: identifier(), manifest: digest(),
            device: identifier(), action: action, reason: element(ReceiptReason.permitted(for: action)),
            capsule: action == .delivered ? element(CapsuleVerdict.allCases) : nil,
            filed: action == .filed ? digest() : nil, at: time(), number: number,
            previous: number == 1 ? nil : digest(), steps: digest())
    }

    mutating func access() -> Access {
        let kind = element(AccessKind.allCases)
        let device: DeviceID = identifier()
        let subject: Access.Subject =
            switch kind {
            case .message, .evidence: .message(identifier())
            case .report, .capsules: .none
            case .patient: .query(key: .auditKey(identifier()), hash: digest())
            case .device, .member, .breach:
                .query(key: generator.once(in: 2) ? .device(device) : .auditKey(identifier()), hash: digest())
            }
        let needsDevice = if case .query(.device, _) = subject { true } else { false }
        return Access(
            organisation: identifier(), seen: seenBoth(),
            signer: needsDevice || generator.once(in: 2) ? .device(device) : .recovery, kind: kind, subject: subject,
            reason: element(AccessReason.allCases), at: time())
    }

    mutating func event() -> RelayEvent {
        let kinds: [RelayEvent.Kind] = [
            .roster(size: integer(), root: digest()),
            .served(identifier(), identifier(), element([.envelope, .notice])),
            .undeliverable(identifier(), identifier(), element([.revoked, .noPrekey, .queueFull])),
            .fallback(identifier(), identifier(), identifier()), .unanswered(identifier()),
            .pushed(
                identifier(), identifier(), element(PageTransport.allCases), attempt: integer(),
                element(PageOutcome.allCases)),
            .subscription(identifier(), element(PageTransport.allCases), element(SubscriptionChange.allCases)),
        ]
        return RelayEvent(
            organisation: identifier(), kind: element(kinds), salt: generator.bytes(RelayEvent.saltByteCount))
    }

    mutating func head() -> Head {
        Head(
            organisation: identifier(), time: time(), roster: .init(size: integer(), root: digest()),
            activity: .init(size: integer(), root: digest()),
            device: generator.once(in: 2)
                ? nil
                : .init(
                    device: identifier(), waiting: integer(), lastNumber: integer(), runningHash: digest(),
                    oneTimeLeft: integer()))
    }

    mutating func prekey() -> PrekeyText {
        PrekeyText(
            organisation: identifier(), device: identifier(), purpose: element([.oneTime, .fallback]), notAfter: time(),
            key: encapsulationKey())
    }

    mutating func auditKeyOffer() -> AuditKeyOffer {
        AuditKeyOffer(organisation: identifier(), device: identifier(), at: time(), key: encapsulationKey())
    }

    mutating func evidence() -> EvidenceStatement {
        EvidenceStatement(
            organisation: identifier(), seen: seenBoth(), message: identifier(), device: identifier(), at: time(),
            partCount: integer(from: 1), sums: digest())
    }

    mutating func alert() -> AlertText {
        AlertText(
            organisation: identifier(), message: identifier(), sender: identifier(), binding: digest(), at: time(),
            urgency: element(Urgency.allCases), text: text())
    }
}
