import ArgumentParser

/// Which profile a command must name that somebody is told to type: the one of the command that tells them.
///
/// Sentences name commands as they are typed for the standard profile; where another one is used, this adds it, in one place.
struct ProfileHint: Sendable {
    /// For the profile that a command uses which names none.
    static let none = ProfileHint(option: "")

    /// The option behind a blank; empty when none is needed.
    let option: String

    private init(option: String) { self.option = option }

    /// - Parameter folder: The profile's.
    init(folder: String) { self.init(option: " --profile " + Self.typed(SafeText.line(folder))) }

    /// The same sentence, whose commands go to the profile.
    func applied(to text: String) -> String {
        guard !option.isEmpty else { return text }
        var result = ""
        var rest = Substring(text)
        while let found = rest.firstRange(of: "nightbell ") {
            result += rest[..<found.lowerBound]
            let isTyped = result.last.map { " \"(\n".contains($0) } ?? true
            rest = rest[found.upperBound...]
            result += "nightbell" + (isTyped && Self.namesCommand(rest) ? option : "") + " "
        }
        return result + rest
    }

    /// Whether a command's word comes first, without a profile behind it, and of a command that has one.
    private static func namesCommand(_ text: Substring) -> Bool {
        let word = text.prefix { $0.isLetter || $0 == "-" }
        return commands.contains(String(word)) && !text[word.endIndex...].hasPrefix(" --profile")
            && !withoutProfile.contains { text.hasPrefix($0) }
    }

    /// They run elsewhere, or over files alone: a profile's name would only mislead.
    private static let withoutProfile = ["audit witness ", "audit check ", "audit verify --export "]

    /// A sentence may speak of "another nightbell" without a command.
    private static let commands = Set(NightbellCommand.configuration.subcommands.map { $0._commandName })

    /// As a shell takes it for one word.
    static func typed(_ path: String) -> String {
        let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || "/._-+@:,%=".contains($0) }
        return isPlain ? path : "'" + path.replacing("'", with: "'\\''") + "'"
    }
}
