import ArgumentParser

/// The options of every command. Each has an environment variable that stands for it.
struct GlobalOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("The profile's folder [NIGHTBELL_PROFILE].", valueName: "dir"), completion: .directory)
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the passphrase [NIGHTBELL_PASSPHRASE_FILE].", valueName: "file"),
        completion: .file())
    var passphraseFile: String?

    @Option(
        help: ArgumentHelp(
            "A 32-byte key file in place of a passphrase, for services [NIGHTBELL_KEY_FILE].", valueName: "file"),
        completion: .file())
    var keyFile: String?

    @Option(
        help: ArgumentHelp("The relay's CA certificates; remembered by the profile [NIGHTBELL_CA].", valueName: "file"),
        completion: .file())
    var ca: String?

    @Flag(help: "Print one JSON object (lines of objects for streams).")
    var json = false

    @Flag(name: .shortAndLong, help: "Show each step of sending and receiving, with its duration.")
    var verbose = false

    /// This process is the child of a supervisor (``Supervised``): nobody types it.
    @Flag(help: .hidden)
    var asWorker = false
}
