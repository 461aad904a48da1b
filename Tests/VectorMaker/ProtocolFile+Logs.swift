import FuzzSupport
import Secrets
import Statements
import TransparencyLog

extension ProtocolFile {
    func log(_ log: StoryLog) -> JSONValue {
        [
            "origin": .string(log.origin), "vkey": .string(log.key.key.vkey),
            "entries": .array(
                log.entries.map {
                    [
                        "statement": .string($0.vector.name), "time": .string($0.entry.time.description),
                        "bytes": .integer($0.entry.bytes.count), "leaf": .string($0.entry.leafHash.hex),
                    ]
                }),
            "checkpoints": .array(
                log.checkpoints.map {
                    [
                        "size": .integer(Int($0.size)), "root": .string($0.root.hex), "note": text($0.note.bytes),
                        "short": .string($0.shortForm),
                    ]
                }),
        ]
    }

    /// Every entry's proof would be much of the same: the first, the last, and the manifest's.
    var proofs: JSONValue {
        let manifest = story.activity.entries.firstIndex { $0.vector.name == "manifest" }!
        return .array(
            [(story.roster, 0), (story.activity, manifest), (story.activity, story.activity.entries.count - 1)].map {
                log, index in
                [
                    "log": .string(log.kind.rawValue), "index": .integer(index),
                    "tlog-proof": text(log.proof(of: UInt64(index)).bytes),
                ]
            })
    }

    var consistency: JSONValue {
        let size = story.activity.tree.size
        return .array(
            [1, 2, 3, 4, 7, 8, size / 2, size - 1, size].map { first in
                [
                    "log": "activity", "first": .integer(Int(first)), "second": .integer(Int(size)),
                    "path": .array(
                        try! story.activity.tree.consistencyProof(from: first, to: size).map { binary($0.bytes) }),
                ]
            })
    }

    var tiles: JSONValue {
        .array(
            TilePath.all(size: story.activity.tree.size).map { path in
                let bytes =
                    switch path.kind {
                    case .entries: EntryBundle.encode(story.activity.entries.map(\.entry.bytes))
                    case .hashes: HashTile.encode(story.activity.entries.map(\.entry.leafHash))
                    }
                return [
                    "log": "activity", "path": .string(path.description), "bytes": .integer(bytes.count),
                    "sha256": .string(Digest.sha256(bytes).hex),
                ]
            })
    }

    var queue: JSONValue {
        let queue = story.queue
        return [
            "device": .string(Fixed.device("device ivy").description),
            "items": .array(queue.items.map { .integer(Int($0)) }),
            "running-hashes": .array(queue.hashes.map { .string($0.hex) }),
        ]
    }
}
