/// A variable that the program looks at, and what for.
struct EnvironmentVariable: Sendable {
    let name: String
    let meaning: String

    static let all = [
        EnvironmentVariable(name: "NIGHTBELL_PROFILE", meaning: "The profile's folder, as --profile."),
        EnvironmentVariable(
            name: "NIGHTBELL_PASSPHRASE_FILE",
            meaning: "A file with the passphrase as first line, as --passphrase-file."),
        EnvironmentVariable(name: "NIGHTBELL_KEY_FILE", meaning: "A key file of 32 bytes, as --key-file."),
        EnvironmentVariable(name: "NIGHTBELL_CA", meaning: "The relay's CA certificates (PEM), as --ca."),
        EnvironmentVariable(
            name: "XDG_DATA_HOME",
            meaning: "The standard profile is nightbell/default below it; without it, below ~/.local/share."),
        EnvironmentVariable(name: "TZ", meaning: "The time zone of the times that people read."),
        EnvironmentVariable(name: "NO_COLOR", meaning: "When set to anything, nothing is coloured."),
        EnvironmentVariable(name: "TERM", meaning: "\"dumb\" turns colour off as well."),
    ]
}
