import Membership
import Secrets
import Statements
import TransparencyLog

/// The logs of a file of evidence: the roster log whole and replayed, of the activity log the checkpoint.
struct EvidenceLogs {
    let roster: Roster
    /// Each roster entry's time, or the time before of one that has none: never decreasing as a roster accepts them.
    let times: [Timestamp]
    let rosterCheckpoint: SignedCheckpoint
    let activityCheckpoint: SignedCheckpoint

    /// - Returns: `nil` when there is nothing to judge by; the verdict says why.
    init?(_ parts: [EvidencePart: [UInt8]], pinned: OrganisationID?, verdict: inout EvidenceVerdict) {
        guard let claimed = Self.claimed(.roster, parts, &verdict), Self.claimed(.activity, parts, &verdict) != nil
        else { return nil }
        guard let entries = Self.entries(claimed, parts, &verdict),
            let (roster, times) = Self.replay(entries, pinned, &verdict)
        else { return nil }
        self.roster = roster
        self.times = times
        for log in LogKind.allCases where parts[.vkey(log)] != ExportDirectory.keyFile(roster.logKey(log)) {
            verdict.find(
                .wrongLogKey, EvidencePart.vkey(log).name,
                "it is not the key that genesis names for the \(log.rawValue) log")
        }
        guard let rosterCheckpoint = Self.signed(.roster, roster, parts, &verdict),
            let activityCheckpoint = Self.signed(.activity, roster, parts, &verdict)
        else { return nil }
        self.rosterCheckpoint = rosterCheckpoint
        self.activityCheckpoint = activityCheckpoint
        // A roster that breaks a rule was accepted by the relay: that is told, and the rest is judged by what remains.
        guard !verdict.findings.contains(where: { $0.entry == nil }) else { return nil }
    }

    /// The rosters that may have been in force at a time of the activity log, by their sizes: a roster's entries and the
    /// event that puts them in force have one time, so that only those of this very millisecond are in doubt.
    func sizesInForce(at time: Timestamp) -> ClosedRange<UInt64>? {
        let before = Self.count(times) { $0 < time }
        let upTo = Self.count(times) { $0 <= time }
        guard upTo > 0 else { return nil }
        return UInt64(max(before, 1))...UInt64(upTo)
    }

    /// Whom the roster names as witnesses, and which of them cosigned the checkpoints.
    var witnesses: WitnessStanding {
        let view = roster.view(at: roster.lastTime)
        let words = [(LogKind.roster, rosterCheckpoint), (.activity, activityCheckpoint)].flatMap { log, checkpoint in
            WitnessStanding.newest(in: [checkpoint], of: log, view.witnesses).map(\.word)
        }
        return WitnessStanding(policy: view.witnesses, since: view.witnessesSince, words: words)
    }

    /// How many stand at the beginning, by halves: times never decrease.
    private static func count(_ times: [Timestamp], _ belongs: (Timestamp) -> Bool) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if belongs(times[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Steps

    private static func claimed(
        _ log: LogKind, _ parts: [EvidencePart: [UInt8]], _ verdict: inout EvidenceVerdict
    ) -> Checkpoint? {
        guard let note = parts[.checkpoint(log)].flatMap({ try? SignedNote(parsing: $0) }),
            let claimed = try? Checkpoint(parsing: note.text), claimed.size > 0
        else {
            verdict.find(
                .checkpointInvalid, EvidencePart.checkpoint(log).name,
                "it is no checkpoint of a log that holds anything")
            return nil
        }
        return claimed
    }

    /// The roster log's entries, whose hashes are those of the tiles and give the checkpoint's root.
    private static func entries(
        _ claimed: Checkpoint, _ parts: [EvidencePart: [UInt8]], _ verdict: inout EvidenceVerdict
    ) -> [[UInt8]]? {
        var entries: [[UInt8]] = []
        var builder = TileBuilder()
        var tree = GrowingTree()
        var wanted: [(path: TilePath, bytes: [UInt8])] = []
        for path in TilePath.all(size: claimed.size) where path.kind == .entries {
            guard let bundle = parts[.tile(path)].flatMap({ try? EntryBundle.decode($0, count: path.width) }) else {
                verdict.find(
                    .partMalformed, EvidencePart.tile(path).name,
                    "it is no bundle of \(path.width.counted("entry", "entries"))")
                return nil
            }
            for bytes in bundle {
                let leaf = MerkleTree.leafHash(bytes)
                tree.append(leaf)
                wanted += builder.append(leaf)
            }
            entries += bundle
        }
        for tile in wanted + builder.partial where parts[.tile(tile.path)] != tile.bytes {
            verdict.find(.tileDiffers, EvidencePart.tile(tile.path).name, "it is not what the entries give")
        }
        if tree.root != claimed.root {
            verdict.find(
                .rootDiffers, EvidencePart.checkpoint(.roster).name,
                "the \(claimed.size.counted("entry", "entries")) in the file \(claimed.size == 1 ? "does" : "do") not give its root"
            )
        }
        return verdict.ok ? entries : nil
    }

    private static func replay(
        _ entries: [[UInt8]], _ pinned: OrganisationID?, _ verdict: inout EvidenceVerdict
    ) -> (roster: Roster, times: [Timestamp])? {
        var roster: Roster?
        var times: [Timestamp] = []
        for (index, bytes) in entries.enumerated() {
            let entry = try? Entry(parsing: bytes)
            do throws(RuleViolation) {
                guard let entry else { throw RuleViolation(.malformed, "it is no entry") }
                if roster == nil {
                    roster = try begin(entry, pinned)
                } else {
                    try roster?.append(entry)
                }
                verdict.signatures += (try? SignedNote(parsing: entry.body).signatures.count) ?? 0
            } catch {
                guard error.code != .unknownType else {
                    // Whoever signs the rest may have been named from here on.
                    verdict.later = "entry \(index) of the roster log"
                    return nil
                }
                let other = roster == nil ? another(entry, pinned) : nil
                verdict.organisation = other
                verdict.find(
                    .init(error.code), bundleName(of: index, in: entries.count), entry: UInt64(index),
                    other.map { "the file is about \($0), not about \(pinned?.description ?? ""), which was named" }
                        ?? "entry \(index) of the roster log breaks a rule: \(error.part)")
                guard roster != nil else { return nil }
                roster?.passOver(leafHash: MerkleTree.leafHash(bytes), time: entry?.time)
            }
            let time = entry?.time ?? Timestamp(milliseconds: 0)
            times.append(max(time, times.last ?? time))
        }
        return roster.map { ($0, times) }
    }

    private static func begin(_ entry: Entry, _ pinned: OrganisationID?) throws(RuleViolation) -> Roster {
        guard let pinned else { return try Roster(genesis: entry) }
        return try Roster(genesis: entry, organisation: pinned)
    }

    /// The organisation that the file is about, when it is another one than was named: nothing in it need have been changed.
    private static func another(_ entry: Entry?, _ pinned: OrganisationID?) -> OrganisationID? {
        guard let pinned, let entry, let found = (try? Roster(genesis: entry))?.organisation, found != pinned else {
            return nil
        }
        return found
    }

    private static func bundleName(of index: Int, in size: Int) -> String {
        let first = index / TilePath.fullWidth
        let width = min(TilePath.fullWidth, size - first * TilePath.fullWidth)
        return EvidencePart.tile(TilePath(kind: .entries, index: UInt64(first), width: width)).name
    }

    private static func signed(
        _ log: LogKind, _ roster: Roster, _ parts: [EvidencePart: [UInt8]], _ verdict: inout EvidenceVerdict
    ) -> SignedCheckpoint? {
        let part = EvidencePart.checkpoint(log).name
        guard let signed = try? roster.logKey(log).verify(checkpoint: parts[.checkpoint(log)] ?? []) else {
            verdict.find(
                .checkpointInvalid, part, "it is not signed by the key that genesis names for the \(log.rawValue) log")
            return nil
        }
        let witnesses = roster.view(at: roster.lastTime).witnesses
        guard CosignedCheckpoints.isExact(signed.note, key: roster.logKey(log), witnesses: witnesses) else {
            let untrue = witnesses.keys.first { witness in
                signed.note.signatures.contains(where: witness.isKey(of:))
                    && witness.cosignature(of: signed.note) == nil
            }
            verdict.find(
                .cosignatureInvalid, part,
                untrue.map { "the cosignature that bears the name of the witness \($0.name) is not by its key" }
                    ?? "a line under it is neither the log's nor, at its place, that of a witness that the roster names"
            )
            return nil
        }
        return signed
    }
}
