/// `nightbell help TOPIC`: what holds for every command.
enum HelpTopic: String, CaseIterable, Sendable {
    case exitCodes = "exit-codes"
    case environment
    case formatting

    /// One line for lists of topics.
    var abstract: String {
        switch self {
        case .exitCodes: "how commands end, in numbers that scripts can rely on"
        case .environment: "the variables that commands look at"
        case .formatting: "what is printed where: for people, and with --json for scripts"
        }
    }

    /// The whole page, as it is printed.
    var text: String {
        switch self {
        case .exitCodes:
            """
            EXIT CODES
            \(ExitStatus.allCases.map { "  \("\($0.rawValue)".padded(to: 4))\($0.meaning)" }.joined(separator: "\n"))

            These numbers never change. 65 is always somebody's lie or a broken disk: the finding is printed, and its
            evidence is kept in the profile. "watch" and "ui" show findings and go on; every other command ends with
            65 when it met one, its result told all the same. Any other code is a failure too. What cannot be written to
            standard output, for instance on a full disk, was not shown: a command that otherwise did its work ends
            with 1.
            """
        case .environment:
            """
            ENVIRONMENT
            \(EnvironmentVariable.all.map { "  \($0.name)\n      \($0.meaning)" }.joined(separator: "\n"))

            An option beats its variable. No variable holds a secret: passphrases and keys come from files or are typed.
            """
        case .formatting:
            """
            FORMATTING
              Results go to standard output; prompts, progress, warnings and errors to standard error.

            For people
              Times are those of this machine's time zone, with its name, also those of the logs. UTC is what two
              people compare: reports (unless --zone names another), evidence, and the days of "audit verify".
              Ids in tables are shortened to beginnings that are still unique; every command takes a beginning in place
              of a whole id, with at least four characters for a member ("mem-…") and where a look is logged. What was
              received is shown with control characters and invisible marks escaped, so that no message can draw on your
              terminal.

            With --json
              One object on standard output; lines of objects for what streams ("watch", "steps", "audit check"). All
              of it is ASCII. Ids are whole, times RFC 3339 in UTC, hashes hex, counts and places in a log integers.
              Fields are added, never changed or removed. An error is one object on standard error:
                {"error":{"code":"profile_missing","message":"…","next":"…"}}
              and so are {"warning":{…}} and {"finding":{…}}. Nobody is asked for a passphrase: name --passphrase-file
              or --key-file, or unlock the profile first.
            """
        }
    }
}
