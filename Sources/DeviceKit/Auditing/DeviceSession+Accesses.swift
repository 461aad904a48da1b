import DeviceStorage
import Membership
import RelayAPI
public import Sealing
import Secrets
public import Statements

extension DeviceSession {
    /// Whether this device's member is an auditor.
    public var isAuditor: Bool { view.member(identity.member)?.roles.contains(.auditor) == true }

    /// Logs a look, and returns when its place in the activity log is proven: what is looked at is shown only then.
    ///
    /// The statement is stored before it is posted. What was stored and never proven is settled first: it was logged, or
    /// nothing was shown for it.
    /// - Returns: Its index in the activity log.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``: then nothing may be shown.
    @discardableResult
    public func log(_ look: Look, reason: AccessReason) async throws -> UInt64 {
        try await refresh()
        guard isAuditor else { throw Self.notAnAuditor }
        try await settleAccesses()
        let access = Access(
            organisation: identity.organisation, seen: seenBoth, signer: .device(identity.device), kind: look.kind,
            subject: try subject(of: look), reason: reason, at: connection.clock.now())
        let note = signed(access)
        let number = try profile.store.step { try $0.add(access: note.bytes) }
        do {
            return try await post([AccessRow(number: number, note: note.bytes)])
        } catch let refusal as RelayRefusal {
            try profile.store.step { try $0.remove(access: number) }
            throw refusal
        }
    }

    /// Whether this device may ask what capsules name, and can open one: so that no look is logged that shows nothing.
    /// - Throws: ``DeviceKitError``.
    public func checkOpensCapsules() throws {
        guard isAuditor else { throw Self.notAnAuditor }
        guard try opensCapsules() else { throw Self.noAuditKey }
    }

    /// Whether this device holds a key that is or was the organisation's audit key.
    public func opensCapsules() throws -> Bool {
        try withAuditKey { view.wasAuditKey($0.publicKey.id) } ?? false
    }

    private static var notAnAuditor: DeviceKitError {
        DeviceKitError(
            "not_an_auditor", .refused,
            "only an auditor may ask this, and this device's member is none: a look could not be accounted for",
            next: "let an auditor ask, or ask your admins to invite you as an auditor, under another name")
    }

    private static var noAuditKey: DeviceKitError {
        DeviceKitError(
            "no_audit_key", .refused,
            "this device holds no audit key of the organisation: it can open no capsule, and knows no patient",
            next: "ask on the auditor's device that offered the key (\"nightbell admin audit-key\" names it)")
    }

    /// Lends the key under which questions are hashed: the audit key's, or this device's own where none is held that the
    /// roster names.
    public func withQueryKey<Result>(
        _ body: (QueryKeyName, borrowing QueryKey) throws -> Result
    ) throws -> Result {
        let result = try withAuditKey { key -> Result? in
            let id = key.publicKey.id
            guard view.wasAuditKey(id) else { return nil }
            return try body(.auditKey(id), QueryKey(auditKey: key))
        }
        if let result = result ?? nil { return result }
        return try withOwnQueryKey { try body(.device(identity.device), $0) }
    }

    /// Lends a key that this profile alone has.
    func withOwnQueryKey<Result>(_ body: (borrowing QueryKey) throws -> Result) throws -> Result {
        try profile.store.step { step in
            if try step.withSecret(.queryKey, { _ in true }) == nil {
                try step.setSecret(.queryKey, to: SecretBytes(random: 32))
            }
        }
        let result = try profile.store.look { store in
            try store.withSecret(.queryKey) { try body(QueryKey(root: $0)) }
        }
        guard let result else { throw DeviceStorageError(.doesNotOpen, place: "query-key") }
        return result
    }

    /// What a look says that is looked at.
    /// - Throws: ``DeviceKitError`` for a patient, where no audit key is held.
    public func subject(of look: Look) throws -> Access.Subject {
        switch look {
        case .message(let message), .evidence(let message): return .message(message)
        case .report, .capsules: return .none
        case .patient, .device, .member, .breach:
            let query = look.query ?? []
            return try withQueryKey { name, key in
                if case .patient = look, case .device = name { throw Self.noAuditKey }
                return .query(
                    key: name, hash: key.hash(of: query, kind: look.kind, organisation: identity.organisation))
            }
        }
    }

    /// What looks at devices and members may say in the log, as far as this device can recognise it: under the audit key that
    /// it holds, and under its own key, from before the audit key counted.
    public func knownSubjects(of looks: [Look]) throws -> [Access.Subject: Look] {
        var known: [Access.Subject: Look] = [:]
        func note(_ name: QueryKeyName, _ key: borrowing QueryKey) {
            for look in looks {
                guard let query = look.query else { continue }
                let hash = key.hash(of: query, kind: look.kind, organisation: identity.organisation)
                known[.query(key: name, hash: hash)] = look
            }
        }
        try withOwnQueryKey { key in note(.device(identity.device), key) }
        try withQueryKey { name, key in note(name, key) }
        return known
    }

    /// Brings what was stored and never proven to an end.
    ///
    /// A look that the relay does not take any more (its time is over, or a right is gone) was never one.
    private func settleAccesses() async throws {
        while true {
            let rows = try profile.store.look { try $0.unprovenAccesses(limit: 1) }
            guard !rows.isEmpty else { return }
            do {
                _ = try await post(rows)
            } catch let refusal as RelayRefusal where Self.isFinal(refusal.problem) {
                try profile.store.step { step in for row in rows { try step.remove(access: row.number) } }
                observer.remark("a look that was stored here was never logged: it is taken back, for nothing was shown")
            }
        }
    }

    private static func isFinal(_ problem: Problem) -> Bool {
        [.clock, .notPermitted, .ruleBroken, .malformed].contains(problem.code)
    }

    /// Posts looks byte for byte, and verifies each one's place.
    /// - Returns: The last one's index.
    private func post(_ rows: [AccessRow]) async throws -> UInt64 {
        let answer = try await connection.answer(
            to: .post(
                APIPath.accesses(identity.organisation), bytes: NoteBatch.encode(rows.map(\.note)),
                type: "application/octet-stream"), signer: nil, as: ReceiptsAnswer.self)
        if let refused = answer.refused { throw RelayRefusal(problem: refused) }
        guard answer.logged.count == rows.count else {
            throw DeviceKitError(
                "accesses_untrue", .verification, "the relay's answer is not about the looks that were posted",
                next: "tell the relay's operator")
        }
        var last: UInt64 = 0
        for (row, logged) in zip(rows, answer.logged) {
            var timer = StepTimer()
            let proven = try await prove(logged, body: row.note, log: .activity)
            timer.note(.proof, "a look is entry \(proven.index) of the activity log")
            let notes = timer.take()
            let time = connection.clock.now()
            try durably { step, lines in
                try step.markProven(access: row.number, index: proven.index, proof: proven.proof)
                try storeCheckpoints(step)
                lines += try StepLog.append(notes, at: time, to: step).lines
            }
            last = proven.index
        }
        return last
    }
}
