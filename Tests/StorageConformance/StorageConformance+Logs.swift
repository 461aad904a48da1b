import RelayStorage
import Statements

extension StorageConformance {
    private struct Deliberate: Error {}

    @Sendable static func throwingLeavesNothing(_ store: any RelayStore) async throws {
        do {
            try await store.write { transaction in
                try transaction.addOrganisation(Sample.organisation)
                try transaction.append(Sample.entry(1), at: 0, to: .roster, of: Sample.organisation)
                throw Deliberate()
            }
            throw ConformanceFailure(description: "the body's error was swallowed")
        } catch is Deliberate {
            let left = try await store.read { try $0.organisations() }
            try require(left.isEmpty, "what a throwing transaction wrote is still there")
        }
    }

    @Sendable static func headIsCompareAndSwap(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        try await store.write { transaction in
            try require(try transaction.head(.roster, of: organisation) == nil, "a head before founding")
            try transaction.addOrganisation(organisation)
            try transaction.advanceHead(to: Sample.head(size: 1), from: 0, of: .roster, of: organisation)
            try transaction.advanceHead(to: Sample.head(size: 3), from: 1, of: .roster, of: organisation)
        }
        for wrong in [UInt64(0), 1, 2, 4] {
            do {
                try await store.write {
                    try $0.advanceHead(to: Sample.head(size: 9), from: wrong, of: .roster, of: organisation)
                }
                throw ConformanceFailure(description: "the head moved from \(wrong), though it was 3")
            } catch let error as StorageError {
                try require(error.code == .headMoved, "a wrong error for a moved head")
            }
        }
        let (head, first, none) = try await store.read {
            (
                try $0.head(.roster, of: organisation), try $0.signedTree(1, of: .roster, of: organisation),
                try $0.signedTree(2, of: .roster, of: organisation)
            )
        }
        try require(head == Sample.head(size: 3), "the head is not the last that was stored")
        try require(first?.root == Sample.head(size: 1).root, "an earlier signed tree is forgotten")
        try require(none == nil, "a tree that was never signed is known")
    }

    @Sendable static func entries(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            for number in UInt8(0)..<10 {
                try transaction.append(
                    Sample.entry(number, message: number > 4 ? Sample.message(1) : nil), at: UInt64(number),
                    to: .activity,
                    of: organisation)
            }
            try transaction.storeFullTile([9, 9], level: 1, index: 4, of: .activity, of: organisation)
        }
        try await store.read { reader in
            try require(
                try reader.entry(3, in: .activity, of: organisation) == Sample.entry(3).bytes, "an entry's bytes differ"
            )
            try require(try reader.entry(10, in: .activity, of: organisation) == nil, "an entry behind the end")
            try require(try reader.entry(3, in: .roster, of: organisation) == nil, "an entry in the other log")
            let some = try reader.entries(from: 8, count: 5, in: .activity, of: organisation)
            try require(some == [Sample.entry(8).bytes, Sample.entry(9).bytes], "a page of entries")
            let leaves = try reader.leafHashes(from: 0, count: 2, of: .activity, of: organisation)
            try require(leaves == [Sample.entry(0).leafHash, Sample.entry(1).leafHash], "leaf hashes")
            try require(
                try reader.index(ofStatement: Sample.hash(7), in: .activity, of: organisation) == 7,
                "a statement's index")
            try require(
                try reader.index(ofStatement: Sample.hash(7), in: .roster, of: organisation) == nil,
                "a statement in the other log")
            try require(
                try reader.entryIndexes(about: Sample.message(1), of: organisation) == [5, 6, 7, 8, 9],
                "entries about a message")
            try require(
                try reader.fullTile(level: 1, index: 4, of: .activity, of: organisation) == [9, 9], "a stored tile")
            try require(
                try reader.fullTile(level: 0, index: 4, of: .activity, of: organisation) == nil,
                "a tile of another level")
        }
        for (number, index) in [(UInt8(3), UInt64(10)), (11, 3)] {
            do {
                try await store.write {
                    try $0.append(Sample.entry(number), at: index, to: .activity, of: organisation)
                }
                throw ConformanceFailure(description: "a statement or an index was taken twice")
            } catch is StorageError {}
        }
    }

    @Sendable static func organisationsAreApart(_ store: any RelayStore) async throws {
        try await store.write { transaction in
            for organisation in [Sample.organisation, Sample.other] { try transaction.addOrganisation(organisation) }
            try transaction.append(
                Sample.entry(1, message: Sample.message(1)), at: 0, to: .roster, of: Sample.organisation)
            try transaction.storeMessage(
                Sample.storedMessage(1, index: 0), parts: Sample.parts, sealedKeys: [(Sample.device(2), [1])],
                of: Sample.organisation)
            _ = try transaction.enqueue(
                NewQueueItem(
                    kind: .envelope, index: 0, leafHash: Sample.hash(1), message: Sample.message(1), byteCount: 5,
                    served: false
                ), for: Sample.device(2), of: Sample.organisation)
            try transaction.publish([Sample.prekey(1)], of: Sample.device(2), at: Sample.time, of: Sample.organisation)
            try transaction.storeAuditKeyOffer([1], of: Sample.device(2), of: Sample.organisation)
        }
        try await store.read { reader in
            let other = Sample.other
            try require(try reader.organisations() == [Sample.organisation, other], "the organisations, in order")
            try require(try reader.entry(0, in: .roster, of: other) == nil, "another organisation's entry")
            try require(try reader.message(Sample.message(1), of: other) == nil, "another organisation's message")
            try require(try reader.queue(of: Sample.device(2), of: other) == .empty, "another organisation's queue")
            try require(
                try reader.oneTimePrekeyCount(of: Sample.device(2), at: Sample.time, of: other) == 0,
                "another organisation's prekeys")
            try require(try reader.auditKeyOffers(of: other).isEmpty, "another organisation's offers")
        }
    }
}
