import RelayAPI
import RelayStorage
import SQLiteStorage
import Secrets
import Statements
import Testing

@testable import RelayService

@Suite struct BlobUploadsTests {
    /// Two chunks: the smallest with more than one piece is not needed, pieces may be of any length.
    private static let size = UInt64(24 + 2 * 65_553)
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private let relay: FoundedRelay
    private let blobs: BlobFiles
    private let uploads: BlobUploads
    private let device = DeviceID(bytes: [UInt8](repeating: 5, count: 20))

    init() async throws {
        relay = try await FoundedRelay()
        blobs = try BlobFiles(folder: relay.folder + "/blobs")
        uploads = BlobUploads(store: relay.store, blobs: blobs)
    }

    private func take(
        _ bytes: [UInt8], from start: Int, to end: Int, by other: DeviceID? = nil, named hash: Digest? = nil
    ) async throws -> BlobState {
        try await uploads.take(
            Array(bytes[start..<end]), at: UInt64(start), of: UInt64(bytes.count), hash ?? Digest.sha256(bytes),
            by: other ?? device, of: relay.state.organisation, now: Self.now)
    }

    private func code(_ body: () async throws -> BlobState) async -> Problem.Code? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? Problem)?.code }
    }

    @Test func piecesMakeTheWholeAndEachIsDurable() async throws {
        let bytes = randomBytes(Int(Self.size))
        let hash = Digest.sha256(bytes)
        #expect(await code { try await uploads.state(of: hash, by: device, of: relay.state.organisation) } == .notFound)
        #expect(
            try await take(bytes, from: 0, to: 100_000)
                == BlobState(size: Self.size, received: 100_000, complete: false))
        // Another process, after a crash: what was answered for is there.
        let again = BlobUploads(store: relay.store, blobs: try BlobFiles(folder: relay.folder + "/blobs"))
        let state = try await again.state(of: hash, by: device, of: relay.state.organisation)
        #expect(state == BlobState(size: Self.size, received: 100_000, complete: false))
        #expect(
            try await take(bytes, from: 100_000, to: bytes.count)
                == BlobState(size: Self.size, received: Self.size, complete: true))
        // Its answer was lost, and it comes again.
        #expect(try await take(bytes, from: 100_000, to: bytes.count).complete)
    }

    @Test func aPieceGoesNowhereElse() async throws {
        let bytes = randomBytes(Int(Self.size))
        #expect(await code { try await take(bytes, from: 10, to: 20) } == .blobOffset)
        _ = try await take(bytes, from: 0, to: 10)
        do {
            _ = try await take(bytes, from: 0, to: 20)
            Issue.record("a piece was taken where another lies")
        } catch let problem as Problem {
            #expect(problem.code == .blobOffset)
            #expect(problem.received == 10)
        }
        #expect(await code { try await take(bytes, from: 11, to: 20) } == .blobOffset)
        #expect(await code { try await take(bytes, from: 10, to: 10) } == .malformed)
        #expect(await code { try await take(Array(bytes.dropLast()), from: 0, to: 10) } == .malformed)
        let hash = Digest.sha256(bytes)
        let longer = [UInt8](repeating: 0, count: bytes.count + 65_553)
        #expect(await code { try await take(longer, from: 10, to: 20, named: hash) } == .malformed)
    }

    @Test func bytesOfAnotherNameAreDropped() async throws {
        let bytes = randomBytes(Int(Self.size))
        let hash = Digest.sha256(bytes)
        var changed = bytes
        changed[5] ^= 1
        _ = try await take(changed, from: 0, to: 1_000, named: hash)
        #expect(await code { try await take(changed, from: 1_000, to: changed.count, named: hash) } == .blobHash)
        #expect(await code { try await uploads.state(of: hash, by: device, of: relay.state.organisation) } == .notFound)
        #expect(try await blobs.numbers().isEmpty)
        #expect(try await take(bytes, from: 0, to: bytes.count).complete)
    }

    @Test func nobodySpoilsWhatAnotherUploads() async throws {
        let bytes = randomBytes(Int(Self.size))
        let other = DeviceID(bytes: [UInt8](repeating: 6, count: 20))
        let hash = Digest.sha256(bytes)
        let garbage = [UInt8](repeating: 0, count: bytes.count)
        _ = try await take(garbage, from: 0, to: 5_000, by: other, named: hash)
        #expect(try await take(bytes, from: 0, to: bytes.count).complete)
        let theirs = try await uploads.state(of: hash, by: other, of: relay.state.organisation)
        #expect(theirs.received == 5_000)
    }

    @Test func whatADeviceHasLooseIsBounded() async throws {
        let largest = APILimits.blobByteCount
        for number in 0..<Int(APILimits.looseBlobByteCount / largest) {
            _ = try await uploads.take(
                [1], at: 0, of: largest, Digest.sha256([UInt8(number)]), by: device, of: relay.state.organisation,
                now: Self.now)
        }
        #expect(
            await code {
                try await uploads.take(
                    [1], at: 0, of: largest, .zero, by: device, of: relay.state.organisation, now: Self.now)
            } == .quota)
        let other = DeviceID(bytes: [UInt8](repeating: 6, count: 20))
        for number in 0..<APILimits.looseBlobs {
            _ = try await uploads.take(
                [1], at: 0, of: 65_577, Digest.sha256([UInt8(number)]), by: other, of: relay.state.organisation,
                now: Self.now)
        }
        #expect(
            await code {
                try await uploads.take(
                    [1], at: 0, of: 65_577, .zero, by: other, of: relay.state.organisation, now: Self.now)
            } == .quota)
    }

    @Test func theSweepTakesWhatIsOverAndWhatNobodyKnows() async throws {
        let bytes = randomBytes(Int(Self.size))
        _ = try await take(bytes, from: 0, to: 1_000)
        try await blobs.write([1, 2, 3], at: 0, of: 77)
        let hour = APILimits.looseBlobSeconds
        #expect(try await BlobSweep.sweep(relay.store, blobs, at: Self.now.adding(seconds: hour)) == 1)
        #expect(try await blobs.numbers().count == 1)
        let left = try await uploads.state(of: Digest.sha256(bytes), by: device, of: relay.state.organisation)
        #expect(left.received == 1_000)
        #expect(try await BlobSweep.sweep(relay.store, blobs, at: Self.now.adding(seconds: hour + 1)) == 1)
        #expect(try await blobs.numbers().isEmpty)
        #expect(
            await code {
                try await uploads.state(of: Digest.sha256(bytes), by: device, of: relay.state.organisation)
            } == .notFound)
    }

    @Test func limitsFitTheSuite() {
        #expect(APILimits.blobByteCount == 24 + 401 * 65_553)
        #expect(APILimits.looseBlobByteCount > 24 * 10 + 1_024 * 65_553)
    }
}
