import DeviceStorage
import Membership
import RelayAPI
import Secrets
import Statements
import TransparencyLog

extension DeviceSession {
    /// Signs a statement's text as this device.
    func signed(_ statement: some StatementText) -> SignedNote {
        SignedNote(text: statement.text, signedBy: signer.key, as: signer.keyID)
    }

    /// Posts a roster statement, verifies its place, and brings the roster up to it.
    /// - Returns: Its index in the roster log.
    func post(roster note: SignedNote) async throws -> UInt64 {
        let logged = try await connection.answer(
            to: .post(
                APIPath.rosterStatements(identity.organisation), bytes: note.bytes, type: "application/octet-stream"),
            signer: nil, as: LoggedEntry.self)
        let proven = try await prove(logged, body: note.bytes, log: .roster)
        try await refresh()
        return proven.index
    }

    /// Does what ends in a roster statement, and once more when the roster has moved on meanwhile: perhaps by this very
    /// command, whose first run ended before it was answered.
    ///
    /// A refusal alone is no reason to sign again: the signed roster must have grown since it was looked at.
    func onRosterInForce<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let refusal as RelayRefusal where [.stale, .ruleBroken].contains(refusal.problem.code) {
            let size = roster.size
            try await refresh()
            guard roster.size > size else { throw refusal }
            return try await body()
        }
    }

    /// A statement's place in a log, verified.
    struct Proven {
        let entry: Entry
        let index: UInt64
        /// The tlog-proof.
        let proof: [UInt8]
    }

    /// Verifies that an answer proves the place of exactly these bytes.
    func prove(_ logged: LoggedEntry, body: [UInt8], log: LogKind) async throws -> Proven {
        let proven = try await prove(logged, log: log)
        guard proven.entry.body == body else {
            throw try record(
                .unproven, "the relay proved the place of another statement than ours",
                parts: [("ours", body), ("entry", Array(logged.entry.utf8)), ("proof", Array(logged.proof.utf8))]
            ).error
        }
        return proven
    }

    /// Verifies an entry's proof and takes its checkpoint in.
    func prove(_ logged: LoggedEntry, log: LogKind) async throws -> Proven {
        let entry: Entry
        let proof: LogProof
        let signed: SignedCheckpoint
        do {
            guard logged.log == log.rawValue else { throw LogError(.wrongOrigin, part: "entry") }
            entry = try Entry(parsing: Array(logged.entry.utf8))
            proof = try LogProof(parsing: Array(logged.proof.utf8))
            signed = try proof.verify(entry: entry, key: logKey(log))
        } catch {
            throw try record(
                .unproven, "an entry's place in the \(log.rawValue) log is not proven (\(error))",
                parts: [("entry", Array(logged.entry.utf8)), ("proof", Array(logged.proof.utf8))]
            ).error
        }
        try await admit(signed, log, proof: Self.hashes(logged.consistency))
        return Proven(entry: entry, index: proof.index, proof: Array(logged.proof.utf8))
    }

    /// The roster in force at an entry of the activity log: what was logged up to its time.
    ///
    /// Entries of the very same millisecond count as logged before; see ``mayHaveBeenInForce(size:at:)``.
    func view(inForceAt time: Timestamp) -> RosterView {
        let size = rosterTimes.prefix { $0 <= time }.count
        return roster.view(size: UInt64(max(size, 1)), at: time)
    }

    /// Whether the roster of `size` entries can have been in force at a time: nothing after it was logged before.
    func mayHaveBeenInForce(size: UInt64, at time: Timestamp) -> Bool {
        guard size >= 1, size <= roster.size else { return false }
        return size == roster.size || rosterTimes[Int(size)] >= time
    }

    /// Refuses to go on when a promise that sending rests on is broken.
    func checkMaySend() throws {
        if let contradiction = try contradiction() {
            throw DeviceKitError(
                "contradiction", .verification, "the relay was caught with two histories; nothing is sent any more",
                next: "call by telephone; \(contradiction.next)")
        }
        guard let present, present.received.duration(to: .now) < .milliseconds(Self.freshMilliseconds) else {
            throw DeviceKitError(
                "no_fresh_head", .tryAgain, "the relay's signed word on the present is older than 5 minutes",
                next: "check the connection to the relay, and try again")
        }
        if let apart = connection.clock.apart {
            throw DeviceKitError(
                "clock", .tryAgain, "this machine's clock says \(apart.here), the relay's \(apart.there)",
                next: "set the clock that is wrong, and try again")
        }
    }
}
