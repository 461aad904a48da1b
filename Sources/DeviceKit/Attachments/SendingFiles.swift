import DeviceStorage
import Sealing
import Secrets
import Statements

/// The files of one message on its way out, beside the store: `sending/<stem>-<i>.kept` from the moment that it was asked
/// for, `…-<i>.sealed` once it is known for whom. Both are sealed, both go when the relay has the message.
///
/// What was asked for is kept, so that the original may change or go. What was sealed is kept, so that an interrupted
/// upload goes on with the same bytes.
struct SendingFiles {
    /// What was sealed, and for which recipients.
    struct Sealed {
        let binding: Digest
        let blobs: [Manifest.Blob]
    }

    /// Names the files: the message may get another id.
    let stem: String
    let count: Int
    var sealed: Sealed?

    init(stem: String, count: Int) {
        self.stem = stem
        self.count = count
    }

    /// As it is stored.
    var bytes: [UInt8] {
        var object = JSONObject()
        object.set("stem", to: .string(stem))
        object.set("count", to: .integer(count))
        if let sealed {
            object.set("binding", to: .string(sealed.binding.hex))
            object.set(
                "sealed",
                to: .array(sealed.blobs.map { ["size": .integer($0.size), "sha256": .string($0.hash.hex)] }))
        }
        return JSONValue.object(object).bytes
    }

    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONParser.parse(bytes), let stem = document["stem"]?.string,
            let count = document["count"]?.integer, (1...Int64(Attachment.maximumCount)).contains(count)
        else { return nil }
        self.init(stem: stem, count: Int(count))
        guard let binding = document["binding"]?.string.flatMap({ Digest(hex: Array($0.utf8)) }) else { return }
        let blobs = (document["sealed"]?.array ?? []).compactMap { item -> Manifest.Blob? in
            guard let size = item["size"]?.integer, size > 0,
                let hash = item["sha256"]?.string.flatMap({ Digest(hex: Array($0.utf8)) })
            else { return nil }
            return Manifest.Blob(size: UInt64(size), hash: hash)
        }
        if blobs.count == self.count { sealed = Sealed(binding: binding, blobs: blobs) }
    }

    // MARK: Places

    static func folder(of profile: Profile) -> String { profile.directory + "/sending" }

    func kept(_ index: Int, in profile: Profile) -> String { "\(Self.folder(of: profile))/\(stem)-\(index).kept" }
    func sealed(_ index: Int, in profile: Profile) -> String { "\(Self.folder(of: profile))/\(stem)-\(index).sealed" }

    /// A name that nobody has yet.
    static func freshStem() -> String { "files-" + Base32.encode(randomBytes(10)) }

    /// The stem of a file's name, when it is one of these.
    static func stem(ofName name: String) -> String? {
        guard name.hasSuffix(".kept") || name.hasSuffix(".sealed"), let end = name.lastIndex(of: "-") else {
            return nil
        }
        return String(name[..<end])
    }

    // MARK: Keys

    /// The key under which what was asked for is kept. It never leaves the profile.
    static func keepingKey(_ secret: borrowing SecretBytes) -> MessageKey {
        MessageKey(secret.keyedHash(of: Array("nightbell.kept/v1\n".utf8)))
    }

    /// The message key for these recipients: the same for the same ones, so that sealed files stay good when the manifest
    /// must be signed anew, and another for others.
    static func messageKey(_ secret: borrowing SecretBytes, for sealer: MessageSealer) -> MessageKey {
        var text = "nightbell.sending/v1\norg \(sealer.organisation)\nmessage \(sealer.message)\n"
        for recipient in sealer.recipients { text += "to \(recipient.device) \(recipient.prekey.id)\n" }
        text += "recovery \(sealer.recovery?.id.description ?? "none")\n"
        text += "capsule \(sealer.audit?.id.description ?? "none")\n"
        return MessageKey(secret.keyedHash(of: Array(text.utf8)))
    }
}
