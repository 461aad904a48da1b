import DeviceKit
import Foundation

extension ClientAct {
    /// What a person's program does with files.
    static let files = [sendFile, saveFile]

    /// Of more than one piece, and more than one chunk.
    private static let byteCount = 300_000

    static let sendFile = ClientAct("send --attach", isIdempotent: false) { stage in
        let (path, bytes) = try file(stage)
        let words = [
            "send", "--to", Practice.claraName, "--urgency", "urgent", "--text", stage.fresh("text"), "--attach", path,
        ]
        return Prepared(person: stage.practice.desk, arguments: words) { outcome in
            let message = try outcome.json()["message"]?.string ?? ""
            let target = stage.practice.folder + "/" + stage.fresh("saved")
            try await stage.practice.clara.json("read", message, "--save", target, "--attachment", "1")
            let inbox = try await stage.inbox(message)
            // Whatever was left is swept by the next command of the desk.
            try await stage.practice.desk.json("sent")
            let left = left(in: stage.practice.desk.profile + "/sending")
            return [
                inbox == ["read"] ? nil : "in the inbox: \(inbox)",
                try Data(contentsOf: URL(fileURLWithPath: target)) == bytes ? nil : "another file arrived",
                left.isEmpty ? nil : "\(left) stayed with the sender",
            ].compactMap { $0 }
        }
    }

    static let saveFile = ClientAct("read --save") { stage in
        let (path, bytes) = try file(stage)
        let sent = try await stage.practice.desk.json(
            "send", "--to", Practice.claraName, "--urgency", "urgent", "--text", stage.fresh("text"), "--attach", path)
        let message = sent["message"]?.string ?? ""
        _ = try await stage.practice.clara.json("inbox")
        let target = stage.practice.folder + "/" + stage.fresh("saved")
        return Prepared(
            person: stage.practice.clara, arguments: ["read", message, "--save", target, "--attachment", "1"]
        ) { _ in
            let inbox = try await stage.inbox(message)
            let told = Set(try await stage.told(on: message))
            let parts = left(in: stage.practice.folder).filter { $0.hasSuffix(".nightbell-part") }
            return [
                inbox == ["read"] && told == ["delivered", "read", "disclosed"] ? nil : "\(inbox), receipts \(told)",
                try Data(contentsOf: URL(fileURLWithPath: target)) == bytes ? nil : "another file was saved",
                parts.isEmpty ? nil : "\(parts) stayed",
            ].compactMap { $0 }
        }
    }

    private static func file(_ stage: KillStage) throws -> (path: String, bytes: Data) {
        let path = stage.practice.folder + "/" + stage.fresh("file") + ".wav"
        let bytes = Data((0..<byteCount).map { _ in UInt8.random(in: 0...255) })
        try bytes.write(to: URL(fileURLWithPath: path))
        return (path, bytes)
    }

    private static func left(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in [".kept", ".sealed", ".nightbell-part"].contains { name.hasSuffix($0) } }
    }
}
