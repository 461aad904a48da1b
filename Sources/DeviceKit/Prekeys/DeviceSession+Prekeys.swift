import DeviceStorage
import RelayAPI
import Sealing
import Secrets
import Statements

/// How many prekeys there are and how long they live (design section 5).
enum PrekeyPlan {
    static let oneTimeCount = 64
    /// Refilled at half.
    static let refillBelow: UInt64 = 32
    static let oneTimeSeconds: Int64 = 90 * 86_400
    /// A message sealed on a one-time key's last day may still be on its way for its whole life.
    static let graceSeconds: Int64 = 7 * 86_400
    static let fallbackEverySeconds: Int64 = 7 * 86_400
    static let fallbackSeconds: Int64 = 37 * 86_400
}

extension DeviceSession {
    /// Makes, stores, signs and publishes prekeys as far as they are needed, and destroys those whose time is over.
    ///
    /// Private halves are on the disk before a public half leaves; what was made and not yet published goes first.
    public func maintainPrekeys() async throws {
        let now = connection.clock.now()
        var timer = StepTimer()
        let left = present?.head.device?.oneTimeLeft
        try makePrekeys(left: left, now: now, timer: &timer)
        let pending = try profile.store.look { try $0.prekeys(in: .made) }
        guard !pending.isEmpty else { return try log(&timer) }
        for start in stride(from: 0, to: pending.count, by: APILimits.prekeysInUpload) {
            let batch = pending[start..<min(start + APILimits.prekeysInUpload, pending.count)]
            let shapes = try batch.map { ($0, try APIJSON.decode(PrekeyShape.self, from: $0.published ?? [])) }
            let upload = PrekeyUpload(
                oneTime: shapes.filter { $0.0.purpose == PrekeyPurpose.oneTime.rawValue }.map(\.1),
                fallback: shapes.last { $0.0.purpose == PrekeyPurpose.fallback.rawValue }?.1)
            let count = try await connection.answer(
                to: .put(APIPath.prekeys(identity.organisation), json: upload), signer: signer, as: PrekeyCount.self)
            timer.note(.prekeysPublished, "the relay holds \(count.oneTimeLeft) one-time prekeys of this device")
            let ids = batch.map(\.id)
            let notes = timer.take()
            try durably { step, lines in
                try step.markPublished(ids)
                lines += try StepLog.append(notes, at: now, to: step).lines
            }
        }
    }

    private func makePrekeys(left: UInt64?, now: Timestamp, timer: inout StepTimer) throws {
        let made = try profile.store.look { store in
            (
                pending: try store.prekeys(in: .made).count { $0.purpose == PrekeyPurpose.oneTime.rawValue },
                fallback: (try store.prekeys(in: .made) + store.prekeys(in: .published))
                    .filter { $0.purpose == PrekeyPurpose.fallback.rawValue }.map(\.created).max(),
                expired: try store.prekeys(in: .published).contains { $0.expires <= now.milliseconds }
            )
        }
        let held = Int(clamping: left ?? UInt64(PrekeyPlan.oneTimeCount)) + made.pending
        let isFirst = made.fallback == nil
        let oneTime =
            isFirst || held < PrekeyPlan.refillBelow
            ? max(PrekeyPlan.oneTimeCount - (isFirst ? made.pending : held), 0) : 0
        let fallbackAge = made.fallback.map { now.milliseconds - $0 }
        let needsFallback = fallbackAge.map { $0 >= PrekeyPlan.fallbackEverySeconds * 1000 } ?? true
        guard oneTime > 0 || needsFallback || made.expired else { return }
        var destroyed = 0
        try durably { step, lines in
            for _ in 0..<oneTime { try makePrekey(.oneTime, now: now, in: step) }
            if needsFallback { try makePrekey(.fallback, now: now, in: step) }
            destroyed = try step.destroyPrekeys(expiredBy: now.milliseconds)
            if oneTime > 0 || needsFallback {
                timer.note(
                    .keysMade, "\(oneTime) one-time prekeys and \(needsFallback ? 1 : 0) fallback prekey were made")
            }
            if destroyed > 0 { timer.note(.prekeyDestroyed, "\(destroyed) expired prekeys were destroyed") }
            lines += try StepLog.append(timer.take(), at: now, to: step).lines
        }
    }

    private func makePrekey(_ purpose: PrekeyPurpose, now: Timestamp, in step: StoreStep) throws {
        let key = EncapsulationPrivateKey()
        let life = purpose == .oneTime ? PrekeyPlan.oneTimeSeconds : PrekeyPlan.fallbackSeconds
        let text = PrekeyText(
            organisation: identity.organisation, device: identity.device, purpose: purpose,
            notAfter: now.adding(seconds: life), key: key.publicKey)
        let signed = SignedPrekey(text, signedBy: signer.key)
        let shape = PrekeyShape(
            text: String(decoding: signed.text, as: UTF8.self), signature: Base64.encode(signed.signature))
        let kept = purpose == .oneTime ? life + PrekeyPlan.graceSeconds : life
        try step.add(
            PrekeyRow(
                id: signed.id.description, purpose: purpose.rawValue, created: now.milliseconds,
                expires: now.adding(seconds: kept).milliseconds, state: .made, published: APIJSON.encode(shape)),
            holding: key.secret())
    }
}
