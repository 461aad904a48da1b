import DeviceStorage
public import Membership
import RelayAPI
import Secrets
public import Statements
import TransparencyLog

extension DeviceSession {
    /// How many notes of a log are looked at.
    private static let cosignedLimit = 64

    /// Asks the relay for what witnesses cosigned, and verifies it: by the log's key, by the keys of the witnesses that the
    /// roster names, and as a part of the one history that this device knows. Asks nothing where none is named.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``; a cosigned checkpoint that contradicts what this device saw throws its
    ///   finding's error after it was recorded.
    public func refreshWitnesses() async throws {
        guard !view.witnesses.keys.isEmpty else { return }
        try await take(cosigned: cosignedCheckpoints())
    }

    /// What the relay gives as cosigned: checkpoint notes that nobody has looked at yet.
    public func cosignedCheckpoints() async throws -> [LogKind: [[UInt8]]] {
        var notes: [LogKind: [[UInt8]]] = [:]
        for log in LogKind.allCases {
            do {
                let answer = try await connection.answer(
                    to: .get(APIPath.cosigned(identity.organisation, log)), signer: signer, as: CosignedAnswer.self)
                notes[log] = answer.checkpoints.prefix(Self.cosignedLimit).map { Array($0.utf8) }
            } catch let refusal as RelayRefusal where refusal.problem.code == .notFound {
                // A relay of an earlier version knows no witnesses.
                continue
            }
        }
        return notes
    }

    /// Verifies what was given as cosigned, and keeps the newest word of each witness about each log.
    /// - Throws: As ``refreshWitnesses()``.
    public func take(cosigned given: [LogKind: [[UInt8]]]) async throws {
        let policy = view.witnesses
        let kept = try keptCosigned()
        var notes = kept
        for log in LogKind.allCases {
            // What was kept was verified then.
            for note in given[log] ?? [] where !kept.contains(note) {
                guard let signed = try? logKey(log).verify(checkpoint: note),
                    policy.keys.contains(where: { $0.cosignature(of: signed.note) != nil })
                else { continue }
                try await admit(signed, log, proof: nil)
                notes.append(signed.note.bytes)
            }
        }
        let newest = words(in: notes, policy)
        try profile.store.step { step in
            let stored = try step.setting(.cosigned).map(Self.lines) ?? []
            let kept = words(in: stored + newest.map(\.note), policy)
            try step.set(.cosigned, to: kept.flatMap { Base64.encodedBytes($0.note) + [UInt8(ascii: "\n")] })
            try step.set(.cosignedAsked, to: Array(connection.clock.now().description.utf8))
        }
    }

    /// What is known here of the witnesses; `nil` when nobody has asked the relay for so long that it says nothing of them.
    func recentWitnessStanding() throws -> WitnessStanding? {
        guard let asked = try profile.store.look({ try $0.setting(.cosignedAsked) }).flatMap({ Timestamp($0) }),
            connection.clock.now().milliseconds(since: asked) < WitnessWatch.knownMilliseconds
        else { return nil }
        return try witnessStanding()
    }

    /// What is known here, without asking anybody.
    public func witnessStanding() throws -> WitnessStanding {
        let view = view
        return WitnessStanding(
            policy: view.witnesses, since: view.witnessesSince,
            words: words(in: try keptCosigned(), view.witnesses).map(\.word))
    }

    /// Says by an `admins` statement that changes nothing else whose cosignatures count, and how many are demanded.
    /// - Returns: Whether anything was changed.
    @discardableResult
    public func setWitnesses(_ policy: WitnessPolicy) async throws -> Bool {
        try await onRosterInForce {
            // First: whoever may not is told so, also where nothing would change.
            try checkAdmin()
            guard view.witnesses != policy else { return false }
            try checkQuorum()
            guard view.pendingRecoveryKey == nil, view.pendingAuditKey == nil else {
                throw DeviceKitError(
                    "key_change_pending", .tryAgain, "a change of the recovery or audit key waits for its 72 hours",
                    next: "name the witnesses when it is in effect")
            }
            try await postAdmins(witnesses: policy)
            return true
        }
    }

    /// What the relay gives as cosigned, with the newest of each witness that this device verified before: a relay cannot take
    /// back what a witness said. Asked before ``refresh()``, it holds nothing that the relay must not show then.
    public func knownCosigned() async throws -> [LogKind: [[UInt8]]] {
        let kept = try keptCosigned()
        var known = try await cosignedCheckpoints()
        for log in LogKind.allCases {
            known[log, default: []] += kept.filter { (try? logKey(log).verify(checkpoint: $0)) != nil }
        }
        return known
    }

    private func keptCosigned() throws -> [[UInt8]] {
        try profile.store.look { try $0.setting(.cosigned) }.map(Self.lines) ?? []
    }

    private static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { Base64.decode($0) }
    }

    /// The newest word of each witness about each log, with its note; everything is verified anew.
    private func words(
        in notes: [[UInt8]], _ policy: WitnessPolicy
    ) -> [(word: WitnessStanding.Word, note: [UInt8])] {
        LogKind.allCases.flatMap { log in
            WitnessStanding.newest(
                in: notes.compactMap { try? logKey(log).verify(checkpoint: $0) }, of: log, policy
            ).map { ($0.word, $0.checkpoint.note.bytes) }
        }
    }
}
