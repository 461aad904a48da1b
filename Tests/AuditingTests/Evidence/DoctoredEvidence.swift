import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import TransparencyLog

@testable import Auditing

/// A file of evidence, and what a check must say of it.
struct DoctoredEvidence: Sendable, CustomStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// The part that the first finding names; `nil` for a file that is as it should be.
    let part: String?
    let entry: UInt64?

    var description: String { name }

    init(_ name: String, _ bytes: [UInt8], _ part: String?, entry: UInt64? = nil) {
        self.name = name
        self.bytes = bytes
        self.part = part
        self.entry = entry
    }

    /// A message that was answered, handed on and closed; one that nobody answered; a device that was revoked.
    static func story() -> World {
        let world = World.practice()
        func then(_ step: () -> Void) {
            world.wait(seconds: 7)
            step()
        }
        var sent: [String: Sent] = [:]
        then { world.log(.fallback(.named("tablet"), .named("answered"), world.auditKey.publicKey.id)) }
        then { sent["other"] = world.send("other", served: ["bo"]) }
        then { world.receipt(.delivered, of: sent["other"]!, by: "bo") }
        then { sent["answered"] = world.send("answered", served: ["bo"]) }
        then { world.log(.pushed(.named("tablet"), sent["answered"]!.message, .webPush, attempt: 1, .accepted)) }
        then { world.receipt(.delivered, of: sent["answered"]!, by: "bo") }
        then { world.receipt(.read, of: sent["other"]!, by: "bo") }
        then { world.deliver(sent["answered"]!, to: "tablet") }
        then { world.log(.served(.named("ivy"), sent["answered"]!.message, .notice)) }
        then {
            for action in [ReceiptAction.read, .acknowledged] { world.receipt(action, of: sent["answered"]!, by: "bo") }
        }
        then {
            sent["reply"] = world.send(
                "reply", from: "bo", to: "ivy", served: ["ivy"], reference: .inReplyTo(sent["answered"]!.message))
        }
        then { world.receipt(.delivered, of: sent["reply"]!, by: "ivy") }
        then { sent["expired"] = world.send("expired", lifeSeconds: 600, without: "tablet") }
        then { world.join("cai", roles: [.provider]) }
        then { sent["forward"] = world.send("forward", from: "bo", to: "cai", carrying: sent["answered"]!) }
        then { world.receipt(.handedOff, of: sent["answered"]!, by: "bo") }
        then { world.deliver(sent["forward"]!, to: "cai") }
        then { world.revoke("tablet") }
        then { world.receipt(.closed, of: sent["answered"]!, by: "bo") }
        then { sent["late"] = world.send("late") }
        then { world.look(at: sent["answered"]!, by: "udo") }
        world.wait(seconds: 900)
        world.unanswered(sent["expired"]!)
        return world
    }

    /// Every message's file, as an honest auditor makes it.
    static func honest(_ world: World) async throws -> [DoctoredEvidence] {
        var cases: [DoctoredEvidence] = []
        for name in ["answered", "other", "reply", "forward", "expired", "late"] {
            cases.append(.init("honest \(name)", try await world.evidence(about: name).bytes, nil))
        }
        cases.append(
            .init("with its capsule", try await world.evidence(about: "answered", capsule: true).bytes, nil))
        return cases
    }

    /// Files under whose checkpoints cosignatures stand: as they are, and as an auditor who lies makes them.
    static func cosigned() async throws -> [DoctoredEvidence] {
        let world = story()
        let honest = try await world.cosignedEvidence(about: "answered")
        var cases: [DoctoredEvidence] = [.init("cosigned", honest.bytes, nil)]
        cases += changedParts(honest) + forgedParts(honest)
        func under(
            _ log: LogKind, _ title: String, isFine: Bool = false, _ lines: ([NoteSignature]) -> [NoteSignature]
        ) throws {
            let part = EvidencePart.checkpoint(log)
            let note = try SignedNote(parsing: honest[part])
            var file = honest
            // Proofs carry it along: everywhere, as a careful liar would.
            file.replace(note.bytes, with: SignedNote(text: note.text, signatures: lines(note.signatures)).bytes)
            file.seal()
            cases.append(.init("\(log.rawValue): \(title)", file.bytes, isFine ? nil : part.name))
        }
        for (log, other) in [(LogKind.roster, LogKind.activity), (.activity, .roster)] {
            let checkpoint = log == .roster ? world.roster.checkpoint : world.activity.checkpoint
            let foreign = try SignedNote(parsing: honest[.checkpoint(other)]).signatures
            func line(_ name: String) -> NoteSignature {
                WitnessPerson(name).cosignature(of: checkpoint, at: world.now).signature
            }
            let one = WitnessPerson("one").key
            let borrowed = NoteSignature(name: one.name, keyID: one.id, bytes: line("two").bytes)
            try under(log, "no cosignature", isFine: true) { [$0[0]] }
            try under(log, "one cosignature less", isFine: true) { Array($0.prefix(2)) }
            try under(log, "out of order") { [$0[0], $0[2], $0[1]] }
            try under(log, "before the log's") { [$0[1], $0[0], $0[2]] }
            try under(log, "twice") { $0 + [$0[2]] }
            try under(log, "a stranger's") { $0 + [line("stranger")] }
            try under(log, "another's under that name") { [$0[0], borrowed, $0[2]] }
            try under(log, "of the other log") { [$0[0], foreign[1], $0[2]] }
            try under(log, "the other log's own") { $0 + [foreign[0]] }
        }
        return cases
    }

    /// Every part changed and nothing else: the list tells.
    static func changedParts(_ honest: EvidenceFiles) -> [DoctoredEvidence] {
        honest.names.dropFirst(2).map { name in
            var file = honest
            file[name][file[name].count / 2] ^= 1
            return .init("changed \(name)", file.bytes, name)
        }
    }

    /// Every part changed by an auditor who signs the list anew: then the logs tell, but of the text that explains them.
    static func forgedParts(_ honest: EvidenceFiles) -> [DoctoredEvidence] {
        honest.names.dropFirst(2).compactMap { name in
            guard let part = EvidencePart(name) else { return nil }
            var file = honest
            // In the last signature, or among the last hashes.
            file[name][file[name].count - 9] ^= 1
            file.seal()
            switch part {
            case .readme: return .init("forged \(name)", file.bytes, nil)
            case .entry(let index): return .init("forged \(name)", file.bytes, name, entry: index)
            // Its last bytes are a checkpoint's.
            case .proof(let index): return .init("forged \(name)", file.bytes, name, entry: index)
            // The root is what the entries give; the first tile that does not fit is a hash tile.
            case .tile(let path) where path.kind == .entries:
                return .init("forged \(name)", file.bytes, EvidencePart.tile(firstHashTile(honest)).name)
            default: return .init("forged \(name)", file.bytes, name)
            }
        }
    }

    private static func firstHashTile(_ file: EvidenceFiles) -> TilePath {
        let paths = file.names.compactMap { name in
            if case .tile(let path)? = EvidencePart(name) { path } else { nil }
        }
        return paths.first { $0.kind != .entries }!
    }

    /// What the archive itself may be.
    static func archives(_ honest: EvidenceFiles) -> [DoctoredEvidence] {
        let bytes = honest.bytes
        var cases: [DoctoredEvidence] = [
            .init("cut off in a file", Array(bytes.prefix(bytes.count / 2)), "archive"),
            .init("cut off in a header", Array(bytes.prefix(bytes.count / 512 / 2 * 512 + 17)), "archive"),
            .init("without its end", Array(bytes.dropLast(1_024)), "archive"),
            .init("without half its end", Array(bytes.dropLast(512)), "archive"),
            .init("with something behind it", bytes + [0], "archive"),
            .init("with a block behind it", bytes + [UInt8](repeating: 0, count: 512), "archive"),
        ]
        func header(_ name: String, _ change: (inout [UInt8]) -> Void) {
            var changed = bytes
            change(&changed)
            cases.append(.init(name, changed, "archive"))
        }
        header("another mode") { $0[106] = UInt8(ascii: "5") }
        header("another checksum") { $0[153] ^= 1 }
        header("a size without end") { $0.replaceSubrange(124..<135, with: Array("77777777777".utf8)) }
        header("a size beyond the file") { $0.replaceSubrange(124..<135, with: Array("07777777777".utf8)) }
        let padded = 512 + (honest[.note].count + 511) / 512 * 512
        header("padding that says something") { $0[padded - 1] ^= 1 }
        func named(_ title: String, _ name: String, _ part: String) {
            var file = honest
            file.files.append(.init(name: name, bytes: [1, 2, 3]))
            cases.append(.init(title, file.bytes, part))
        }
        named("a name twice", EvidencePart.folder + "README.txt", "archive")
        named("a name that leads out", "nightbell-evidence/../x", "archive")
        named("a name from the root", "/etc/passwd", "archive")
        named("a name of another folder", "elsewhere/x", "elsewhere/x")
        named("a file that is not listed", EvidencePart.folder + "more.txt", "more.txt")
        named("an empty part of a name", "nightbell-evidence//x", "archive")
        func edited(_ title: String, _ part: String, _ change: (inout EvidenceFiles) -> Void) {
            var file = honest
            change(&file)
            cases.append(.init(title, file.bytes, part))
        }
        edited("a part left out", "activity/checkpoint") { $0.remove(.checkpoint(.activity)) }
        edited("two files changed places", "SHA256SUMS") { $0.files.swapAt(4, 5) }
        edited("the list is not the second", "SHA256SUMS") { $0.files.swapAt(1, 2) }
        edited("the list changed", "SHA256SUMS") { $0[.sums][3] ^= 1 }
        edited("the note changed", "evidence.note") { $0[.note][0] ^= 1 }
        edited("the note's signature changed", "evidence.note") { $0[.note][$0[.note].count - 20] ^= 1 }
        edited("the list of the note changed", "SHA256SUMS") { file in
            let text = String(decoding: file[.note], as: UTF8.self)
            let hash = Digest.sha256(file[.sums]).hex
            file[.note] = Array(text.replacing(hash, with: Digest.of("another").hex).utf8)
        }
        return cases
    }

    /// Files that an auditor signs who lies.
    static func liars(_ world: World, _ honest: EvidenceFiles) async throws -> [DoctoredEvidence] {
        var cases: [DoctoredEvidence] = []
        func edited(
            _ title: String, _ part: String, entry: UInt64? = nil, by signer: String = "udo", as device: String? = nil,
            seen: SeenBoth? = nil, _ change: (inout EvidenceFiles) -> Void = { _ in }
        ) {
            var file = honest
            change(&file)
            file.seal(by: signer, as: device, seen: seen)
            cases.append(.init(title, file.bytes, part, entry: entry))
        }
        let entries = honest.entries
        let (first, second) = (entries[1], entries[2])
        edited("two entries changed places", "activity/entry/\(first)", entry: first) {
            ($0[.entry(first)], $0[.entry(second)]) = ($0[.entry(second)], $0[.entry(first)])
        }
        edited("the proof of another entry", "activity/proof/\(first).tlog-proof", entry: first) {
            $0[.proof(first)] = $0[.proof(second)]
        }
        edited("the proof of another entry under its number", "activity/entry/\(first)", entry: first) { file in
            let other = try! LogProof(parsing: file[.proof(second)])
            file[.proof(first)] = LogProof(index: first, path: other.path, checkpoint: other.checkpoint).bytes
        }
        edited("an entry left out of its proof", "activity/proof/\(first).tlog-proof") { $0.remove(.proof(first)) }
        edited("a proof without its entry", "activity/proof/\(first).tlog-proof") { $0.remove(.entry(first)) }
        let receipt = honest.entries(saying: "action closed")[0]
        edited("a receipt with another reason", "activity/entry/\(receipt)", entry: receipt) { file in
            let text = String(decoding: file[.entry(receipt)], as: UTF8.self)
            file[.entry(receipt)] = Array(text.replacing("action closed", with: "action read").utf8)
        }
        let manifest = honest.entries(saying: "nightbell.manifest/v1", MessageID.named("answered").description)[0]
        edited("without the manifest", "activity/entry/\(second)", entry: second) {
            $0.remove(.entry(manifest))
            $0.remove(.proof(manifest))
        }
        let size = honest.names.compactMap { name in
            if case .consistency(let size)? = EvidencePart(name) { size } else { nil }
        }[0]
        let seeing = honest.entries(saying: "seen activity \(size) ")[0]
        edited("a consistency proof left out", "activity/consistency/\(size)", entry: seeing) {
            $0.remove(.consistency(size))
        }
        edited("a consistency proof of another size", "activity/consistency/\(size)", entry: seeing) { file in
            let old = ConsistencyFile(parsing: file[.consistency(size)])!
            file[.consistency(size)] =
                ConsistencyFile(old: size, proof: old.proof.reversed() + old.proof, checkpoint: old.checkpoint).bytes
        }
        edited("a consistency proof that nobody needs", "activity/consistency/2") { file in
            let proof = try! world.activity.tree.consistencyProof(from: 2, to: world.activity.size)
            let next = EvidencePart.consistency(size)
            file.add(
                .consistency(2), ConsistencyFile(old: 2, proof: proof, checkpoint: file[.checkpoint(.activity)]).bytes,
                before: next)
        }
        edited("a part that nobody knows", "activity/entry/01") {
            $0.files.append(.init(name: EvidencePart.folder + "activity/entry/01", bytes: [1]))
        }
        // The log's last entry says that nobody answered another message.
        let stranger = world.activity.size - 1
        edited("an entry about another message", "activity/entry/\(stranger)", entry: stranger) { file in
            let path = try! world.activity.tree.inclusionProof(index: stranger, size: world.activity.size)
            file.add(.entry(stranger), world.activity.entries[Int(stranger)])
            file.add(
                .proof(stranger),
                LogProof(index: stranger, path: path, checkpoint: file[.checkpoint(.activity)]).bytes)
        }
        edited("by a recipient", "evidence.note", by: "bo")
        edited("by an admin", "evidence.note", by: "ana")
        edited("by a revoked device", "evidence.note", by: "tablet")
        edited("by nobody", "evidence.note", by: "nobody")
        edited("by another in the auditor's name", "evidence.note", by: "bo", as: "udo")
        let other = SeenBoth(roster: honest.statement.seen.roster, activity: world.sign(.activity, size: 3).seen)
        edited("with another checkpoint", "evidence.note", seen: other)
        edited("with another log's key", "activity/log.vkey") { $0[.vkey(.activity)] = $0[.vkey(.roster)] }
        edited("with the checkpoint of another log", "activity/checkpoint") {
            $0[.checkpoint(.activity)] = $0[.checkpoint(.roster)]
        }
        edited("without a head", "head.note") { $0.remove(.head) }
        edited("with another time's head", "head.note") { file in
            file[.head] = world.activity.sign(
                Head(
                    organisation: world.organisation, time: world.now,
                    roster: .init(size: 1, root: world.roster.root), activity: .init(size: 1, root: .zero), device: nil)
            )
        }
        return cases + (try await shortened(world))
    }

    /// The roster log without its end, where a device was revoked: with the head, and without it.
    private static func shortened(_ world: World) async throws -> [DoctoredEvidence] {
        let size = world.roster.size - 1
        let checkpoint = world.sign(.roster, size: size)
        let honest = try await world.evidence(about: "late")
        var tree = GrowingTree()
        var builder = TileBuilder()
        for entry in world.roster.entries.prefix(Int(size)) {
            tree.append(MerkleTree.leafHash(entry))
            _ = builder.append(MerkleTree.leafHash(entry))
        }
        var file = honest
        for name in honest.names {
            if let part = EvidencePart(name), case .tile = part { file.remove(part) }
        }
        file[.checkpoint(.roster)] = checkpoint.note.bytes
        let bundle = TilePath(kind: .entries, index: 0, width: Int(size))
        file.add(
            .tile(bundle), EntryBundle.encode(world.roster.entries.prefix(Int(size))), before: .vkey(.activity))
        for tile in builder.partial { file.add(.tile(tile.path), tile.bytes, before: .vkey(.activity)) }
        let seen = SeenBoth(roster: checkpoint.seen, activity: world.activity.checkpoint.seen)
        file.seal(seen: seen)
        var headless = file
        headless.remove(.head)
        headless.seal(seen: seen)
        return [
            .init("a roster without its end", file.bytes, "head.note"),
            .init("a roster without its end, and no head", headless.bytes, "head.note"),
        ]
    }

    /// Logs in which somebody lied, and the relay took it: the file is true, and shows the lie.
    static func lies() async throws -> [DoctoredEvidence] {
        var cases: [DoctoredEvidence] = []
        func told(_ title: String, _ tell: (World) -> UInt64) async throws {
            let world = World.practice()
            let index = tell(world)
            world.wait(seconds: 5)
            cases.append(
                .init(title, try await world.evidence(about: "m").bytes, "activity/entry/\(index)", entry: index))
        }
        try await told("a receipt that follows no other") { world in
            let sent = world.send("m", served: ["bo"])
            world.receipt(.delivered, of: sent, by: "bo")
            return world.receipt(.read, of: sent, by: "bo") { $0.previous = .of("another") }
        }
        try await told("a receipt's number twice") { world in
            let sent = world.send("m", served: ["bo"])
            world.receipt(.delivered, of: sent, by: "bo")
            world.receipt(.read, of: sent, by: "bo")
            return world.receipt(.acknowledged, of: sent, by: "bo") { $0.number = 2 }
        }
        try await told("a receipt that leaves numbers out") { world in
            let sent = world.send("m", served: ["bo"])
            world.receipt(.delivered, of: sent, by: "bo")
            return world.receipt(.read, of: sent, by: "bo") { $0.number = 9 }
        }
        try await told("a receipt before it was served") { world in
            let sent = world.send("m")
            return world.receipt(.delivered, of: sent, by: "bo")
        }
        try await told("a receipt by another's key") { world in
            let sent = world.send("m", served: ["bo"])
            return world.receipt(.delivered, of: sent, by: "bo", signer: .device("ivy"))
        }
        try await told("a receipt of another manifest") { world in
            let sent = world.send("m", served: ["bo"])
            return world.receipt(.delivered, of: sent, by: "bo") { $0.manifest = .of("another") }
        }
        try await told("a receipt of a device that was revoked") { world in
            let sent = world.send("m", served: ["bo", "tablet"])
            world.receipt(.delivered, of: sent, by: "tablet")
            world.wait(seconds: 1)
            world.commit(world.revocation("tablet"), by: [.device("ana")])
            world.wait(seconds: 1)
            return world.receipt(.read, of: sent, by: "tablet")
        }
        try await told("served to a stranger") { world in
            let sent = world.send("m")
            return world.serve(sent, to: "udo")
        }
        try await told("served after its revocation") { world in
            let sent = world.send("m")
            world.wait(seconds: 1)
            world.commit(world.revocation("tablet"), by: [.device("ana")])
            world.wait(seconds: 1)
            return world.serve(sent, to: "tablet")
        }
        try await told("unanswered before its time") { world in world.unanswered(world.send("m")) }
        try await told("unanswered after an answer") { world in
            let sent = world.send("m", lifeSeconds: 60, served: ["bo"])
            world.receipt(.acknowledged, of: sent, by: "bo")
            world.wait(seconds: 100)
            return world.unanswered(sent)
        }
        try await told("unanswered twice") { world in
            let sent = world.send("m", lifeSeconds: 60, served: ["bo"])
            world.wait(seconds: 100)
            world.unanswered(sent)
            return world.log(.unanswered(sent.message))
        }
        try await told("undeliverable to a revoked device that it was not sealed to") { world in
            world.commit(world.revocation("tablet"), by: [.device("ana")])
            world.wait(seconds: 1)
            let sent = world.send("m")
            return world.log(.undeliverable(.named("tablet"), sent.message, .revoked))
        }
        try await told("undeliverable without a reason") { world in
            let sent = world.send("m")
            return world.log(.undeliverable(.named("bo"), sent.message, .revoked))
        }
        try await told("a manifest by another's key") { world in world.send("m", by: "bo").index }
        try await told("a manifest to a device too few") { world in
            world.send("m") { draft in draft.recipients.removeLast() }.index
        }
        try await told("a manifest on an old roster") { world in
            let seen = world.seen
            world.wait(seconds: 1)
            world.join("new", roles: [.provider])
            world.wait(seconds: 1)
            return world.send("m") { $0.seen = SeenBoth(roster: seen.roster, activity: $0.seen.activity) }.index
        }
        try await told("a manifest with another binding") { world in world.send("m") { $0.binding = .of("x") }.index }
        try await told("a look by somebody who is no auditor") { world in
            let sent = world.send("m")
            return world.look(at: sent, by: "bo")
        }
        try await told("a look by another's key") { world in
            let sent = world.send("m")
            return world.look(at: sent, by: "udo", signer: "bo")
        }
        try await told("seen that no log signed") { world in
            world.send("m") { draft in
                let seen = draft.seen.activity
                var signature = seen.signature.bytes
                signature[20] ^= 1
                draft.seen = SeenBoth(
                    roster: draft.seen.roster,
                    activity: Seen(size: seen.size, root: seen.root, signature: SeenSignature(bytes: signature)))
            }.index
        }
        // Two histories: what the signer had seen carries the log's signature, and is not this log.
        let world = World.practice()
        var size: UInt64 = 0
        let index = world.send("m") { draft in
            size = draft.seen.activity.size
            draft.seen = SeenBoth(
                roster: draft.seen.roster, activity: world.activity.sign(size: size, root: .of("another")).seen)
        }.index
        cases.append(
            .init(
                "seen of another history", try await world.evidence(about: "m").bytes, "activity/consistency/\(size)",
                entry: index))
        return cases
    }
}

extension World {
    /// An auditor's look at a message.
    @discardableResult
    func look(at sent: Sent, by device: String, signer: String? = nil) -> UInt64 {
        let access = Access(
            organisation: organisation, seen: seen, signer: .device(.named(device)), kind: .evidence,
            subject: .message(sent.message), reason: .legal, at: now)
        let note = SignedNote(access.text, by: [.device(signer ?? device)])
        return activity.append(Entry(time: now, body: note.bytes))
    }

    /// The log's checkpoint when it had this size.
    func sign(_ kind: LogKind, size: UInt64) -> SignedCheckpoint {
        let log = kind == .roster ? roster : activity
        return log.sign(size: size, root: try! log.tree.root(size: size))
    }
}
