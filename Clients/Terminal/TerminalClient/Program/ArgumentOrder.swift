/// Lets global options stand before or after the words of a command.
///
/// The parser knows them only behind the command's words; those in front are carried there.
public struct ArgumentOrder: Sendable {
    /// A command's word and the words below it.
    public struct Word: Sendable {
        public let name: String
        public let words: [Word]

        public init(_ name: String, _ words: [Word] = []) {
            self.name = name
            self.words = words
        }
    }

    static let flags: Set<String> = ["--json", "--verbose", "-v", "--as-worker"]
    static let options: Set<String> = ["--profile", "--passphrase-file", "--key-file", "--ca"]

    /// Whether an option or flag of these names is one of every command.
    static func isGlobal(_ names: [String]) -> Bool { !flags.union(options).isDisjoint(with: names) }

    private let words: [Word]

    public init(_ words: [Word]) { self.words = words }

    /// The same arguments with the leading global options behind the command's words.
    public func arranged(_ arguments: [String]) -> [String] {
        var path: [String] = []
        var carried: [String] = []
        var level = words
        var index = 0
        scan: while index < arguments.count {
            let argument = arguments[index]
            if let length = Self.globalLength(arguments, index) {
                carried += arguments[index..<index + length]
                index += length
            } else if let word = level.first(where: { $0.name == argument }) {
                path.append(argument)
                level = word.words
                index += 1
                if level.isEmpty { break scan }
            } else {
                break scan
            }
        }
        return path + carried + arguments[index...]
    }

    /// How many arguments the global option at `index` takes; `nil` when there is none.
    static func globalLength(_ arguments: [String], _ index: Int) -> Int? {
        let argument = arguments[index]
        if flags.contains(argument) { return 1 }
        if options.contains(argument) { return min(2, arguments.count - index) }
        return options.contains(where: { argument.hasPrefix($0 + "=") }) ? 1 : nil
    }
}
