import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements
import Synchronization
import TransparencyLog

/// Founding an organisation: the relay gives its name and fresh public keys, the client returns `genesis`.
///
/// Keys that were offered wait in memory; they reach the disk before the code is consumed and the genesis that names them
/// accepted: a founding that the relay's end interrupted in between goes on with the same genesis.
final class Founding: Sendable {
    /// How many offers wait at the most, and how long.
    private static let offerLimit = 64
    private static let offerSeconds: Int64 = 3_600

    private final class Offer: Sendable {
        let roster = SigningKey()
        let activity = SigningKey()
        let made: Timestamp

        init(made: Timestamp) { self.made = made }
    }

    private let relayName: String
    private let keyFiles: LogKeyFiles
    private let codes: FoundingCodes
    private let isOpen: @Sendable (_ address: String) -> Bool
    private let offers = Mutex<[Offer]>([])
    /// In which whoever looks for an organisation and founds it when it is not there.
    let turns = FoundingTurns()

    init(
        relayName: String, keyFiles: LogKeyFiles, codes: FoundingCodes,
        isOpen: @escaping @Sendable (_ address: String) -> Bool
    ) {
        self.relayName = relayName
        self.keyFiles = keyFiles
        self.codes = codes
        self.isOpen = isOpen
    }

    /// Fresh keys for whoever may found here.
    /// - Throws: ``Problem``.
    func offer(_ request: FoundingRequest, from address: String, now: Timestamp) throws -> FoundingOffer {
        if !isOpen(address) {
            guard let code = request.code, codes.isKnown(code, now: now) else { throw Self.codeNeeded }
        }
        let offer = Offer(made: now)
        offers.withLock { offers in
            offers.removeAll { now.milliseconds(since: $0.made) > Self.offerSeconds * 1000 }
            if offers.count >= Self.offerLimit { offers.removeFirst() }
            offers.append(offer)
        }
        return FoundingOffer(
            relay: relayName, rosterKey: Base64.encode(offer.roster.verifyingKey.bytes),
            activityKey: Base64.encode(offer.activity.verifyingKey.bytes))
    }

    /// Accepts a genesis: both logs begin, each with its signed head, in one transaction.
    /// - Returns: The new organisation's state and keys, for the sequencer to go on from.
    /// - Throws: ``Problem``, `RuleViolation` or ``StorageError``.
    func found(
        _ submission: FoundingSubmission, from address: String, store: any RelayStore, now: Timestamp
    ) async throws -> (state: OrganisationState, keys: OrganisationKeys) {
        let note = try SignedNote(parsing: Array(submission.genesis.utf8))
        let genesis = try Genesis(parsing: note.text)
        let entry = Entry(time: now, body: note.bytes)
        let roster = try Roster(genesis: entry)
        guard genesis.relay == relayName else { throw Self.notOffered }
        let needsCode = !isOpen(address)
        if needsCode {
            guard let code = submission.code, codes.isKnown(code, now: now) else { throw Self.codeNeeded }
        }
        if let offer = offer(of: genesis) {
            try keyFiles.store(offer.roster)
            try keyFiles.store(offer.activity)
        }
        // Not only offers of this process: one whose founding its end interrupted has its keys on the disk.
        guard let keys = try? keyFiles.load(genesis), try await store.read({ try Self.areFree(genesis, in: $0) }) else {
            throw Self.notOffered
        }
        if needsCode, let code = submission.code {
            guard try codes.redeem(code, genesis: note.hash, now: now) == .accepted else { throw Self.codeNeeded }
        }
        let state = try await store.write { transaction in
            guard try Self.areFree(genesis, in: transaction) else { throw Self.notOffered }
            return try Self.write(entry, note: note, roster: roster, keys: keys, in: transaction)
        }
        return (state, keys)
    }

    private func offer(of genesis: Genesis) -> Offer? {
        offers.withLock { offers in
            offers.first {
                $0.roster.verifyingKey == genesis.rosterKey && $0.activity.verifyingKey == genesis.activityKey
            }
        }
    }

    /// Whether no organisation has these keys: they are for one organisation and log, for ever.
    private static func areFree(_ genesis: Genesis, in reader: any RelayReader) throws -> Bool {
        let keys: Set = [genesis.rosterKey, genesis.activityKey]
        return try reader.organisations().allSatisfy { organisation in
            guard let first = try reader.entry(0, in: .roster, of: organisation) else { return false }
            let founded = try Genesis(parsing: try SignedNote(parsing: try Entry(parsing: first).body).text)
            return keys.isDisjoint(with: [founded.rosterKey, founded.activityKey])
        }
    }

    private static func write(
        _ entry: Entry, note: SignedNote, roster: Roster, keys: OrganisationKeys, in transaction: any RelayTransaction
    ) throws -> OrganisationState {
        let organisation = roster.organisation
        try transaction.addOrganisation(organisation)
        let event = RelayEvent(organisation: organisation, kind: .roster(size: 1, root: roster.root)).text
        let first = Entry(time: entry.time, body: event)
        try transaction.append(
            NewEntry(bytes: entry.bytes, leafHash: entry.leafHash, statement: note.hash, message: nil), at: 0,
            to: .roster, of: organisation)
        try transaction.append(
            NewEntry(bytes: first.bytes, leafHash: first.leafHash, statement: nil, message: nil),
            at: 0,
            to: .activity, of: organisation)
        var tree = GrowingTree()
        tree.append(first.leafHash)
        let rosterHead = keys.sign(.roster, size: 1, root: roster.root)
        let activityHead = keys.sign(.activity, size: 1, root: tree.root)
        for (log, head, leaf) in [
            (LogKind.roster, rosterHead, entry.leafHash), (LogKind.activity, activityHead, first.leafHash),
        ] {
            try transaction.advanceHead(
                to: StoredHead(
                    size: 1, root: head.root, note: head.note.bytes, signature: head.signature.payload, edge: [leaf]),
                from: 0, of: log, of: organisation)
        }
        return OrganisationState(
            roster: roster, activityTree: tree, rosterHead: rosterHead, activityHead: activityHead, lastTime: entry.time
        )
    }

    private static let notOffered = Problem(
        .stale, status: 409, detail: "The genesis does not name the keys that this relay offered.",
        next: "Begin the founding again: nothing was founded.")

    private static let codeNeeded = Problem(
        .foundingCode, status: 403, detail: "Founding here needs a code that is valid and not used.",
        next: "Ask the relay's operator to run nightbell-relay founding-code, and give the code with --code.")
}
