import Membership
import Sealing
import Secrets
public import Statements
import TransparencyLog

/// Checks a file of evidence about one message with nothing but the file: no profile, no relay, nothing is written.
///
/// From the outside to the inside: the archive, the auditor's list of its parts, their hashes; the roster log from its
/// genesis; both checkpoints and what witnesses cosigned of them; the auditor's signature and right; every entry's place; what its signer had seen; its
/// signature and the rules at its place; and where the message's capsule is there, that it is the one that the manifest
/// states, and what it holds. What could only be judged with a part that is wrong is not judged: the first finding is
/// the one to look at.
public struct EvidenceCheck: Sendable {
    /// 128 MiB: a roster log of a hundred thousand statements.
    public static let maximumByteCount = 128 << 20

    /// The organisation that is known from elsewhere; `nil` takes the file's word, and whoever reads the verdict compares.
    public var organisation: OrganisationID?

    private let isCapsule: @Sendable ([UInt8]) -> Bool

    /// - Parameter isCapsule: Whether what a capsule opened to is one (``CapsuleSource/isCapsule(_:)``).
    public init(organisation: OrganisationID? = nil, isCapsule: @escaping @Sendable ([UInt8]) -> Bool) {
        self.organisation = organisation
        self.isCapsule = isCapsule
    }

    /// Whether a header of the archive names the one folder of a file of evidence: anything else was never one. Any header, for
    /// the first may be what was changed.
    public static func isEvidence(_ bytes: [UInt8]) -> Bool {
        stride(from: 0, to: bytes.count, by: Ustar.blockByteCount).contains { place in
            bytes[place...].starts(with: EvidencePart.folder.utf8)
        }
    }

    public func run(_ bytes: [UInt8]) -> EvidenceVerdict {
        var reader = EvidenceReader(pinned: organisation, isCapsule: isCapsule)
        reader.read(bytes)
        return reader.verdict
    }
}

/// One reading of one file. Each step says whether the next can go on.
struct EvidenceReader {
    private let pinned: OrganisationID?
    private let isCapsule: @Sendable ([UInt8]) -> Bool
    private(set) var verdict = EvidenceVerdict()
    private var parts: [EvidencePart: [UInt8]] = [:]
    /// Those that are listed, in their order.
    private var order: [EvidencePart] = []
    private var note: SignedNote?

    init(pinned: OrganisationID?, isCapsule: @escaping @Sendable ([UInt8]) -> Bool) {
        self.pinned = pinned
        self.isCapsule = isCapsule
    }

    mutating func read(_ bytes: [UInt8]) {
        guard let files = unpack(bytes), let statement = readNote(files), let listed = checkSums(files, statement),
            checkHashes(listed), checkLayout(listed.map(\.name))
        else { return }
        guard let logs = readLogs(statement) else { return }
        guard checkAuditor(statement, logs), checkHead(logs), var replay = prove(statement, logs) else { return }
        replay.run(&verdict)
        checkHeadTime()
        checkCapsule(of: replay.subject)
    }

    // MARK: The archive

    private mutating func unpack(_ bytes: [UInt8]) -> [Ustar.File]? {
        let files: [Ustar.File]
        do throws(Ustar.Malformed) { files = try Ustar.read(bytes) } catch {
            verdict.find(.archiveMalformed, "archive", error.sentence)
            return nil
        }
        guard let stray = files.first(where: { !$0.name.hasPrefix(EvidencePart.folder) }) else {
            return files.map { .init(name: String($0.name.dropFirst(EvidencePart.folder.count)), bytes: $0.bytes) }
        }
        verdict.find(.partMisplaced, stray.name, "it lies outside the archive's one folder")
        return nil
    }

    private mutating func readNote(_ files: [Ustar.File]) -> EvidenceStatement? {
        let name = EvidencePart.note.name
        guard files.count >= 2, files[0].name == name, files[1].name == EvidencePart.sums.name else {
            verdict.find(
                .partMisplaced, files.first?.name == name ? EvidencePart.sums.name : name,
                "it is not where a file of evidence has it, at the beginning")
            return nil
        }
        verdict.partCount = files.count
        do {
            let note = try SignedNote(parsing: files[0].bytes)
            let statement = try EvidenceStatement(parsing: note.text)
            self.note = note
            verdict.statement = statement
            return statement
        } catch {
            let type = files[0].bytes.prefix { $0 != UInt8(ascii: "\n") }
            if Self.isLater(type) {
                verdict.later = name
            } else {
                verdict.find(.partMalformed, name, "it cannot be read (\(error))")
            }
            return nil
        }
    }

    /// A later form of the same statement.
    private static func isLater(_ type: ArraySlice<UInt8>) -> Bool {
        let digits = type.dropFirst(20)
        return type.starts(with: "nightbell.evidence/v".utf8) && (1...9).contains(digits.count)
            && digits.allSatisfy { (0x30...0x39).contains($0) } && !digits.elementsEqual("1".utf8)
            && digits.first != 0x30
    }

    /// The list is the one that was signed, and the files are those of the list, in its order.
    private mutating func checkSums(
        _ files: [Ustar.File], _ statement: EvidenceStatement
    ) -> [(name: String, hash: Digest, bytes: [UInt8])]? {
        let name = EvidencePart.sums.name
        guard Digest.sha256(files[1].bytes) == statement.sums else {
            verdict.find(.partChanged, name, "it is not the list whose hash the auditor's device signed")
            return nil
        }
        guard let listed = EvidenceSums.read(files[1].bytes), UInt64(listed.count) == statement.partCount else {
            verdict.find(
                .partMalformed, name, "it is not a list of as many hashes and names as the auditor's device signed")
            return nil
        }
        let found = files.dropFirst(2).map(\.name)
        guard found.elementsEqual(listed.map(\.name)) else {
            let (names, wanted) = (Set(found), Set(listed.map(\.name)))
            let missing = listed.first { !names.contains($0.name) }?.name
            let more = found.first { !wanted.contains($0) }
            verdict.find(
                .partMisplaced, missing ?? more ?? name,
                missing != nil ? "it is listed, and not there" : "the files are not those of the list, in its order")
            return nil
        }
        return zip(listed, files.dropFirst(2)).map { ($0.name, $0.hash, $1.bytes) }
    }

    private mutating func checkHashes(_ listed: [(name: String, hash: Digest, bytes: [UInt8])]) -> Bool {
        for part in listed {
            if Digest.sha256(part.bytes) != part.hash {
                verdict.find(.partChanged, part.name, "it is not what the auditor's device listed: its hash is another")
            } else if let known = EvidencePart(part.name) {
                parts[known] = part.bytes
            }
        }
        // An older or newer version wrote it, or whoever made the file: it proves nothing, and is told to whoever reads it.
        verdict.hasOtherReadme = parts[.readme] != EvidenceReadme.bytes
        return verdict.ok
    }

    /// Every part that evidence has is there, and no other.
    private mutating func checkLayout(_ names: [String]) -> Bool {
        let known = names.map { EvidencePart($0) }
        guard let unknown = zip(names, known).first(where: { $0.1 == nil }) else {
            let parts = known.compactMap(\.self)
            return checkOrder(parts)
        }
        verdict.find(.partMisplaced, unknown.0, "no part of a file of evidence has this name")
        return false
    }

    private mutating func checkOrder(_ found: [EvidencePart]) -> Bool {
        var sizes: [UInt64] = []
        var entries: [UInt64] = []
        for part in found {
            switch part {
            case .consistency(let size): sizes.append(size)
            case .entry(let index): entries.append(index)
            default: break
            }
        }
        // What the tiles must be follows from the checkpoint, whose signature is looked at later.
        let size = parts[.checkpoint(.roster)].flatMap { try? SignedNote(parsing: $0) }
            .flatMap { try? Checkpoint(parsing: $0.text) }?.size
        guard let size, size > 0, size <= UInt64(found.count) * UInt64(TilePath.fullWidth) else {
            verdict.find(
                .partMalformed, EvidencePart.checkpoint(.roster).name,
                "it is no checkpoint, or of another log than the tiles that are here")
            return false
        }
        let names = Set(found)
        let expected = EvidencePart.listed(
            roster: size, hasCapsule: EvidencePart.capsules.contains(where: names.contains), sizes: sizes.sorted(),
            entries: entries.sorted())
        guard expected != found else {
            order = found
            return true
        }
        let wanted = Set(expected)
        let missing = expected.first { !names.contains($0) }
        let more = found.first { !wanted.contains($0) }
        let moved = zip(expected, found).first { $0.0 != $0.1 }?.1
        verdict.find(
            .partMisplaced, (missing ?? more ?? moved ?? .sums).name,
            missing != nil ? "a part that evidence needs is missing" : "this part has no place here")
        return false
    }

    // MARK: The logs

    private mutating func readLogs(_ statement: EvidenceStatement) -> EvidenceLogs? {
        let logs = EvidenceLogs(parts, pinned: pinned, verdict: &verdict)
        guard let logs else { return nil }
        verdict.organisation = logs.roster.organisation
        verdict.view = logs.roster.view(at: logs.roster.lastTime)
        verdict.roster = .init(size: logs.rosterCheckpoint.size, root: logs.rosterCheckpoint.root)
        verdict.activity = .init(size: logs.activityCheckpoint.size, root: logs.activityCheckpoint.root)
        verdict.witnesses = logs.witnesses
        return logs
    }

    /// The note is the word of a device that may say so, about these very checkpoints.
    private mutating func checkAuditor(_ statement: EvidenceStatement, _ logs: EvidenceLogs) -> Bool {
        let part = EvidencePart.note.name
        guard statement.organisation == logs.roster.organisation else {
            verdict.find(.init(.wrongOrganisation), part, "it names another organisation than the genesis in the file")
            return false
        }
        guard statement.seen == SeenBoth(roster: logs.rosterCheckpoint.seen, activity: logs.activityCheckpoint.seen)
        else {
            verdict.find(
                .otherCheckpoint, part, "the auditor's device had verified other checkpoints than those in the file")
            return false
        }
        let view = logs.roster.view(at: logs.roster.lastTime)
        guard let device = view.liveDevice(statement.device), let member = view.member(device.member),
            member.roles.contains(.auditor)
        else {
            verdict.find(
                .notAnAuditor, part,
                "\(Who(view: view).device(statement.device)) signed it, which is no live device of an auditor by the"
                    + " roster that it had seen")
            return false
        }
        guard let note, (try? note.verify(exactly: [NoteKey(device: device.key)])) != nil else {
            verdict.find(
                .init(.badSignature), part, "its signature is not that of \(Who(view: view).device(device.id))")
            return false
        }
        verdict.signatures += 1
        return true
    }

    /// The relay said that these two logs were one present. Without that word an older roster, whole and signed, would do:
    /// a device that was revoked since then would still sign, and what the revocation made of the message would be untrue.
    private mutating func checkHead(_ logs: EvidenceLogs) -> Bool {
        let part = EvidencePart.head.name
        guard let head = try? logs.roster.logKey(.activity).verify(head: parts[.head] ?? []) else {
            verdict.find(.init(.badSignature), part, "it is no head that the activity log's key signed")
            return false
        }
        let (roster, activity) = (logs.rosterCheckpoint, logs.activityCheckpoint)
        guard head.organisation == logs.roster.organisation,
            head.roster == .init(size: roster.size, root: roster.root),
            head.activity == .init(size: activity.size, root: activity.root)
        else {
            verdict.find(
                .otherHead, part,
                "the relay said it of a roster of \(head.roster.size) and an activity log of"
                    + " \(head.activity.size.counted("entry", "entries")), and the checkpoints in the file are not of these"
            )
            return false
        }
        verdict.head = head
        return true
    }

    /// The relay says when it was of both logs: not long before anything that stands in them, nor after the auditor took it.
    private mutating func checkHeadTime() {
        guard let head = verdict.head, let statement = verdict.statement, let view = verdict.view else { return }
        let part = EvidencePart.head.name
        let newest = verdict.events.map(\.logged).reduce(view.roster.lastTime, max)
        if newest.milliseconds(since: head.time) > HeadWatch.readMilliseconds {
            verdict.find(
                .init(.timeOrder), part,
                "the relay says that it is of \(head.time), and an entry that it covers is of \(newest)")
        } else if head.time.milliseconds(since: statement.at) > ClockRules.toleranceMilliseconds {
            verdict.find(
                .init(.clock), part,
                "the relay says that it is of \(head.time), which is more than 5 minutes after the auditor's device signed the"
                    + " file, at \(statement.at)")
        }
    }

    // MARK: The entries

    /// Every entry in its place, and every beginning of the log that signers name.
    private mutating func prove(_ statement: EvidenceStatement, _ logs: EvidenceLogs) -> EvidenceReplay? {
        let checkpoint = logs.activityCheckpoint
        let note = checkpoint.note.bytes
        var consistency: [UInt64: [Digest]] = [:]
        var entries: [EvidenceReplay.Proven] = []
        for part in order {
            switch part {
            case .consistency(let size):
                guard let file = ConsistencyFile(parsing: parts[part]!), file.old == size, file.checkpoint == note,
                    (1..<checkpoint.size).contains(size)
                else {
                    verdict.find(
                        .partMalformed, part.name,
                        "it is no consistency proof from size \(size) to the checkpoint in the file")
                    continue
                }
                consistency[size] = file.proof
            case .entry(let index):
                guard let entry = prove(index, checkpoint) else { continue }
                entries.append(.init(index: index, entry: entry))
            default: continue
            }
        }
        guard verdict.ok else { return nil }
        return EvidenceReplay(subject: statement.message, logs: logs, entries: entries, consistency: consistency)
    }

    private mutating func prove(_ index: UInt64, _ checkpoint: SignedCheckpoint) -> Entry? {
        let (entryPart, proofPart) = (EvidencePart.entry(index), EvidencePart.proof(index))
        guard let proof = try? LogProof(parsing: parts[proofPart] ?? []), proof.index == index,
            proof.checkpoint == checkpoint.note.bytes
        else {
            verdict.find(
                .partMalformed, proofPart.name, entry: index,
                "it is no tlog-proof of entry \(index) under the checkpoint in the file")
            return nil
        }
        let bytes = parts[entryPart]!
        let isIncluded = Proofs.isIncluded(
            leaf: MerkleTree.leafHash(bytes), index: index, size: checkpoint.size, root: checkpoint.root,
            proof: proof.path)
        guard isIncluded else {
            verdict.find(
                .proofFailed, entryPart.name, entry: index,
                "it is not what the log holds at \(index): its proof does not lead to the checkpoint's root")
            return nil
        }
        guard let entry = try? Entry(parsing: bytes) else {
            verdict.find(.init(.malformed), entryPart.name, entry: index, "it is no entry")
            return nil
        }
        return entry
    }

    // MARK: The capsule

    /// What the sender sealed to the auditors, opened with the key of this one capsule.
    private mutating func checkCapsule(of message: MessageID) {
        guard let sealed = parts[.capsule], let keyFile = parts[.capsuleKey],
            let content = parts[.capsuleContent]
        else { return }
        let manifests = verdict.events.compactMap { event in
            if case .manifest(let manifest) = event.kind { manifest } else { nil }
        }
        // Without one, that is what is told.
        guard let manifest = manifests.first else { return }
        guard let capsule = manifest.capsule else {
            return verdict.find(.notAboutIt, EvidencePart.capsule.name, "\(message) carries no capsule")
        }
        guard Manifest.Blob(of: sealed) == capsule.blob else {
            return verdict.find(
                .capsuleChanged, EvidencePart.capsule.name,
                "it is not the capsule whose size and hash the manifest states")
        }
        guard let key = EvidenceCapsule.key(parsing: keyFile) else {
            return verdict.find(.partMalformed, EvidencePart.capsuleKey.name, "it is no key")
        }
        let plaintext: [UInt8]
        do throws(SealingError) {
            plaintext = try MessageOpener.openCapsule(
                sealed, disclosedKey: key, binding: manifest.binding, commitment: capsule.commitment)
        } catch {
            guard error.code == .commitment else {
                return verdict.find(
                    .capsuleUnopened, EvidencePart.capsule.name, "it does not open with the key that belongs to it")
            }
            return verdict.find(
                .capsuleCommitment, EvidencePart.capsuleKey.name, "it is not the key that the manifest commits to")
        }
        guard content == plaintext else {
            return verdict.find(
                .capsuleUntrue, EvidencePart.capsuleContent.name, "it is not what the sealed capsule holds")
        }
        guard isCapsule(plaintext) else {
            return verdict.find(
                .capsuleMalformed, EvidencePart.capsuleContent.name,
                "what the sender sealed to the auditors is no capsule")
        }
        verdict.capsule = plaintext
    }
}
