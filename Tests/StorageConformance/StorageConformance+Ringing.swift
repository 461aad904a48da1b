import RelayStorage
import Secrets
import Statements

extension StorageConformance {
    static let ringChecks: [Check] = [
        Check(description: "a ring token is found by its hash until another or none takes its place", run: ringTokens),
        Check(description: "a revoked device's ring token goes", run: forgottenRingToken),
        Check(description: "open messages are those that a device has and nobody answered in time", run: openMessages),
    ]

    private static func token(_ device: UInt8, _ number: UInt8) -> StoredRingToken {
        StoredRingToken(
            device: Sample.device(device), hash: Sample.hash(number), expires: Sample.time.adding(seconds: 86_400))
    }

    @Sendable static func ringTokens(_ store: any RelayStore) async throws {
        let first = token(2, 1)
        try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            try transaction.addOrganisation(Sample.other)
            try transaction.setRingToken(first, of: Sample.organisation)
            try transaction.setRingToken(token(3, 9), of: Sample.organisation)
        }
        func expect(
            _ number: UInt8, _ token: StoredRingToken?, _ sentence: String,
            of organisation: OrganisationID = Sample.organisation
        ) async throws {
            let found = try await store.read { try $0.ringToken(Sample.hash(number), of: organisation) }
            try require(found == token, sentence)
        }
        try await expect(1, first, "the ring token by its hash")
        try await expect(2, nil, "a hash that no token has")
        try await expect(1, nil, "a ring token in another organisation", of: Sample.other)
        let second = token(2, 2)
        try await store.write { try $0.setRingToken(second, of: Sample.organisation) }
        try await expect(1, nil, "the token before is found no more")
        try await expect(2, second, "the newer token")
        try await store.write { try $0.removeRingToken(of: Sample.device(2), of: Sample.organisation) }
        try await expect(2, nil, "a removed token is found no more")
        try await expect(9, token(3, 9), "another device's token stays")
    }

    @Sendable static func forgottenRingToken(_ store: any RelayStore) async throws {
        let found = try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            try transaction.setRingToken(token(2, 1), of: Sample.organisation)
            try transaction.forgetKeys(of: Sample.device(2), of: Sample.organisation)
            return try transaction.ringToken(Sample.hash(1), of: Sample.organisation)
        }
        try require(found == nil, "a forgotten device's ring token")
    }

    @Sendable static func openMessages(_ store: any RelayStore) async throws {
        let now = Sample.time
        let found = try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            for (number, life) in [(1, 60), (2, 30), (3, 0), (4, 60), (5, 60)] as [(UInt8, Int64)] {
                try transaction.storeMessage(
                    Sample.storedMessage(number, index: UInt64(number), expires: now.adding(seconds: life)),
                    parts: Sample.parts, sealedKeys: [], of: Sample.organisation)
            }
            try transaction.markAnswered(Sample.message(4), of: Sample.organisation)
            try transaction.markUnanswered(Sample.message(5), of: Sample.organisation)
            func open(_ device: UInt8, limit: Int = 10) throws -> [MessageID] {
                try transaction.openMessages(to: Sample.device(device), at: now, limit: limit, of: Sample.organisation)
                    .map(\.id)
            }
            return [try open(2), try open(3, limit: 1), try open(1)]
        }
        try require(found[0] == [Sample.message(2), Sample.message(1)], "the open messages, the first to end first")
        try require(found[1] == [Sample.message(2)], "no more open messages than asked for")
        try require(found[2] == [], "open messages of a device that is no recipient")
    }
}
