import DeviceKit
import Foundation

extension RelayStory {
    /// A file of several pieces, up and down.
    static let files = RelayStory(
        name: "relay: a file",
        begin: {
            let practice = try await Practice.make()
            let bytes = Data((0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 7 / 11) })
            try bytes.write(to: URL(fileURLWithPath: practice.folder + "/call.wav"))
            try await practice.relay.stop()
            return practice
        },
        acts: [
            Act("send of a file", by: "desk", keep: ["message": "message"]) { practice, _ in
                [
                    "send", "--to", Practice.claraName, "--urgency", "urgent", "--text", "hear this", "--attach",
                    practice.folder + "/call.wav",
                ]
            },
            Act("save of a file", by: "clara") { practice, story in
                ["read", story["message"] ?? "", "--save", practice.folder + "/saved.wav", "--attachment", "1"]
            },
            // What waits in the reader's profile goes out with the next command: "read" ends well without the relay.
            Act("inbox", by: "clara") { _, _ in ["inbox"] },
            Act("sent", by: "desk") { _, _ in ["sent"] },
        ],
        people: ["admin", "desk", "clara", "auditor"],
        check: { practice, story in
            let sent = try await practice.desk.json("sent", story["message"] ?? "")
            let told = (sent["states"]?.array ?? []).compactMap { $0["action"]?.string }.sorted()
            let same = FileManager.default.contentsEqual(
                atPath: practice.folder + "/call.wav", andPath: practice.folder + "/saved.wav")
            return [
                told == ["delivered", "disclosed", "read"] ? nil : "the desk knows of \(told)",
                same ? nil : "another file was saved",
            ].compactMap { $0 }
        })
}
