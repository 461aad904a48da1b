/// What somebody does next who has just joined.
struct NextSteps {
    /// Where the organisation's audit key is, as an auditor's new device finds it.
    enum AuditKey {
        /// An admin has yet to accept the one that this device offers.
        case awaited
        case here
        case elsewhere
    }

    private let roles: [String]
    private let profile: String
    private let needsUnlocking: Bool
    private let auditKey: AuditKey

    init(_ roles: [String], auditKey: AuditKey, _ context: CommandContext) {
        self.init(
            roles, auditKey: auditKey, profile: context.console.profile.option,
            needsUnlocking: !context.hasUnlockFile)
    }

    /// - Parameters:
    ///   - profile: The option that names the profile, behind a blank; empty when none is needed.
    ///   - needsUnlocking: Whether a passphrase opens the profile.
    init(_ roles: [String], auditKey: AuditKey = .awaited, profile: String, needsUnlocking: Bool) {
        self.roles = roles
        self.auditKey = auditKey
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
        // Nobody may write to an auditor: nothing ever rings there.
        if !roles.contains("auditor") {
            steps.append(("watch", "stays connected and rings; without it or a screen nothing rings"))
        }
        return "next:\n" + (roles.contains("auditor") ? auditKeyFirst : "")
            + steps.map { "  nightbell\(profile) \($0.command)\n      \($0.words)" }.joined(separator: "\n")
    }

    /// Without it nothing tells an auditor whose a message is, and nobody but an admin can give it.
    private var auditKeyFirst: String {
        switch auditKey {
        case .here: ""
        case .awaited:
            """
              first an admin, on their own device: nightbell admin audit-key accept
                  no message sent earlier can tell you which patient it was about

            """
        case .elsewhere:
            """
              note: the audit key is another device's; only there is seen which patient
                  a message was about

            """
        }
    }
}
