import DeviceKit
import Secrets
import Statements

/// The files of a message, as commands show them: numbered from 1.
struct AttachmentList {
    let files: [ReceivedAttachment]

    /// Of a received message. A list that cannot be made is said, and keeps nobody from the message.
    /// - Parameter content: What the message says, and so which files it describes.
    init(of message: MessageID, _ content: [UInt8], _ session: DeviceSession, _ console: Console) {
        do {
            files = try session.attachments(of: message)
        } catch {
            console.warn("the message's files cannot be listed: \(DeviceKitError(describing: error).message)")
            files = []
            return
        }
        let described = AttachmentDescription.list(in: content).count
        if described != files.count {
            console.warn(
                "the message describes \(Self.count(described)) and carries \(Self.count(files.count)): ask its sender")
        }
    }

    /// - Parameter saved: Where each that was saved is, by number.
    func document(_ saved: [Int: String]) -> JSONValue {
        .array(
            files.map { file in
                var object = JSONObject()
                object.set("number", to: .integer(file.index + 1))
                Self.describe(file.description, in: &object)
                object.set("here", to: .bool(file.isHere))
                object.set("saved", to: saved[file.index + 1].map { .string($0) } ?? .null)
                return .object(object)
            })
    }

    /// Of a sent message.
    static func document(_ descriptions: [AttachmentDescription]) -> JSONValue {
        .array(
            descriptions.enumerated().map { index, description in
                var object = JSONObject()
                object.set("number", to: .integer(index + 1))
                describe(description, in: &object)
                return .object(object)
            })
    }

    private static func describe(_ description: AttachmentDescription?, in object: inout JSONObject) {
        object.set("title", to: .text(orNull: description?.title))
        object.set("kind", to: .text(orNull: description?.kind.rawValue))
        object.set("media_type", to: .text(orNull: description?.mediaType))
        object.set("bytes", to: description.map { .integer($0.byteCount) } ?? .null)
        object.set("sha256", to: .text(orNull: description?.hash.hex))
    }

    /// For people, below the message; empty when there are none.
    func human(of message: MessageID, isSaving: Bool, _ console: Console) -> String {
        guard !files.isEmpty else { return "" }
        var lines = ["", Self.count(files.count)]
        for file in files { lines.append("  \(file.index + 1)  \(Self.line(file))") }
        if !isSaving { lines.append(console.hinted("to save: nightbell read \(message) --save FOLDER")) }
        return "\n" + lines.joined(separator: "\n")
    }

    static func line(_ file: ReceivedAttachment) -> String {
        guard let description = file.description else { return "a file that its sender did not describe" }
        return
            "\(SafeText.line(file.fileName.text))  \(description.kind.rawValue), \(SafeText.line(description.mediaType)), "
            + size(description.byteCount)
    }

    static func count(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

    /// `25.0 MiB`, `7.2 KiB`, `512 bytes`.
    static func size(_ byteCount: UInt64) -> String {
        func tenths(_ unit: UInt64) -> String {
            let tenths = (byteCount * 10 + unit / 2) / unit
            return "\(tenths / 10).\(tenths % 10)"
        }
        if byteCount >= 1 << 20 { return tenths(1 << 20) + " MiB" }
        if byteCount >= 1 << 10 { return tenths(1 << 10) + " KiB" }
        return byteCount == 1 ? "1 byte" : "\(byteCount) bytes"
    }
}
