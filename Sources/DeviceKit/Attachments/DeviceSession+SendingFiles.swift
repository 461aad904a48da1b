import DeviceStorage
import Foundation
import Sealing
import Secrets
import Statements

extension DeviceSession {
    /// Takes copies of the files, sealed, before the message is stored that needs them.
    /// - Returns: The secret for the store, and what is known of the copies.
    func keep(_ files: [OutgoingFile], _ descriptions: [AttachmentDescription], stem: String) throws -> (
        secret: KeptKey, files: SendingFiles
    ) {
        let secret = KeptKey(SecretBytes(random: MessageKey.byteCount))
        let sending = SendingFiles(stem: stem, count: files.count)
        for (index, file) in files.enumerated() {
            let source: any ByteSource =
                switch file.source {
                case .file(let path): try FileReader(path)
                case .received(let message, let index): try openedAttachment(index, of: message)
                }
            let kept = try Self.seal(
                source, into: sending.kept(index, in: profile), key: SendingFiles.keepingKey(secret.secret),
                index: index,
                binding: .zero)
            guard kept.hash == descriptions[index].hash, kept.byteCount == descriptions[index].byteCount else {
                throw DeviceKitError(
                    "file_changed", .tryAgain, "file \(index + 1) changed while it was read",
                    next: "wait until nothing writes to it, and send it again")
            }
        }
        try SecureFolder.synchronize(SendingFiles.folder(of: profile))
        return (secret, sending)
    }

    private static func seal(
        _ source: any ByteSource, into path: String, key: borrowing MessageKey, index: Int, binding: Digest
    ) throws -> (sealed: Manifest.Blob, byteCount: UInt64, hash: Digest) {
        try SealedFile.seal(source, into: path, key: key, index: index, binding: binding)
    }

    /// What is known of a message's files; `nil` when it has none.
    func sendingFiles(of row: SentRow) throws -> SendingFiles? {
        guard let bytes = try profile.store.look({ try $0.sendingFiles(row.id) }) else { return nil }
        guard let files = SendingFiles(bytes) else { throw DeviceStorageError(.unusable, place: "sent") }
        return files
    }

    /// The sealed files for these recipients: those that an interrupted sending left, when they are for the same ones.
    func sealedFiles(
        _ files: SendingFiles, of row: SentRow, key: borrowing MessageKey, binding: Digest
    ) throws -> [Manifest.Blob] {
        if let sealed = files.sealed, sealed.binding == binding,
            sealed.blobs.indices.allSatisfy({
                SealedFile.measure(files.sealed($0, in: profile)) == sealed.blobs[$0]
            })
        {
            return sealed.blobs
        }
        var blobs: [Manifest.Blob] = []
        for index in 0..<files.count {
            do {
                blobs.append(try seal(index, of: files, row, key: key, binding: binding))
            } catch is SealingError {
                throw DeviceKitError(
                    "file_damaged", .failed, "the copy of file \(index + 1) that was kept here is damaged",
                    next: "check the disk, and send the message again with its files")
            }
        }
        try SecureFolder.synchronize(SendingFiles.folder(of: profile))
        var sealed = files
        sealed.sealed = SendingFiles.Sealed(binding: binding, blobs: blobs)
        try profile.store.step { step in try step.setSendingFiles(row.id, to: sealed.bytes) }
        return blobs
    }

    private func seal(
        _ index: Int, of files: SendingFiles, _ row: SentRow, key: borrowing MessageKey, binding: Digest
    ) throws -> Manifest.Blob {
        let path = files.kept(index, in: profile)
        let source = try profile.store.look { store in
            try store.withSendingSecret(row.id) { secret in
                try SealedFileReader(path, key: SendingFiles.keepingKey(secret), index: index, binding: .zero)
            }
        }
        guard let source else { throw DeviceStorageError(.unusable, place: "sent") }
        return try SealedFile.seal(
            source, into: files.sealed(index, in: profile), key: key, index: index, binding: binding
        ).sealed
    }

    /// Removes what is left of files whose message the relay has, or never will have.
    ///
    /// A stem that another process holds is one that it is just taking copies for.
    func sweepSendingFiles() throws {
        let folder = SendingFiles.folder(of: profile)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let stems = Set(names.compactMap(SendingFiles.stem(ofName:)))
        guard !stems.isEmpty else { return }
        let known = try profile.store.look { store in
            Set(try store.sentIDsWithFiles().compactMap { try store.sendingFiles($0).flatMap(SendingFiles.init)?.stem })
        }
        for stem in stems.subtracting(known) {
            guard let lock = try? OutboxLock(stem, of: profile, waitingMilliseconds: 0) else { continue }
            defer { lock.release() }
            // Its row may have come between the two looks.
            let isKnown = try profile.store.look { store in
                try store.sentIDsWithFiles().contains {
                    try store.sendingFiles($0).flatMap(SendingFiles.init)?.stem == stem
                }
            }
            guard !isKnown else { continue }
            for name in names where SendingFiles.stem(ofName: name) == stem {
                try? FileManager.default.removeItem(atPath: folder + "/" + name)
            }
        }
    }
}
