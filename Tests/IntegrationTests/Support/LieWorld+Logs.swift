import DeviceKit
import DeviceStorage
import Foundation
import Membership
import RelayAPI
import Secrets
import Statements
import Testing
import TransparencyLog

/// What the relay knows of its own logs, fetched as an auditor.
extension LieWorld {
    /// The activity log as it is now.
    func activity() async throws -> KnownLog {
        let session = try session(of: .vera)
        let signer = try signer(of: .vera)
        do {
            let answer = try await session.connection.answer(
                to: .get(APIPath.head(keys.organisation)), signer: signer, as: HeadAnswer.self)
            let size = try keys.read(answer).activity.size
            let tile = TilePath(kind: .entries, index: 0, width: Int(size))
            let bytes = try await session.connection.answer(
                to: .get(APIPath.tile(keys.organisation, .activity, tile)), signer: signer)
            await session.close()
            return KnownLog(entries: try EntryBundle.decode(bytes, count: Int(size)))
        } catch {
            await session.close()
            throw error
        }
    }

    /// The receipts on a message as the activity log has them: action, reason or word on the capsule, device.
    func loggedReceipts(on message: String) async throws -> [String] {
        try await activity().entries.compactMap { bytes in
            guard case .receipt(let receipt, _) = try ActivityStatement(parsing: Entry(parsing: bytes).body),
                receipt.message.description == message
            else { return nil }
            let word = receipt.reason?.rawValue ?? receipt.capsule?.rawValue ?? "none"
            return "\(receipt.action.rawValue) \(word) \(receipt.device)"
        }
    }

    /// The relay's word on the present for a device, not taken in by its profile.
    func present(of who: Who) async throws -> Head {
        let session = try session(of: who)
        let answer: HeadAnswer
        do {
            answer = try await session.connection.answer(
                to: .get(APIPath.head(keys.organisation)), signer: try signer(of: who), as: HeadAnswer.self)
            await session.close()
        } catch {
            await session.close()
            throw error
        }
        return try keys.read(answer)
    }

    /// The roster log as a device holds it.
    func roster(of who: Who) throws -> KnownLog {
        KnownLog(entries: try profile(of: who).store.look { try $0.rosterEntries() })
    }

    /// An auditor's replay does not end well, and names this.
    func expectAuditFinds(
        _ outcome: Outcome, _ codes: String..., at location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(outcome.status == 65, "\(outcome)", sourceLocation: location)
        let document = try outcome.json()
        #expect(document["ok"]?.bool == false, sourceLocation: location)
        let found = document["findings"]?.array?.compactMap { $0["code"]?.string } ?? []
        for code in codes { #expect(found.contains(code), "\(outcome)", sourceLocation: location) }
    }
}

extension LieWorld {
    /// The sentences of an auditor's findings of one kind.
    func sentence(of code: String, in outcome: Outcome) throws -> String {
        let findings = try outcome.json()["findings"]?.array?.filter { $0["code"]?.string == code } ?? []
        return findings.compactMap { $0["sentence"]?.string }.joined(separator: "\n")
    }
}

/// A log's entries, and the tree that they make.
struct KnownLog: Sendable {
    let entries: [[UInt8]]

    var tree: GrowingTree {
        var tree = GrowingTree()
        for entry in entries { tree.append(MerkleTree.leafHash(entry)) }
        return tree
    }

    /// The log with one more entry.
    func adding(_ entry: [UInt8]) -> KnownLog { KnownLog(entries: entries + [entry]) }

    /// Proves that notes stand behind this log's end, in a tree that nobody else will ever see.
    func pretending(_ notes: [[UInt8]], _ keys: LyingRelayKeys) throws -> [LoggedEntry] {
        let first = entries.count
        let all = notes.reduce(self) { $0.adding(Entry(time: .now(), body: $1).bytes) }
        let tree = all.tree
        let signed = keys.sign(.activity, size: tree.size, root: tree.root)
        return try notes.indices.map { place in
            let index = UInt64(first + place)
            let proof = LogProof(
                index: index, path: try tree.inclusionProof(index: index, size: tree.size),
                checkpoint: signed.note.bytes)
            // Without a consistency proof: whoever asks makes it from the tiles, which this tree does not have.
            return LoggedEntry(
                log: LogKind.activity.rawValue, index: index,
                entry: String(decoding: all.entries[Int(index)], as: UTF8.self),
                proof: String(decoding: proof.bytes, as: UTF8.self),
                consistency: try tree.consistencyProof(from: UInt64(first), to: tree.size).map {
                    Base64.encode($0.bytes)
                })
        }
    }
}
