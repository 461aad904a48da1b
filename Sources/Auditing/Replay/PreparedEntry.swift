import Membership
import Secrets
import Statements
import TransparencyLog

/// An entry of the activity log with all that can be said of it before its place is judged: what costs time, and needs
/// no other entry.
///
/// An object: it goes through several hands, and a manifest is a kilobyte of fields.
final class PreparedEntry: Sendable {
    let leaf: Digest
    /// `nil` when it is no entry.
    let time: Timestamp?
    /// What it holds, or why that cannot be read.
    let statement: Result<Content, StatementError>
    let proof: SignatureProof
    /// The message that it is about, and the one that this one refers to.
    let message: MessageID?
    let referred: MessageID?

    /// A statement as far as its place decides: the note that carried it is not needed any more.
    enum Content: Sendable {
        case manifest(Manifest)
        case receipt(Receipt)
        case access(Access, SignedNote)
        case event(RelayEvent)
    }

    init(
        leaf: Digest, time: Timestamp?, statement: Result<Content, StatementError>, proof: SignatureProof,
        message: MessageID? = nil, referred: MessageID? = nil
    ) {
        self.leaf = leaf
        self.time = time
        self.statement = statement
        self.proof = proof
        self.message = message
        self.referred = referred
    }
}

/// What was verified of a statement, wherever it stands.
struct SignatureProof: Sendable {
    /// The statement's hash.
    let hash: Digest
    /// Whether it carries exactly the signature of the device that it names; an event carries none.
    var isSigned = false
    /// Whether each log's signature on what the signer had seen is true.
    var isSeenRosterSigned = false
    var isSeenActivitySigned = false
    /// How many signatures were verified to say so; what was known from an earlier statement does not count.
    var verifications = 0

    func isSeenSigned(_ log: LogKind) -> Bool {
        switch log {
        case .roster: isSeenRosterSigned
        case .activity: isSeenActivitySigned
        }
    }
}

/// Parses entries and verifies their signatures, on as many threads as ask.
///
/// A device's id is the hash of its key, and a key is enrolled once: whether a signature is its device's does not depend
/// on the place. Whether the device was enrolled, live and permitted there is the replay's matter.
struct EntryPreparer: Sendable {
    private let keys: [DeviceID: NoteKey]
    private let seenRoster: SeenLedger
    private let seenActivity: SeenLedger

    /// - Parameter roster: The whole roster log.
    init(_ roster: RosterView) {
        keys = Dictionary(
            uniqueKeysWithValues: roster.allDevices.map { ($0.id, NoteKey(device: $0.key)) })
        seenRoster = SeenLedger(roster.roster.logKey(.roster))
        seenActivity = SeenLedger(roster.roster.logKey(.activity))
    }

    func prepare(_ bytes: ArraySlice<UInt8>) -> PreparedEntry {
        let leaf = MerkleTree.leafHash(bytes)
        let time: Timestamp
        let body: ArraySlice<UInt8>
        let statement: ActivityStatement
        do throws(StatementError) { (time, body) = try Entry.parts(of: bytes) } catch {
            return PreparedEntry(leaf: leaf, time: nil, statement: .failure(error), proof: .init(hash: leaf))
        }
        do throws(StatementError) { statement = try ActivityStatement(parsing: body) } catch {
            return PreparedEntry(leaf: leaf, time: time, statement: .failure(error), proof: .init(hash: leaf))
        }
        switch statement {
        case .manifest(let manifest, let note):
            return PreparedEntry(
                leaf: leaf, time: time, statement: .success(.manifest(manifest)),
                proof: prove(note, by: manifest.sender, seen: manifest.seen), message: manifest.message,
                referred: manifest.reference?.message)
        case .receipt(let receipt, let note):
            return PreparedEntry(
                leaf: leaf, time: time, statement: .success(.receipt(receipt)),
                proof: prove(note, by: receipt.device, seen: receipt.seen), message: receipt.message)
        case .access(let access, let note):
            // Few, and some are the recovery key's: their own signature is the replay's matter.
            return PreparedEntry(
                leaf: leaf, time: time, statement: .success(.access(access, note)),
                proof: prove(note, by: nil, seen: access.seen))
        case .event(let event):
            return PreparedEntry(
                leaf: leaf, time: time, statement: .success(.event(event)),
                proof: SignatureProof(hash: Digest.sha256(body)), message: event.message)
        }
    }

    private func prove(_ note: SignedNote, by device: DeviceID?, seen both: SeenBoth) -> SignatureProof {
        var proof = SignatureProof(hash: note.hash)
        if let key = device.flatMap({ keys[$0] }) {
            proof.isSigned = note.signatures.count == 1 && key.verifies(note.signatures[0], of: note.text)
            proof.verifications += 1
        }
        let (isRosterSigned, isRosterNew) = seenRoster.isSigned(both.roster)
        let (isActivitySigned, isActivityNew) = seenActivity.isSigned(both.activity)
        proof.isSeenRosterSigned = isRosterSigned
        proof.isSeenActivitySigned = isActivitySigned
        proof.verifications += (isRosterNew ? 1 : 0) + (isActivityNew ? 1 : 0)
        return proof
    }
}
