import RelayStorage
import Secrets
import Statements

extension StorageConformance {
    static let blobChecks: [Check] = [
        Check(description: "an upload is its device's, and goes on where it was", run: uploads),
        Check(description: "a message takes whole uploads, in its order, for good", run: attachments),
        Check(
            description: "uploads that nothing comes of are found, and their numbers never come again", run: abandoned),
    ]

    @Sendable static func uploads(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        let device = Sample.device(1)
        let hash = Sample.hash(1)
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            try transaction.addOrganisation(Sample.other)
            try require(try transaction.upload(hash, by: device, of: organisation) == nil, "an upload that none began")
            let begun = try transaction.beginUpload(hash, size: 100, by: device, at: Sample.time, of: organisation)
            try require(
                begun.size == 100 && begun.received == 0 && !begun.isComplete && begun.hash == hash, "a new upload")
            try require(
                try transaction.upload(hash, by: device, of: organisation) == begun, "an upload as it was begun")
            try require(try transaction.upload(hash, by: Sample.device(2), of: organisation) == nil, "another device's")
            try require(try transaction.upload(hash, by: device, of: Sample.other) == nil, "another organisation's")
            let theirs = try transaction.beginUpload(
                hash, size: 7, by: Sample.device(2), at: Sample.time, of: organisation)
            try require(theirs.number != begun.number, "two uploads have one number")
            try transaction.noteReceived(60, isComplete: false, of: begun.number, at: Sample.time)
            try require(try transaction.upload(hash, by: device, of: organisation)?.received == 60, "what was received")
            try transaction.noteReceived(100, isComplete: true, of: begun.number, at: Sample.time)
            let whole = try transaction.upload(hash, by: device, of: organisation)
            try require(whole?.isComplete == true && whole?.received == 100, "a whole upload")
            _ = try transaction.beginUpload(Sample.hash(2), size: 11, by: device, at: Sample.time, of: organisation)
            try require(
                try transaction.uploads(by: device, of: organisation) == (2, 111), "a device's uploads together")
            try transaction.removeUploads(by: device, of: organisation)
            try require(try transaction.uploads(by: device, of: organisation) == (0, 0), "a device's uploads are gone")
            try require(try transaction.blobNumbers() == [theirs.number], "another device's upload went too")
        }
    }

    @Sendable static func attachments(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        let device = Sample.device(1)
        let message = Sample.message(1)
        let numbers = try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            let numbers = try (UInt8(1)...2).map { number in
                let blob = try transaction.beginUpload(
                    Sample.hash(number), size: 9, by: device, at: Sample.time, of: organisation)
                try transaction.noteReceived(9, isComplete: true, of: blob.number, at: Sample.time)
                return blob.number
            }
            try transaction.attach(numbers.reversed(), to: message, of: organisation)
            try require(
                try transaction.attachments(of: message, of: organisation).map(\.hash) == [
                    Sample.hash(2), Sample.hash(1),
                ],
                "the message's order")
            try require(
                try transaction.upload(Sample.hash(1), by: device, of: organisation) == nil, "it is loose still")
            try require(try transaction.uploads(by: device, of: organisation) == (0, 0), "it counts as loose still")
            try transaction.removeUpload(numbers[0])
            try transaction.removeUploads(by: device, of: organisation)
            try require(
                try transaction.abandonedUploads(since: Sample.time.adding(seconds: 9), limit: 9).isEmpty,
                "a message's attachment looks abandoned")
            try require(
                try transaction.attachments(of: message, of: organisation).count == 2, "an attachment was removed")
            // The same file again is another upload.
            _ = try transaction.beginUpload(Sample.hash(1), size: 9, by: device, at: Sample.time, of: organisation)
            return numbers
        }
        for refused in [numbers, [999]] {
            do {
                try await store.write { try $0.attach(refused, to: Sample.message(2), of: organisation) }
                throw ConformanceFailure(description: "a message took what is another's, or nobody's")
            } catch is StorageError {}
        }
        do {
            try await store.write { transaction in
                let loose = try transaction.upload(Sample.hash(1), by: device, of: organisation)!
                try transaction.attach([loose.number], to: Sample.message(2), of: organisation)
            }
            throw ConformanceFailure(description: "a message took an upload that is not whole")
        } catch is StorageError {}
    }

    @Sendable static func abandoned(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            let blobs = try (UInt8(1)...3).map { number in
                try transaction.beginUpload(
                    Sample.hash(number), size: 9, by: Sample.device(1), at: Sample.time.adding(seconds: Int64(number)),
                    of: organisation)
            }
            func over(_ seconds: Int64, limit: Int = 9) throws -> [BlobNumber] {
                try transaction.abandonedUploads(since: Sample.time.adding(seconds: seconds), limit: limit)
            }
            try require(try over(1).isEmpty, "what was touched at that moment")
            try require(try over(3) == [blobs[0].number, blobs[1].number], "what was touched before, the oldest first")
            try require(try over(9, limit: 1) == [blobs[0].number], "the limit")
            try transaction.noteReceived(1, isComplete: false, of: blobs[0].number, at: Sample.time.adding(seconds: 8))
            try require(try over(3) == [blobs[1].number], "a piece did not count as a sign of life")
            try require(
                try transaction.blobs(from: 0, limit: 9).map(\.hash) == (1...3).map(Sample.hash), "all, in order")
            try require(
                try transaction.blobs(from: blobs[1].number, limit: 1).map(\.number) == [blobs[1].number],
                "from a number on, and the limit")
            for blob in blobs { try transaction.removeUpload(blob.number) }
            try require(try transaction.blobNumbers().isEmpty, "removed uploads")
            let next = try transaction.beginUpload(
                Sample.hash(4), size: 9, by: Sample.device(1), at: Sample.time, of: organisation)
            try require(!blobs.map(\.number).contains(next.number), "a number came twice")
        }
    }
}
