/// What somebody does next who has just joined.
struct NextSteps {
    private let roles: [String]
    private let profile: String
    private let needsUnlocking: Bool

    init(_ roles: [String], _ context: CommandContext) {
        self.init(
            roles, profile: context.console.profile.option,
            needsUnlocking: !context.hasUnlockFile)
    }

    /// - Parameters:
    ///   - profile: The option that names the profile, behind a blank; empty when none is needed.
    ///   - needsUnlocking: Whether a passphrase opens the profile.
    init(_ roles: [String], profile: String, needsUnlocking: Bool) {
        self.roles = roles
        self.profile = profile
        self.needsUnlocking = needsUnlocking
    }

    var text: String {
        var steps = [(command: String, words: String)]()
        if needsUnlocking { steps.append(("unlock", "asks for the passphrase once, for all commands")) }
        if roles.contains("provider") {
            steps.append(("ui", "the screen: shows what comes, and rings while it is open"))
        }
        if roles.contains("intake") { steps.append(("send --help", "how a message is sent")) }
        if roles.contains("auditor") { steps.append(("audit verify", "checks everything that the relay has logged")) }
        steps.append(("watch", "stays connected and rings; without it or a screen nothing rings"))
        return "next:\n"
            + steps.map { "  nightbell\(profile) \($0.command)\n      \($0.words)" }.joined(separator: "\n")
    }
}
