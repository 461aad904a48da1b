import DeviceStorage
import RelayAPI
import Sealing
import Secrets
public import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension DeviceSession {
    /// The files of a received message, in their order; none of a message in quarantine.
    ///
    /// They are fetched when somebody wants one (``saveAttachment(_:to:)``), and stay in the profile as they came: sealed.
    public func attachments(of message: MessageID) throws -> [ReceivedAttachment] {
        let manifest = try manifest(of: message).manifest
        guard !manifest.attachments.isEmpty else { return [] }
        guard let content = try profile.store.look({ try $0.message(message.description) })?.content else { return [] }
        let descriptions = AttachmentDescription.list(in: content)
        return manifest.attachments.enumerated().map { index, blob in
            ReceivedAttachment(
                message: message, index: index,
                description: descriptions.indices.contains(index) ? descriptions[index] : nil,
                sealedByteCount: blob.size,
                sealedHash: blob.hash, isHere: SecureFolder.exists(sealedPath(index, of: message)))
        }
    }

    /// The manifest of a stored message, as it was verified when it came.
    func manifest(of message: MessageID) throws -> (manifest: Manifest, note: SignedNote) {
        guard let row = try profile.store.look({ try $0.message(message.description) }) else {
            throw DeviceKitError(
                "no_such_message", .notFound, "this device has no such message",
                next: "look at the ids with \"nightbell inbox\"")
        }
        guard let item = try? APIJSON.decode(QueueItem.self, from: row.envelope),
            let entry = try? Entry(parsing: Array(item.entry.entry.utf8)),
            case .manifest(let manifest, let note) = try? ActivityStatement(parsing: entry.body)
        else { throw DeviceStorageError(.unusable, place: "message") }
        return (manifest, note)
    }

    /// Fetches an attachment, as far as it is not here, and opens it once to its end: what does not open, or is not what the
    /// content says, is receipted as `undecryptable`.
    ///
    /// That accuses its sender, and is said only of the very bytes that the manifest names. Bytes that this disk has changed
    /// since are nobody's fault: they are fetched again.
    ///
    /// Nothing of the file has left the profile when this returns.
    public func fetchAttachment(_ attachment: ReceivedAttachment) async throws {
        try checkNotRevoked()
        var timer = StepTimer(message: attachment.message)
        let path = sealedPath(attachment.index, of: attachment.message)
        var isNew = !SecureFolder.exists(path)
        for _ in 0...Self.transferRepeats {
            try await fetchSealed(attachment)
            do {
                try checkOpens(attachment)
                guard isNew else { return }
                timer.note(
                    .content,
                    "file \(attachment.index + 1) was fetched: its hash is the manifest's, it opened to its end"
                        + (attachment.description == nil ? "" : ", and it is what the content says"))
                return try log(&timer)
            } catch {
                if isAsManifested(attachment) {
                    guard error is SealingError else { throw error }
                    throw try await undecryptable(attachment)
                }
            }
            observer.remark("attachment \(attachment.index + 1) was changed on this disk, and is fetched again")
            _ = unsafe unlink(path)
            isNew = true
        }
        throw Self.damaged(attachment)
    }

    /// - Throws: ``SealingError`` when it does not open, or is not what the content says.
    private func checkOpens(_ attachment: ReceivedAttachment) throws {
        let (byteCount, hash) = try OutgoingFile.measure(try openedAttachment(attachment.index, of: attachment.message))
        guard let description = attachment.description else { return }
        guard description.hash == hash, description.byteCount == UInt64(byteCount) else {
            throw SealingError(.attachment)
        }
    }

    private func undecryptable(_ attachment: ReceivedAttachment) async throws -> DeviceKitError {
        let (_, note) = try manifest(of: attachment.message)
        try record(
            .undecryptable,
            "attachment \(attachment.index + 1) of a message does not open, or is not the file that its message describes",
            message: attachment.message,
            parts: [("manifest", note.bytes), ("attachment", Array("\(attachment.index)".utf8))],
            occasion: "\(attachment.message) \(attachment.index)")
        do {
            _ = try await receipt(.undecryptable, reason: .attachment, on: attachment.message)
        } catch {
            observer.remark("the receipt waits here: \(DeviceKitError(describing: error).message)")
        }
        return DeviceKitError(
            "attachment_undecryptable", .verification,
            "attachment \(attachment.index + 1) does not open, or is not the file that its message describes",
            next: "call the sender by telephone and ask for it again")
    }

    /// What a fetched attachment holds, a chunk at a time.
    func openedAttachment(_ index: Int, of message: MessageID) throws -> SealedFileReader {
        let manifest = try manifest(of: message).manifest
        let path = sealedPath(index, of: message)
        let reader = try profile.store.look { store in
            try store.withMessageKey(message.description) { secret in
                try SealedFileReader(
                    path, key: MessageKey(secret.duplicate()), index: index, binding: manifest.bindingText.hash)
            }
        }
        guard let reader else {
            throw DeviceKitError(
                "no_message_key", .failed, "this device does not hold the key of that message",
                next: "ask the sender to send it again")
        }
        return reader
    }

    /// Saves an attachment out of the client, where nothing of ours guards it any more, and receipts that as `disclosed`.
    ///
    /// It is fetched as far as it is not here, opened to its end before the first byte is written, and appears under its
    /// name whole, or not at all. Nothing is written over; the very same file is left as it is.
    /// - Parameter path: Of the file, whose folder is there.
    /// - Returns: The receipt's place in the log; `nil` when it is stored here and the relay has not taken it yet.
    /// - Throws: ``DeviceKitError``, `would_overwrite` when something of that name is there.
    @discardableResult
    public func saveAttachment(_ attachment: ReceivedAttachment, to path: String) async throws -> UInt64? {
        // An interrupted command that is repeated finds what it saved before.
        let isThere = PlainFile.holds(path, attachment.description)
        if !isThere { try PlainFile.checkIsFree(path) }
        try await fetchAttachment(attachment)
        // Before it leaves: what is not on record must not happen.
        var place: UInt64?
        do {
            place = try await receipt(.disclosed, reason: nil, on: attachment.message)
        } catch {
            guard try isReceipted(.disclosed, attachment.message) else { throw error }
            observer.remark("the receipt waits here: \(DeviceKitError(describing: error).message)")
        }
        guard !isThere else { return place }
        do {
            try PlainFile.write(try openedAttachment(attachment.index, of: attachment.message), to: path)
        } catch is SealingError {
            // It opened to its end a moment ago.
            throw Self.damaged(attachment)
        }
        return place
    }

    private static func damaged(_ attachment: ReceivedAttachment) -> DeviceKitError {
        DeviceKitError(
            "attachment_damaged", .failed,
            "attachment \(attachment.index + 1) does not stay on this disk as it was fetched",
            next: "check the disk, or read the message on another device")
    }

    private func isReceipted(_ action: ReceiptAction, _ message: MessageID) throws -> Bool {
        try profile.store.look { try $0.receipts(on: message.description) }.contains { $0.action == action.rawValue }
    }
}
