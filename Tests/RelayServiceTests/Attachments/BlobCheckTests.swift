import Foundation
import RelayStorage
import SQLiteStorage
import Secrets
import Statements
import Testing

@testable import RelayService

@Suite struct BlobCheckTests {
    private let relay: FoundedRelay
    private let blobs: BlobFiles
    private let folder: String
    private let bytes = [UInt8](repeating: 7, count: 100)

    init() async throws {
        relay = try await FoundedRelay()
        folder = relay.folder + "/blobs"
        blobs = try BlobFiles(folder: folder)
    }

    /// Takes in an attachment, or a part of it.
    private func take(_ received: Int = 100, hash: Digest? = nil) async throws -> BlobNumber {
        let device = DeviceID(bytes: [UInt8](repeating: 5, count: 20))
        let organisation = relay.state.organisation
        let (bytes, now) = (bytes, Timestamp.now())
        let number = try await relay.store.write {
            try $0.beginUpload(hash ?? Digest.sha256(bytes), size: 100, by: device, at: now, of: organisation).number
        }
        if received > 0 { try await blobs.write(Array(bytes[..<received]), at: 0, of: number) }
        try await relay.store.write {
            try $0.noteReceived(UInt64(received), isComplete: received == 100, of: number, at: now)
        }
        return number
    }

    private func check(readsAll: Bool = true, _ other: (any BlobStore)? = nil) async throws -> BlobCheck.Result {
        try await BlobCheck.run(relay.store, other ?? blobs, readsAll: readsAll)
    }

    private func cut(_ number: BlobNumber, to length: Int) {
        let isCut = unsafe truncate("\(folder)/\(number)", off_t(length)) == 0
        #expect(isCut)
    }

    @Test func whatIsThereIsNoProblem() async throws {
        #expect(try await check() == BlobCheck.Result())
        _ = try await take()
        let part = try await take(40, hash: .zero)
        _ = try await take(0, hash: Digest.sha256([1]))
        // Written, and not yet answered for.
        try await blobs.write([1, 2, 3], at: 40, of: part)
        // Of nobody: the sweep's business.
        try await blobs.write([1], at: 0, of: 999)
        #expect(try await check() == BlobCheck.Result(count: 3))
    }

    @Test func missingAndWrongFilesAreNamed() async throws {
        var numbers: [BlobNumber] = []
        for byte in 1...6 as ClosedRange<UInt8> {
            numbers.append(try await take(byte == 6 ? 40 : 100, hash: .init(of: byte)))
        }
        try await blobs.remove(numbers[0])
        cut(numbers[1], to: 99)
        cut(numbers[2], to: 101)
        cut(numbers[5], to: 39)
        let found = try await check(readsAll: false)
        #expect(found.count == 6)
        #expect(found.problems.map(\.code) == ["attachment_missing"] + Array(repeating: "attachment_size", count: 3))
        for (problem, number) in zip(found.problems, [0, 1, 2, 5]) {
            #expect(problem.message.hasPrefix("blobs/\(numbers[number]): "))
        }
    }

    @Test func changedBytesAreFoundWhenAllAreRead() async throws {
        let sound = try await take()
        let changed = try await take(hash: .zero)
        #expect(try await check(readsAll: false) == BlobCheck.Result(count: 2))
        let found = try await check()
        #expect(found.problems.map(\.code) == ["attachment_hash"])
        #expect(found.problems.first?.message.hasPrefix("blobs/\(changed): ") == true)
        #expect(sound != changed)
    }

    @Test func theFirstProblemsSayEnough() async throws {
        for number in 0..<UInt8(CheckReport.maximumProblemCount + 5) {
            try await blobs.remove(try await take(hash: .init(of: number)))
        }
        let found = try await check()
        #expect(found.count == CheckReport.maximumProblemCount + 5)
        #expect(found.problems.count == CheckReport.maximumProblemCount)
    }

    /// The relay serves meanwhile: an upload is given up between the look at its row and the look at its bytes.
    @Test func whatWasGivenUpMeanwhileIsNoProblem() async throws {
        let number = try await take()
        let store = relay.store
        let gone = Vanishing(blobs: blobs) {
            try await store.write { try $0.removeUpload(number) }
        }
        #expect(try await check(gone) == BlobCheck.Result(count: 1))
        #expect(try await check() == BlobCheck.Result())
    }

    @Test func theReportCountsBoth() async throws {
        try await blobs.remove(try await take())
        let logs = try await LogCheck.run(relay.store)
        let report = logs.adding(try await check())
        #expect(report.entries == logs.entries && report.organisations == 1)
        #expect(report.attachments == 1)
        #expect(report.problems.map(\.code) == ["attachment_missing"])
    }
}

extension Digest {
    fileprivate init(of byte: UInt8) { self = Digest.sha256([byte]) }
}

/// Files of which one goes away before it is looked at.
private struct Vanishing: BlobStore {
    let blobs: BlobFiles
    let vanish: @Sendable () async throws -> Void

    func size(of blob: BlobNumber) async throws -> UInt64? {
        try await vanish()
        try await blobs.remove(blob)
        return try await blobs.size(of: blob)
    }

    func write(_ bytes: [UInt8], at offset: UInt64, of blob: BlobNumber) async throws {
        try await blobs.write(bytes, at: offset, of: blob)
    }
    func read(from offset: UInt64, count: Int, of blob: BlobNumber) async throws -> [UInt8] {
        try await blobs.read(from: offset, count: count, of: blob)
    }
    func hash(count: UInt64, of blob: BlobNumber) async throws -> Digest {
        try await blobs.hash(count: count, of: blob)
    }
    func remove(_ blob: BlobNumber) async throws { try await blobs.remove(blob) }
    func numbers() async throws -> [BlobNumber] { try await blobs.numbers() }
}
