import DeviceStorage
import RelayAPI
import Secrets
import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension DeviceSession {
    /// Brings the sealed bytes of an attachment into the profile, from where an earlier attempt left off, and checks their
    /// hash before anybody opens them.
    ///
    /// Bytes that are not the manifest's are the relay's fault: kept as a finding, and fetched again.
    func fetchSealed(_ attachment: ReceivedAttachment) async throws {
        let path = sealedPath(attachment.index, of: attachment.message)
        guard !SecureFolder.exists(path) else { return }
        try SecureFolder.make(attachmentFolder)
        // Two programs that write one file would spoil it.
        let lock = try FileLock(path: path + ".lock", waitingMilliseconds: 0)
        defer { withExtendedLifetime(lock) {} }
        guard !SecureFolder.exists(path) else { return }
        let part = path + ".part"
        var repeats = 0
        while true {
            let isResumed = try await download(attachment, into: part)
            if SealedFile.measure(part) == attachment.sealed {
                try SecureFolder.move(part, to: path)
                return
            }
            _ = unsafe unlink(part)
            // What a crash left may be short of what the disk promised: that convicts nobody.
            guard !isResumed else { continue }
            let finding = try record(
                .changedBytes,
                "the relay gave bytes for attachment \(attachment.index + 1) that are not those of the manifest",
                message: attachment.message,
                parts: [
                    ("manifest", try manifest(of: attachment.message).note.bytes),
                    ("attachment", Array("\(attachment.index)".utf8)),
                ], occasion: "\(attachment.message) \(attachment.index) \(attachment.sealedHash)")
            guard repeats < Self.transferRepeats else { throw finding.error }
            repeats += 1
            try await Task.sleep(for: .seconds(1 << (repeats - 1)))
        }
    }

    /// - Returns: Whether a part of it was there already.
    private func download(_ attachment: ReceivedAttachment, into path: String) async throws -> Bool {
        let total = attachment.sealedByteCount
        let piece = UInt64(APILimits.pieceByteCount)
        // Whole pieces only: the last one may have been cut short.
        var done = min(SecureFolder.size(of: path), total) / piece * piece
        let isResumed = done > 0
        let writer = try FileWriter(path, .at(done))
        var pause = TransferPause(attempts: Self.transferAttempts)
        while done < total {
            do {
                let bytes = try await connection.answer(
                    to: .get(
                        APIPath.attachment(identity.organisation, attachment.message, attachment.index),
                        query: [("offset", "\(done)")], answerByteCount: APILimits.pieceByteCount), signer: signer)
                guard !bytes.isEmpty, UInt64(bytes.count) <= total - done else { throw Self.transferUntrue() }
                try writer.write(bytes)
                done += UInt64(bytes.count)
                pause.succeeded()
                observer.transferred(
                    TransferProgress(
                        direction: .download, message: attachment.message, index: attachment.index, done: done,
                        total: total))
            } catch let error as DeviceKitError where error.category == .unreachable {
                try await pause.failed(error)
            }
        }
        try writer.synchronize()
        return isResumed
    }

    /// Whether the bytes that lie here are still those of the manifest.
    func isAsManifested(_ attachment: ReceivedAttachment) -> Bool {
        SealedFile.measure(sealedPath(attachment.index, of: attachment.message)) == attachment.sealed
    }

    /// Where sealed attachments lie, as they came.
    var attachmentFolder: String { profile.directory + "/attachments" }

    func sealedPath(_ index: Int, of message: MessageID) -> String { "\(attachmentFolder)/\(message)-\(index)" }
}
