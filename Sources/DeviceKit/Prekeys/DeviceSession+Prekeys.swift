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
    /// Private halves of one-time keys that a device holds at the most: those that the relay says are gone are kept, for
    /// a message may be on its way, and the relay's word must not fill the disk.
    static let oneTimeHeldAtMost = 1024
    static let oneTimeSeconds: Int64 = 90 * 86_400
    /// A message sealed on a one-time key's last day may still be on its way for its whole life.
    static let graceSeconds: Int64 = 7 * 86_400
    static let fallbackEverySeconds: Int64 = 7 * 86_400
    static let fallbackSeconds: Int64 = 37 * 86_400
    /// Six live at once by these times; more only when a clock jumps about, and that must not fill the disk.
    static let fallbacksHeldAtMost = 16
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
        let pending = try profile.store.look { try $0.prekeys(in: .made) }.filter { !Self.liesAhead($0, of: now) }
        guard !pending.isEmpty else { return try log(&timer) }
        for start in stride(from: 0, to: pending.count, by: APILimits.prekeysInUpload) {
            let batch = pending[start..<min(start + APILimits.prekeysInUpload, pending.count)]
            let shapes = try batch.map { ($0, try APIJSON.decode(PrekeyShape.self, from: $0.published ?? [])) }
            let upload = PrekeyUpload(
                oneTime: shapes.filter { $0.0.purpose == PrekeyPurpose.oneTime.rawValue }.map(\.1),
                fallback: shapes.last { $0.0.purpose == PrekeyPurpose.fallback.rawValue }?.1)
            let count: PrekeyCount
            do {
                count = try await connection.answer(
                    to: .put(APIPath.prekeys(identity.organisation), json: upload), signer: signer,
                    as: PrekeyCount.self)
            } catch let refusal as RelayRefusal where refusal.problem.code == .ruleBroken {
                // Made by a clock that is not the one that the relay goes by: what waits is fetched all the same.
                guard connection.clock.apart != nil else { throw refusal }
                observer.remark(
                    "new prekeys wait here until the clocks agree: \(DeviceKitError(refusal.problem).message)")
                return
            }
            timer.note(.prekeysPublished, "the relay holds \(count.oneTimeLeft) one-time prekeys of this device")
            let ids = batch.map(\.id)
            let notes = timer.take()
            try durably { step, lines in
                try step.markPublished(ids)
                lines += try StepLog.append(notes, at: now, to: step).lines
            }
        }
    }

    /// Whether the fallback key is a week old. One that was made while a clock was wrong, and lies ahead, counts for none.
    func isFallbackDue() throws -> Bool {
        let now = connection.clock.now()
        return Self.needsFallback(try profile.store.look { try Self.prekeys(.fallback, in: $0) }, now: now)
    }

    private static func prekeys(_ purpose: PrekeyPurpose, in store: some StoreReading) throws -> [PrekeyRow] {
        try (store.prekeys(in: .made) + store.prekeys(in: .published)).filter { $0.purpose == purpose.rawValue }
    }

    /// Made while a clock was wrong: kept, for it may have been given out, and not counted on.
    private static func liesAhead(_ prekey: PrekeyRow, of now: Timestamp) -> Bool {
        prekey.created > now.milliseconds + RelayClock.toleranceMilliseconds
    }

    static func needsFallback(_ held: [PrekeyRow], now: Timestamp) -> Bool {
        guard held.count < PrekeyPlan.fallbacksHeldAtMost else { return false }
        let newest = held.filter { !liesAhead($0, of: now) }.map(\.created).max()
        return newest.map { now.milliseconds - $0 >= PrekeyPlan.fallbackEverySeconds * 1000 } ?? true
    }

    private func makePrekeys(left: UInt64?, now: Timestamp, timer: inout StepTimer) throws {
        let (oneTimeKeys, fallbacks) = try profile.store.look { store in
            (try Self.prekeys(.oneTime, in: store), try Self.prekeys(.fallback, in: store))
        }
        let pending = oneTimeKeys.count { $0.state == .made && !Self.liesAhead($0, of: now) }
        let held = Int(min(left ?? UInt64.max, UInt64(PrekeyPlan.oneTimeCount))) + pending
        let isFirst = fallbacks.isEmpty
        let wanted =
            isFirst || held < PrekeyPlan.refillBelow
            ? max(PrekeyPlan.oneTimeCount - (isFirst ? pending : held), 0) : 0
        let oneTime = max(min(wanted, PrekeyPlan.oneTimeHeldAtMost - oneTimeKeys.count), 0)
        if oneTime < wanted {
            observer.remark(
                "the relay asks for more one-time prekeys, and \(oneTimeKeys.count) are given out and unused: "
                    + "\(oneTime == 0 ? "none" : "\(oneTime)") more are made; tell your administrator")
        }
        let needsFallback = Self.needsFallback(fallbacks, now: now)
        // Both clocks must say that their time is over: what is destroyed here opens nothing any more.
        let past = connection.clock.agreed
        let expired = (oneTimeKeys + fallbacks).contains { row in past.map { row.expires <= $0.milliseconds } ?? false }
        guard oneTime > 0 || needsFallback || expired else { return }
        var destroyed = 0
        try durably { step, lines in
            for _ in 0..<oneTime { try makePrekey(.oneTime, now: now, in: step) }
            if needsFallback { try makePrekey(.fallback, now: now, in: step) }
            if let past { destroyed = try step.destroyPrekeys(expiredBy: past.milliseconds) }
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
