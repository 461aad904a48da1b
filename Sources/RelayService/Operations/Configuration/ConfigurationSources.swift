import Configuration
import SystemPackage

/// Flags, environment and file, in this order: the first that sets a key decides, and a value that it sets wrongly is
/// refused, never passed over for the next one.
struct ConfigurationSources: Sendable {
    private struct Source: Sendable {
        let provider: any ConfigSnapshot
        /// Where the operator finds the value of a key.
        let place: @Sendable (String) -> String
    }

    private let sources: [Source]

    /// - Parameters:
    ///   - flags: `--key value` or `--key=value`, without the program's name and without what is no configuration.
    ///   - environment: Names that begin with `NIGHTBELL_RELAY_` count, all others are other programs'.
    ///   - file: The file's path and bytes; `nil` when there is none.
    ///   - known: The path of every key.
    init(
        flags: [String], environment: [String: String], file: (path: FilePath, bytes: [UInt8])?, known: [String]
    ) throws(OperationsError) {
        try Self.checkFlags(flags, known: known)
        try Self.checkVariables(environment, known: known)
        var sources = [
            Source(provider: CommandLineArgumentsProvider(arguments: ["nightbell-relay"] + flags).snapshot()) {
                "flag \(ConfigurationNames.flag($0))"
            },
            Source(
                provider: EnvironmentVariablesProvider(environmentVariables: environment)
                    .prefixKeys(with: "nightbell.relay").snapshot()
            ) { "environment variable \(ConfigurationNames.variable($0))" },
        ]
        if let file, let source = try Self.source(of: file.bytes, at: file.path, known: known) {
            sources.append(source)
        }
        self.sources = sources
    }

    /// The value of a key, or its standard value when no source sets it.
    /// - Precondition: The key has a standard value.
    func value<Value>(_ key: ConfigurationKey<Value>) throws(OperationsError) -> Value {
        if let value = try set(key) { return value }
        // A standard value is written by us; the tests parse every one.
        guard let standard = key.standard.flatMap(key.parse) else { preconditionFailure("no standard for \(key.path)") }
        return standard
    }

    /// The value of a key, or `nil` when no source sets it.
    /// - Throws: ``OperationsError/Code/configurationMalformed`` with the key, the form that it must have, and the place.
    func set<Value>(_ key: ConfigurationKey<Value>) throws(OperationsError) -> Value? {
        for source in sources {
            let content: ConfigContent?
            do { content = try Self.content(of: key, in: source) } catch {
                throw malformed(key, source.place(key.path), problem: "needs exactly one value, without a comma")
            }
            guard let content else { continue }
            guard case .string(let text) = content, let parsed = key.parse(text) else {
                throw malformed(key, source.place(key.path), problem: "is not \(key.form)")
            }
            return parsed
        }
        return nil
    }

    /// One text; a list that was taken apart at its commas is put together again, for its key to read.
    private static func content<Value>(of key: ConfigurationKey<Value>, in source: Source) throws -> ConfigContent? {
        let name = AbsoluteConfigKey(key.path.split(separator: ".").map(String.init))
        do { return try source.provider.value(forKey: name, type: .string).value?.content } catch {
            guard key.isList,
                case .stringArray(let parts) = try source.provider.value(forKey: name, type: .stringArray).value?
                    .content
            else { throw error }
            return .string(parts.joined(separator: ","))
        }
    }

    private func malformed<Value>(_ key: ConfigurationKey<Value>, _ place: String, problem: String) -> OperationsError {
        OperationsError(
            .configurationMalformed, "\"\(key.path)\" \(problem) (\(place))", next: "make it \(key.form)")
    }

    private static func checkFlags(_ flags: [String], known: [String]) throws(OperationsError) {
        let names = known.map(ConfigurationNames.flag)
        var seen: Set<String> = []
        var mayBeValue = false
        for argument in flags {
            guard argument.hasPrefix("--") else {
                guard mayBeValue else {
                    throw OperationsError(
                        .configurationUnknown, "an argument belongs to no flag", next: "write it as --key value")
                }
                mayBeValue = false
                continue
            }
            let name = String(argument.prefix { $0 != "=" })
            guard names.contains(name) else { throw unknown("flag \(printable(name))", name, names) }
            guard seen.insert(name).inserted else {
                throw OperationsError(
                    .configurationUnknown, "flag \(name) is there twice", next: "leave one of them out")
            }
            mayBeValue = !argument.contains("=")
        }
    }

    private static func checkVariables(_ environment: [String: String], known: [String]) throws(OperationsError) {
        let names = known.map(ConfigurationNames.variable) + [ConfigurationNames.dataVariable]
        for name in environment.keys.sorted() where name.hasPrefix(ConfigurationNames.variablePrefix) {
            guard names.contains(name) else {
                throw unknown("environment variable \(printable(name))", name, names)
            }
        }
    }

    private static func source(
        of bytes: [UInt8], at path: FilePath, known: [String]
    ) throws(OperationsError) -> Source? {
        let shape: ConfigurationFile
        do {
            shape = try ConfigurationFile(scanning: bytes)
        } catch {
            throw OperationsError(
                .configurationMalformed, "line \(error.line) of \(path) \(error.message)",
                next: "write one \"key: value\" a line, within a section indented by two spaces")
        }
        let sections = Set(known.compactMap { $0.contains(".") ? $0.prefix { $0 != "." } : nil }.map(String.init))
        for (section, line) in shape.sections.sorted(by: { $0.value < $1.value }) where !sections.contains(section) {
            if known.contains(section) {
                throw OperationsError(
                    .configurationMalformed, "\"\(section)\" has no value (line \(line) of \(path))",
                    next: "give it one, or put a # before it")
            }
            throw unknown("section \"\(section)\" (line \(line) of \(path))", section, Array(sections))
        }
        for (key, line) in shape.lines.sorted(by: { $0.value < $1.value }) where !known.contains(key) {
            throw unknown("key \"\(key)\" (line \(line) of \(path))", key, known)
        }
        // Comments alone are no YAML mapping; they set nothing.
        guard !shape.lines.isEmpty else { return nil }
        do {
            let snapshot = try unsafe YAMLSnapshot(
                data: bytes.span.bytes, providerName: "relay.yaml", parsingOptions: .default)
            let lines = shape.lines
            return Source(provider: snapshot) { "line \(lines[$0, default: 0]) of \(path)" }
        } catch {
            throw OperationsError(
                .configurationMalformed, "\(path) cannot be read as YAML", next: "check quotes and escapes")
        }
    }

    private static func unknown(_ what: String, _ name: String, _ known: [String]) -> OperationsError {
        let nearest = ConfigurationNames.nearest(to: name, among: known)
        return OperationsError(
            .configurationUnknown, "unknown \(what)",
            next: nearest.map { "did you mean \($0)?" } ?? "see the comments of relay.yaml for what can be set")
    }

    /// A name from outside, fit for a terminal.
    private static func printable(_ name: String) -> String {
        String(name.unicodeScalars.prefix(64).map { (0x21...0x7E).contains($0.value) ? Character($0) : "?" })
    }
}
