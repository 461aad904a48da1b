import Sealing
import Secrets
import Statements
import TransparencyLog

extension Story {
    /// Ivy sends; Bo's phone takes it all the way; the tablet cannot open it; a second message stays unanswered.
    func sendAndReceive(_ sealed: SealedStory) {
        wait(seconds: SealedStory.at.milliseconds(since: now) / 1000, milliseconds: 0)
        let manifest = manifest(of: sealed)
        let phone = Fixed.device("device bo phone")
        let tablet = Fixed.device("device bo tablet")
        let ivy = Fixed.device("device ivy")
        activity.append(
            [
                StatementVector("manifest", manifest, signers: [.device("device ivy")]),
                event("fallback", .fallback(tablet, manifest.message, manifest.recipient(tablet)!.prekey)),
                event("served envelope", .served(phone, manifest.message, .envelope)),
            ], at: now)
        var previous: Digest?
        for (number, (action, reason)) in phoneReceipts.enumerated() {
            wait(seconds: 4, milliseconds: 113)
            let receipt = Receipt(
                organisation: organisation, seen: seen, message: manifest.message,
                manifest: Digest.sha256(manifest.text),
                device: phone, action: action, reason: reason, capsule: action == .delivered ? .agrees : nil,
                filed: action == .filed ? Digest.sha256(Fixed.seed("an id in another system")) : nil, at: now,
                number: UInt64(number) + 1, previous: previous, steps: Digest.sha256(Fixed.seed("step log \(number)")))
            previous = Digest.sha256(receipt.text)
            activity.append(
                [
                    StatementVector("receipt \(action.rawValue)", receipt, signers: [.device("device bo phone")]),
                    event("served \(action.rawValue)", .served(ivy, manifest.message, .notice)),
                ], at: now)
        }
        wait(seconds: 9)
        let failure = Receipt(
            organisation: organisation, seen: seen, message: manifest.message, manifest: Digest.sha256(manifest.text),
            device: tablet, action: .undecryptable, reason: .noPrekey, capsule: nil, at: now, number: 1, previous: nil,
            steps: Digest.sha256(Fixed.seed("step log of the tablet")))
        activity.append(
            [StatementVector("receipt undecryptable", failure, signers: [.device("device bo tablet")])], at: now)
        sendPlainly(after: manifest)
    }

    private var phoneReceipts: [(ReceiptAction, ReceiptReason?)] {
        [
            (.delivered, nil), (.read, nil), (.declined, .unavailable), (.acknowledged, .willCallBy),
            (.disclosed, nil), (.handedOff, nil), (.closed, nil), (.filed, nil),
        ]
    }

    private func manifest(of sealed: SealedStory) -> Manifest {
        Manifest(
            organisation: organisation, seen: seen, message: SealedStory.message, sender: Fixed.device("device ivy"),
            at: now, expires: now.adding(seconds: 86_400), urgency: .urgent, member: Fixed.member("bo"), reference: nil,
            commitment: SealedStory.commitments.key,
            recipients: zip(SealedStory.sealer.recipients, sealed.parts.sealedKeys).map {
                .init(
                    device: $0.device, step: $0.step, delaySeconds: $0.delaySeconds, prekey: $0.prekey.id,
                    sealedKeyHash: Digest.sha256($1))
            }, without: [],
            recovery: .init(
                key: SealedStory.sealer.recovery!.id, sealedKeyHash: Digest.sha256(sealed.parts.recoverySealedKey)),
            capsule: .init(
                key: SealedStory.sealer.audit!.id, commitment: SealedStory.commitments.capsule!,
                sealedKeyHash: Digest.sha256(sealed.parts.auditSealedKey), blob: .init(of: sealed.parts.capsule)),
            alert: .init(of: sealed.parts.alert), content: .init(of: sealed.parts.content),
            attachments: sealed.parts.attachments.map { .init(of: $0) }, binding: sealed.binding)
    }

    /// A manifest with everything that the other one lacks: a reference, later steps, devices left out, no recovery or
    /// audit key. Its hashes stand for no bytes.
    private func sendPlainly(after first: Manifest) {
        wait(seconds: 60)
        let message = Fixed.message("follow-up", at: now)
        func hash(_ name: String) -> Digest { Digest.sha256(Fixed.seed("no bytes: \(name)")) }
        let recipients = ["device bo phone", "device bo tablet", "device max"].enumerated().map { index, name in
            Manifest.Recipient(
                device: Fixed.device(name), step: UInt64(index / 2), delaySeconds: UInt64(index / 2) * 300,
                prekey: PrekeyID(bytes: Fixed.seed("no prekey: \(name)", 20)), sealedKeyHash: hash(name))
        }
        let without = ["device udo", "device ana"].enumerated().map {
            Manifest.Without(device: Fixed.device($1), reason: $0 == 0 ? .noPrekey : .queueFull)
        }
        let manifest = Manifest(
            organisation: organisation, seen: seen, message: message, sender: Fixed.device("device ivy"), at: now,
            expires: now.adding(seconds: 600), urgency: .sameDay, member: Fixed.member("bo"),
            reference: .inReplyTo(first.message), commitment: hash("commit"),
            recipients: recipients.sorted { ($0.step, $0.device) < ($1.step, $1.device) },
            without: without.sorted { $0.device < $1.device }, recovery: nil, capsule: nil,
            alert: .init(size: 552, hash: hash("alert")), content: .init(size: 552, hash: hash("content")),
            binding: hash("binding"))
        activity.append(
            [
                StatementVector("manifest with steps", manifest, signers: [.device("device ivy")]),
                event("undeliverable", .undeliverable(Fixed.device("device max"), message, .queueFull)),
            ], at: now)
        wait(seconds: 600)
        activity.append([event("unanswered", .unanswered(message))], at: now)
        let max = Fixed.device("device max")
        wait(seconds: 1)
        activity.append(
            [
                event("subscription", .subscription(max, .webPush, .proven)),
                event("pushed", .pushed(max, message, .webPush, attempt: 1, .accepted)),
            ], at: now)
    }

    /// Udo looks, once at each kind of subject; and the recovery key.
    func look(_ sealed: SealedStory) {
        let key = QueryKey(auditKey: Fixed.encapsulationKey("audit key"))
        let auditKey = Fixed.encapsulationKey("audit key").publicKey.id
        let udo = Fixed.device("device udo")
        func query(_ text: String, _ kind: AccessKind) -> Access.Subject {
            .query(
                key: .auditKey(auditKey), hash: key.hash(of: Array(text.utf8), kind: kind, organisation: organisation))
        }
        let own = QueryKey(root: SecretBytes(copying: Fixed.seed("query key")))
        let device = own.hash(
            of: Array(Fixed.device("device bo phone").description.utf8), kind: .device, organisation: organisation)
        let looks: [(AccessKind, Access.Subject, AccessReason, Access.Signer)] = [
            (.patient, query("mrn 4711-ü", .patient), .patientRequest, .device(udo)),
            (.message, .message(SealedStory.message), .investigation, .device(udo)),
            (.device, .query(key: .device(udo), hash: device), .routineReview, .device(udo)),
            (.report, .none, .operations, .recovery),
        ]
        for (kind, subject, reason, signer) in looks {
            wait(seconds: 5)
            let access = Access(
                organisation: organisation, seen: seen, signer: signer, kind: kind, subject: subject, reason: reason,
                at: now)
            activity.append(
                [
                    StatementVector(
                        "access \(kind.rawValue)", access,
                        signers: signer == .recovery ? [.recovery] : [.device("device udo")])
                ], at: now)
        }
    }

    /// The relay's word to a device, and to somebody who is none.
    func addHeads() {
        wait(seconds: 1)
        let trees = [roster, activity].map { Head.Tree(size: $0.newest.size, root: $0.newest.root) }
        let state = Head.DeviceState(
            device: Fixed.device("device ivy"), waiting: 1, lastNumber: UInt64(queue.count),
            runningHash: queue.hashes.last!, oneTimeLeft: 61)
        for (name, device) in [("head for a device", state), ("head", nil)] {
            loose.append(
                StatementVector(
                    name,
                    Head(organisation: organisation, time: now, roster: trees[0], activity: trees[1], device: device),
                    signers: [Signer(key: "activity log", note: activity.key.key)]))
        }
    }

    /// Udo's word about a file that holds what was logged about the message.
    func addEvidence() {
        wait(seconds: 1)
        loose.append(
            StatementVector(
                "evidence",
                EvidenceStatement(
                    organisation: organisation, seen: seen, message: SealedStory.message,
                    device: Fixed.device("device udo"), at: now, partCount: 31,
                    sums: Digest.sha256(Array("sums".utf8))),
                signers: [.device("device udo")]))
    }

    /// Ivy's queue: the receipts on her message, in log order, with the running hashes from h(0).
    var queue: (count: Int, items: [UInt64], hashes: [Digest]) {
        let items = activity.entries.indices.filter { activity.entries[$0].vector.name.hasPrefix("receipt") }
        var hashes = [Digest.zero]
        for item in items {
            hashes.append(Digest.sha256(prefix: nil, hashes.last!, activity.entries[item].entry.leafHash))
        }
        return (items.count, items.map(UInt64.init), hashes)
    }
}
