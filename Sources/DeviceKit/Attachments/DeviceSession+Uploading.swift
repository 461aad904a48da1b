import DeviceStorage
import RelayAPI
import Secrets
import Statements

extension DeviceSession {
    /// How often in a row the relay may be out of reach, without a byte getting through, before a transfer waits for the
    /// next command.
    static let transferAttempts = 8
    /// How often bytes that arrive changed are sent or asked for again.
    static let transferRepeats = 2

    /// Brings every sealed file to the relay, each from where it was.
    func upload(_ blobs: [Manifest.Blob], from files: SendingFiles, of message: MessageID) async throws {
        for (index, blob) in blobs.enumerated() {
            try await upload(blob, index: index, path: files.sealed(index, in: profile), of: message)
        }
    }

    private func upload(_ blob: Manifest.Blob, index: Int, path: String, of message: MessageID) async throws {
        let reader = try FileReader(path)
        var received: UInt64?
        var repeats = 0
        var pause = TransferPause(attempts: Self.transferAttempts)
        var size = PieceSize()
        while true {
            do {
                let state: BlobState
                if let offset = received {
                    reader.seek(to: offset)
                    let piece = try reader.next(Int(min(size.byteCount, blob.size - offset)))
                    state = try await connection.answer(
                        to: .put(
                            APIPath.blob(identity.organisation, blob.hash),
                            query: [("offset", "\(offset)"), ("size", "\(blob.size)")], bytes: piece), signer: signer,
                        as: BlobState.self)
                } else {
                    state = try await uploadState(blob)
                }
                guard state.size == blob.size, state.received <= blob.size,
                    state.received > received ?? 0 || received == nil
                else { throw Self.transferUntrue() }
                received = state.received
                pause.succeeded()
                size.succeeded()
                observer.transferred(
                    TransferProgress(
                        direction: .upload, message: message, index: index, done: state.received, total: blob.size))
                if state.complete { return }
                // All of it is there and it is not whole: the relay knows something that we do not.
                guard state.received < blob.size else { throw Self.transferUntrue() }
            } catch let refusal as RelayRefusal where refusal.problem.code == .blobOffset {
                guard let offset = refusal.problem.received, offset < blob.size, repeats < Self.transferRepeats else {
                    throw refusal
                }
                repeats += 1
                received = offset
            } catch let refusal as RelayRefusal where refusal.problem.code == .blobHash {
                guard repeats < Self.transferRepeats else { throw refusal }
                repeats += 1
                received = 0
            } catch let error as DeviceKitError where error.category == .unreachable {
                try await pause.failed(error)
                size.failed()
                // What of the last piece arrived, only the relay knows.
                received = nil
            }
        }
    }

    private func uploadState(_ blob: Manifest.Blob) async throws -> BlobState {
        do {
            return try await connection.answer(
                to: .get(APIPath.blob(identity.organisation, blob.hash)), signer: signer, as: BlobState.self)
        } catch let refusal as RelayRefusal where refusal.problem.code == .notFound {
            return BlobState(size: blob.size, received: 0, complete: false)
        }
    }

    static func transferUntrue() -> DeviceKitError {
        DeviceKitError(
            "transfer_untrue", .verification, "the relay's word on a file's transfer is not about that file",
            next: "tell the relay's operator")
    }
}

/// How much goes into a piece: less after a failure, for a link that is too slow for a whole one in time.
struct PieceSize {
    private static let least: UInt64 = 16_384

    private(set) var byteCount = UInt64(APILimits.pieceByteCount)

    mutating func failed() { byteCount = max(Self.least, byteCount / 2) }
    mutating func succeeded() { byteCount = min(UInt64(APILimits.pieceByteCount), byteCount * 2) }
}

/// Waits between attempts, longer each time, and starts anew when something got through.
struct TransferPause {
    private static let firstMilliseconds: Int64 = 250
    private static let longestMilliseconds: Int64 = 8_000

    private let attempts: Int
    private var failures = 0

    init(attempts: Int) { self.attempts = attempts }

    mutating func succeeded() { failures = 0 }

    /// Waits a while.
    /// - Throws: The failure, when there were enough of them in a row.
    mutating func failed(_ error: DeviceKitError) async throws {
        failures += 1
        guard failures < attempts else { throw error }
        let milliseconds = min(Self.firstMilliseconds << (failures - 1), Self.longestMilliseconds)
        try await Task.sleep(for: .milliseconds(milliseconds + Int64.random(in: 0...(milliseconds / 4))))
    }
}
