import Auditing
import Secrets
import SignerSupport
import Statements
import TransparencyLog

/// What liars need beside what honest people do.
extension Telling {
    /// An honest message to Kim, who has one device and no pages.
    func message(_ name: String = "of the lie", served: [String] = ["kim"]) -> Sent {
        let sent = send(name, to: "kim", served: served)
        pass(2)
        return sent
    }

    /// Kim, or somebody else, answers: nothing about the message is overdue later.
    func settle(_ sent: Sent, by device: String = "kim") {
        pass(3)
        receipt(.delivered, of: sent, by: device)
        receipt(.acknowledged, of: sent, by: device)
    }

    /// A second device of a member, until somebody revokes it.
    func enrol(_ device: String, of member: String) {
        world.enrol(device, of: member)
        pass(5)
    }

    /// The message is no item of anybody's queue, and nobody waits for it: no reader can know of it.
    func forget(_ sent: Sent, queues: [DeviceID: (number: UInt64, hash: Digest)]) {
        world.queues = queues
        world.open.removeAll { $0.message == sent.message }
        for device in world.waiting.keys { world.waiting[device]?.removeAll { $0.message == sent.message } }
        over(sent)
    }
}

extension Shown {
    /// The first signed statement behind a place that had seen a tree with that place in it: where a changed tree shows.
    func witness(of place: UInt64) -> UInt64? {
        guard let entries = source.entries[.activity] else { return nil }
        return (Int(place) + 1..<entries.count).first { index in
            guard let entry = try? Entry(parsing: entries[index]), let note = try? SignedNote(parsing: entry.body)
            else {
                return false
            }
            let seen = (try? Manifest(parsing: note.text))?.seen ?? (try? Receipt(parsing: note.text))?.seen
            return seen.map { $0.activity.size > place } ?? false
        }.map(UInt64.init)
    }

    /// Puts other entries into a log and, if asked to, another root under its checkpoint.
    mutating func rewrite(_ log: TestLog, signed isSigned: Bool, _ change: (inout [[UInt8]]) -> Void) {
        var entries = log.entries
        change(&entries)
        source.entries[log.kind] = entries
        guard isSigned else { return }
        let tree = TestLog(log.kind, origin: log.checkpoint.checkpoint.origin)
        for entry in entries { tree.append(entry) }
        source.checkpoints[log.kind] = tree.checkpoint.note.bytes
    }

    /// As it was when the log had so many entries.
    mutating func cut(_ kind: LogKind, to size: UInt64) {
        guard let note = source.checkpoints[kind].flatMap({ try? SignedNote(parsing: $0) }),
            let checkpoint = try? Checkpoint(parsing: note.text)
        else { return }
        let log = TestLog(kind, origin: checkpoint.origin)
        for entry in source.entries[kind]?.prefix(Int(size)) ?? [] { log.append(entry) }
        source.entries[kind] = log.entries
        source.checkpoints[kind] = log.checkpoint.note.bytes
    }

    mutating func sign(_ log: TestLog, size: UInt64, root: Digest) {
        source.checkpoints[log.kind] = log.sign(size: size, root: root).note.bytes
    }
}
