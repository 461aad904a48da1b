import RelayStorage
import Statements

extension StorageConformance {
    static let messageChecks: [Check] = [
        Check(description: "messages and their sealed parts come back as they were stored", run: messages),
        Check(description: "what a message answers or carries on comes back, and who carries it on", run: references),
        Check(description: "a message is looked for until somebody answered or its end was logged", run: expiry),
    ]

    @Sendable static func messages(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        let message = Sample.storedMessage(1, index: 17)
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            try transaction.storeMessage(
                message, parts: Sample.parts, sealedKeys: [(Sample.device(2), [1, 2]), (Sample.device(3), [3, 4])],
                of: organisation)
            try require(try transaction.message(message.id, of: organisation) == message, "the message differs")
            try require(try transaction.message(Sample.message(2), of: organisation) == nil, "an unknown message")
            try require(try transaction.parts(of: message, of: organisation) == Sample.parts, "the parts differ")
            func key(_ device: UInt8) throws -> [UInt8]? {
                try transaction.sealedKey(of: message, for: Sample.device(device), of: organisation)
            }
            try require(try key(3) == [3, 4], "a device's sealed key")
            try require(try key(4) == nil, "a sealed key of a device that has none")
            try transaction.destroySealedKey(of: message, for: Sample.device(3), of: organisation)
            try require(try key(3) == nil, "a destroyed sealed key")
            try require(try key(2) == [1, 2], "another device's sealed key went too")
        }
        do {
            try await store.write {
                try $0.storeMessage(message, parts: Sample.parts, sealedKeys: [], of: organisation)
            }
            throw ConformanceFailure(description: "a message id was taken twice")
        } catch is StorageError {}
    }

    @Sendable static func references(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            let references: [Manifest.Reference?] = [
                nil, .inReplyTo(Sample.message(1)), .forwardOf(Sample.message(1)), .forwardOf(Sample.message(1)),
            ]
            for (number, reference) in references.enumerated() {
                let plain = Sample.storedMessage(UInt8(number + 1), index: UInt64(number))
                let message = StoredMessage(
                    id: plain.id, index: plain.index, manifest: plain.manifest, sender: plain.sender,
                    senderMember: Sample.member(UInt8(number + 1)), member: plain.member, expires: plain.expires,
                    recipients: plain.recipients, reference: reference)
                try transaction.storeMessage(message, parts: Sample.parts, sealedKeys: [], of: organisation)
                try require(try transaction.message(plain.id, of: organisation) == message, "the reference differs")
            }
            try require(
                try transaction.forwarders(of: Sample.message(1), of: organisation) == [
                    Sample.member(3), Sample.member(4),
                ], "who carries it on")
            try require(try transaction.forwarders(of: Sample.message(2), of: organisation).isEmpty, "nobody does")
        }
    }

    @Sendable static func expiry(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            try require(try transaction.nextExpiry(of: organisation) == nil, "an expiry without a message")
            for number in UInt8(1)...4 {
                try transaction.storeMessage(
                    Sample.storedMessage(
                        number, index: UInt64(number), expires: Sample.time.adding(seconds: Int64(number))),
                    parts: Sample.parts, sealedKeys: [], of: organisation)
            }
            try transaction.markAnswered(Sample.message(1), of: organisation)
            try transaction.markUnanswered(Sample.message(2), of: organisation)
            try require(
                try transaction.nextExpiry(of: organisation) == Sample.time.adding(seconds: 3), "the next expiry")
            let over = try transaction.unansweredMessages(
                at: Sample.time.adding(seconds: 3), limit: 10, of: organisation)
            try require(over.map(\.id) == [Sample.message(3)], "messages that are over and unanswered")
            try transaction.markAnswered(Sample.message(2), of: organisation)
            try require(
                try transaction.unansweredMessages(at: Sample.time.adding(seconds: 9), limit: 1, of: organisation).count
                    == 1, "the limit")
        }
    }
}
