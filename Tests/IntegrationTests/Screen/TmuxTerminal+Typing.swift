import Foundation

extension TmuxTerminal {
    private static let atOnce = 5

    /// Types words into a field, and waits until they are seen: what arrives at once counts as pasted, and an Enter that
    /// comes at once after it does as well.
    func type(_ words: String) async throws {
        var typed = ""
        for piece in stride(from: 0, to: words.count, by: Self.atOnce) {
            for character in words.dropFirst(piece).prefix(Self.atOnce) {
                try await press(character == " " ? "Space" : String(character))
                typed.append(character)
            }
            // A line of the field may end anywhere but within a word. All of it, for a part of it may end with the same letter: what
            // is pressed while others wait to be read would come at once with them.
            let last = String(typed.split(separator: " ").last ?? "") + (typed.hasSuffix(" ") ? " _" : "_")
            let all = Self.dense(typed) + "_"
            try await wait { $0.contains(last) && Self.dense($0).contains(all) }
        }
    }

    /// Pastes bytes as they are.
    func paste(_ bytes: [UInt8]) async throws {
        let file = folder + "/pasted"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        try await tmux("load-buffer", file)
        try await tmux("paste-buffer", "-t", "s")
    }
}
