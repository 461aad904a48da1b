import DeviceKit

/// `nightbell help WORDS`, where the parser's own help would be silent about a word that it does not know.
struct HelpAnswer {
    private let text: String

    /// - Returns: `nil` when this is no question of that kind, or one that the parser answers.
    /// - Throws: What was meant, perhaps, when a word is none.
    init?(to arguments: [String]) throws(DeviceKitError) {
        let words = Self.withoutGlobalOptions(arguments)
        guard words.first == "help" else { return nil }
        let asked = Array(words.dropFirst())
        if asked.count == 1, let topic = HelpTopic(rawValue: asked[0]) {
            text = topic.text + "\n"
            return
        }
        var command = CommandTree.nightbell.root
        for word in asked where !word.hasPrefix("-") {
            guard let next = command.command(word) else {
                let topics = command.path.count == 1 ? HelpTopic.allCases.map(\.rawValue) : []
                throw CommandLineCheck.unknown(word, below: command, or: topics)
            }
            command = next
        }
        return nil
    }

    func show(_ console: Console) { console.output(text) }

    private static func withoutGlobalOptions(_ arguments: [String]) -> [String] {
        var kept: [String] = []
        var index = 0
        while index < arguments.count {
            if let length = ArgumentOrder.globalLength(arguments, index) {
                index += length
            } else {
                kept.append(arguments[index])
                index += 1
            }
        }
        return kept
    }
}
