import Statements

extension RelayConfiguration {
    /// The commented configuration: what `init` writes to `relay.yaml`, and `Config/relay.example.yaml`.
    ///
    /// Every key is explained. What is set is set; every other key stands there as a comment with its standard value.
    /// - Parameter openFounding: Sets `founding.open`, which nobody should copy into production unseen.
    public static func fileText(name: RelayName, openFounding: Bool) -> String {
        var text = """
            # The configuration of a Nightbell relay.
            #
            # Flags (--limits-connections 500) and the environment (NIGHTBELL_RELAY_LIMITS_CONNECTIONS=500) come before this
            # file. Lines with one # and a key show the standard values. A key that the relay does not know, and a value that
            # is not of its form, stop it at its start. Changes count from the next start.

            """
        var section: Substring?
        for key in RelayKeys.all {
            let words = key.path.split(separator: ".")
            let indent = words.count == 2 ? "  " : ""
            if words.count == 2, words.first != section {
                section = words.first
                text += "\n\(words[0]):\n"
            } else {
                text += "\n"
            }
            for line in key.about.split(separator: "\n") { text += "\(indent)# \(line)\n" }
            text +=
                indent + setting(of: key, called: words[words.count - 1], name: name, openFounding: openFounding) + "\n"
        }
        return text
    }

    private static func setting(
        of key: ConfigurationEntry, called word: Substring, name: RelayName, openFounding: Bool
    ) -> String {
        switch key.path {
        case RelayKeys.name.path: "\(word): \(quoted(name.description))"
        case RelayKeys.listen.path: "#\(word): \(ListenAddress(loopbackPort: name.port))"
        case RelayKeys.openFounding.path where openFounding: "\(word): true"
        default: "#\(word): \(key.standard ?? "")"
        }
    }

    /// A value that begins with a bracket would open a list.
    private static func quoted(_ value: String) -> String {
        value.hasPrefix("[") ? "\"\(value)\"" : value
    }
}
