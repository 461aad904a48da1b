import DeviceStorage
import Membership
import RelayAPI
import Sealing
import Secrets
import Statements

extension DeviceSession {
    /// Claims prekeys, seals a draft to every device that the signed roster requires, signs the manifest, and stores the
    /// envelope before anyone sees it. Its files are sealed and with the relay before the manifest is signed: that may take
    /// long, and what is signed must be of the present.
    func seal(_ row: SentRow, _ draft: Draft, as message: MessageID) async throws -> SentRow {
        try checkMaySend()
        var timer = StepTimer(message: message)
        for _ in 0..<3 {
            let member = try addressed(draft)
            let claimed = try await claim(message, for: member)
            timer.note(
                .prekeysClaimed,
                "\(claimed.recipients.count) prekeys were claimed, each signed by its device in the roster")
            guard !claimed.recipients.isEmpty else {
                throw Self.nobodyToSealTo(claimed.without)
            }
            let view = self.view
            let sealer = MessageSealer(
                organisation: identity.organisation, message: message, sender: identity.device,
                recipients: claimed.recipients, recovery: view.recoveryKey?.encapsulation, audit: view.auditKey)
            guard let files = try sendingFiles(of: row) else {
                return try sealed(
                    row, draft, sealer, claimed.without, key: MessageKey(), attachments: [], timer: &timer)
            }
            let key = KeptKey(try sendingKey(of: row, for: sealer).duplicate())
            let attachments = try sealedFiles(
                files, of: row, key: MessageKey(key.secret.duplicate()),
                binding: sealer.binding(key: MessageKey(key.secret.duplicate())))
            try await upload(attachments, from: files, of: message)
            timer.note(.sealed, "\(attachments.count) files are sealed and with the relay, named by their hashes")
            try await refresh()
            let isStillRight =
                ManifestRules.requiredDevices(for: member.id, view: self.view).map(\.id)
                == ManifestRules.requiredDevices(for: member.id, view: view).map(\.id)
                && self.view.recoveryKey?.id == view.recoveryKey?.id && self.view.auditKey?.id == view.auditKey?.id
            guard isStillRight else { continue }
            return try sealed(
                row, draft, sealer, claimed.without, key: MessageKey(key.secret.duplicate()), attachments: attachments,
                timer: &timer)
        }
        throw Self.rosterMoves()
    }

    private func sendingKey(of row: SentRow, for sealer: MessageSealer) throws -> MessageKey {
        let kept = try profile.store.look { store in
            try store.withSendingSecret(row.id) { secret in
                KeptKey(SendingFiles.messageKey(secret, for: sealer).duplicate())
            }
        }
        guard let kept else { throw DeviceStorageError(.unusable, place: "sent") }
        return MessageKey(kept.secret.duplicate())
    }

    private func sealed(
        _ row: SentRow, _ draft: Draft, _ sealer: MessageSealer, _ without: [Manifest.Without],
        key: borrowing MessageKey, attachments: [Manifest.Blob], timer: inout StepTimer
    ) throws -> SentRow {
        let view = self.view
        let now = connection.clock.now()
        let message = sealer.message
        let plaintext = draft.plaintext
        let capsule = try CapsuleContent(of: draft.content, plaintext: plaintext, patient: draft.patient)
        let alertText = AlertSummary.text(of: draft.content)
        let parts = try sealer.seal(content: plaintext, capsule: capsule.plaintext, key: key) { binding in
            let alert = AlertText(
                organisation: identity.organisation, message: message, sender: identity.device, binding: binding,
                at: now, urgency: draft.urgency, text: alertText)
            return alert.plaintext(signature: signer.key.signature(for: alert.signedText))
        }
        let life = min(
            draft.lifeSeconds ?? view.policy.defaultLifespanSeconds, view.policy.maximumLifespanSeconds)
        let manifest = Manifest(
            organisation: identity.organisation, seen: seenBoth, message: message, sender: identity.device, at: now,
            expires: now.adding(seconds: Int64(life)), urgency: draft.urgency, member: draft.member,
            reference: draft.reference,
            commitment: parts.commitment, recipients: parts.manifestRecipients,
            without: without.sorted { $0.device < $1.device }, recovery: parts.manifestRecovery,
            capsule: parts.manifestCapsule, alert: Manifest.Blob(of: parts.alert),
            content: Manifest.Blob(of: parts.content), attachments: attachments, binding: parts.binding)
        let envelope = try Envelope(
            note: signed(manifest), manifest: manifest, sealedKeys: parts.sealedKeys,
            recoverySealedKey: parts.recoverySealedKey, capsuleSealedKey: parts.capsule?.sealedKey, alert: parts.alert,
            capsule: parts.capsule?.blob, content: parts.content)
        timer.note(
            .sealed,
            "sealed to \(parts.sealedKeys.count) devices\(parts.recoverySealedKey == nil ? "" : ", the recovery key")"
                + "\(parts.capsule == nil ? "" : " and the audit key's capsule"); manifest signed")
        var sealed = row
        sealed.state = SentStates.sealed
        sealed.envelope = envelope.bytes
        let notes = timer.take()
        return try durably { step, lines in
            try step.put(sealed)
            lines += try StepLog.append(notes, at: now, to: step).lines
            return sealed
        }
    }

    /// Why no device of the addressed can be sealed to.
    static func nobodyToSealTo(_ without: [Manifest.Without]) -> DeviceKitError {
        guard without.contains(where: { $0.reason != .queueFull }) else {
            return DeviceKitError(
                "queue_full", .failed, "the queue of every device of the member is full",
                next: "call by telephone; a device must connect once and fetch what waits")
        }
        return DeviceKitError(
            "no_prekey", .failed,
            without.contains { $0.reason == .queueFull }
                ? "none of the member's devices can be sealed to: no prekey is left, or the queue is full"
                : "none of the member's devices has a prekey left to seal to",
            next: "call by telephone; the device must connect once to publish new keys")
    }

    /// Nobody answers what they wrote to themselves, and the desk would believe that somebody has it.
    func checkIsToSomebodyElse(_ draft: Draft) throws(DeviceKitError) {
        guard draft.member != identity.member else {
            throw DeviceKitError(
                "to_oneself", .refused,
                "NOT SENT, and nothing is kept: it would go to yourself, and nobody else would have it",
                next: "name whoever is to take it with --to")
        }
    }

    /// Nothing is kept of what the policy forbids: it would be listed as to be telephoned, and whoever sent it has just been told.
    func checkMayWrite(_ draft: Draft) throws(DeviceKitError) {
        guard let member = view.member(draft.member), member.status == .active, !mayWrite(to: member, draft) else {
            return
        }
        throw notPermitted(to: member, isKept: false)
    }

    private func mayWrite(to member: Member, _ draft: Draft) -> Bool {
        view.member(identity.member).map { view.mayWrite(from: $0, to: member) } == true || isAnswer(draft)
    }

    /// - Parameter isKept: Whether the message stays in this profile as one that was refused.
    private func notPermitted(to member: Member, isKept: Bool) -> DeviceKitError {
        DeviceKitError(
            "not_permitted", .refused,
            "NOT SENT\(isKept ? "" : ", and nothing is kept"): your organisation's policy does not let you write to \(member.name)",
            next: Self.whoMayWrite(to: member.roles, named: member.name.description, view.policy))
    }

    private func addressed(_ draft: Draft) throws(DeviceKitError) -> Member {
        let id = draft.member
        guard let member = view.member(id), member.status == .active else {
            throw DeviceKitError(
                "no_such_member", .notFound, "the addressed member is not active", next: "choose another member")
        }
        guard mayWrite(to: member, draft) else { throw notPermitted(to: member, isKept: true) }
        guard !ManifestRules.requiredDevices(for: id, view: view).isEmpty else {
            throw DeviceKitError(
                "no_device", .failed, "\(member.name) has no device that could receive anything",
                next: "call by telephone; an admin can invite a device")
        }
        return member
    }

    /// By whose roles a member can be written to; an auditor by nobody's, whatever else they are.
    static func whoMayWrite(to addressed: Set<Role>, named name: String, _ policy: Policy) -> String {
        if addressed.contains(.auditor) {
            let others = addressed.subtracting([.auditor, .admin]).sorted().map(\.rawValue)
            let undoing =
                others.isEmpty
                ? ""
                : "; if that is a mistake, an admin takes it back: nightbell admin roles \"\(name)\" "
                    + others.joined(separator: " ")
            return "\(name) is an auditor, and nobody may write to an auditor: telephone\(undoing)"
        }
        let roles = Set(policy.writeRights.filter { addressed.contains($0.to) }.map(\.from)).sorted()
        guard !roles.isEmpty else { return "nobody may write to \(name); telephone" }
        return
            "those with the role \(roles.map(\.rawValue).joined(separator: " or ")) may write to \(name); telephone, or ask one of them to write"
    }

    /// Whoever was written to may answer, whatever the policy says of their roles.
    private func isAnswer(_ draft: Draft) -> Bool {
        guard case .inReplyTo(let id)? = draft.reference,
            let known = try? profile.store.look({ try knownManifest(id, in: $0) })
        else { return false }
        return known.manifest.member == identity.member
    }

    private struct Claimed {
        var recipients: [MessageSealer.Recipient] = []
        var without: [Manifest.Without] = []
    }

    /// One prekey of each required device. The roster can move while we ask: then once more.
    private func claim(_ message: MessageID, for member: Member) async throws -> Claimed {
        for _ in 0..<3 {
            let devices = ManifestRules.requiredDevices(for: member.id, view: view)
            let known = checkpoints
            let answer = try await connection.answer(
                to: .post(
                    APIPath.claims(identity.organisation), query: knownSizes,
                    json: ClaimRequest(message: message.description, devices: devices.map(\.id.description))),
                signer: signer, as: ClaimAnswer.self)
            let size = roster.size
            try await absorb(answer.head, askedWith: known)
            if roster.size == size || ManifestRules.requiredDevices(for: member.id, view: view) == devices {
                return try verified(answer, devices: devices)
            }
        }
        throw Self.rosterMoves()
    }

    private static func rosterMoves() -> DeviceKitError {
        DeviceKitError(
            "roster_moves", .tryAgain, "the roster changed while the message was being sealed", next: "try again")
    }

    private func verified(_ answer: ClaimAnswer, devices: [Device]) throws -> Claimed {
        var claimed = Claimed()
        guard answer.prekeys.map(\.device) == devices.map(\.id.description) else { throw badClaim("other devices") }
        for (shape, device) in zip(answer.prekeys, devices) {
            if let prekey = shape.prekey {
                let signature = Base64.decode(Array(prekey.signature.utf8)) ?? []
                guard
                    let signed = try? SignedPrekey(
                        text: Array(prekey.text.utf8), signature: signature, key: device.key),
                    signed.prekey.organisation == identity.organisation,
                    signed.prekey.notAfter > connection.clock.now()
                else {
                    throw try record(
                        .badPrekey,
                        "the relay handed out a prekey that device \(device.id) did not sign, or an expired one",
                        parts: [("prekey", Array(prekey.text.utf8)), ("signature", Array(prekey.signature.utf8))]
                    ).error
                }
                claimed.recipients.append(
                    MessageSealer.Recipient(device: device.id, step: 0, delaySeconds: 0, prekey: signed.prekey))
            } else {
                guard let reason = shape.without.flatMap(WithoutReason.init(rawValue:)) else {
                    throw badClaim("no reason")
                }
                claimed.without.append(Manifest.Without(device: device.id, reason: reason))
                observer.remark("device \(device.id) cannot be sealed to (\(reason.rawValue)); the log will say so")
            }
        }
        return claimed
    }

    private func badClaim(_ what: String) -> DeviceKitError {
        DeviceKitError(
            "claim_untrue", .verification,
            "the relay's answer to a claim of prekeys is not what was asked for (\(what))",
            next: "tell the relay's operator; call by telephone")
    }
}
