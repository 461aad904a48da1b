/// One thing that an operator can set: its name, what people are told of it, and the one form of its values.
///
/// Values are read as text from every source and parsed here, so that `yes`, `0x10` or `1_000` mean the same in a flag,
/// a variable and the file: nothing.
struct ConfigurationKey<Value: Sendable>: Sendable {
    /// `section.key` or `key`: lower-case words with hyphens.
    let path: String
    /// Completes "must be …".
    let form: String
    /// What applies when nothing is set, as it would be written; `nil` when the reader decides.
    let standard: String?
    /// What the commented file says.
    let about: String
    /// Whether a value may hold commas, which a flag otherwise takes for several values.
    let isList: Bool
    let parse: @Sendable (String) -> Value?

    init(
        _ path: String, form: String, standard: String?, about: String, isList: Bool = false,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.path = path
        self.form = form
        self.standard = standard
        self.about = about
        self.isList = isList
        self.parse = parse
    }

    /// What the commented file needs to know of the key.
    var entry: ConfigurationEntry { ConfigurationEntry(path: path, standard: standard, about: about) }
}

/// A key without its type.
struct ConfigurationEntry: Sendable {
    let path: String
    let standard: String?
    let about: String
}

extension ConfigurationKey<Int> {
    static func integer(_ path: String, _ range: ClosedRange<Int>, standard: Int, about: String) -> Self {
        Self(
            path, form: "a whole number from \(range.lowerBound) to \(range.upperBound)", standard: "\(standard)",
            about: about
        ) { text in
            // One written form: no sign, no leading zero, no blank.
            guard let value = Int(text), "\(value)" == text, range.contains(value) else { return nil }
            return value
        }
    }
}

extension ConfigurationKey<Bool> {
    static func boolean(_ path: String, standard: Bool, about: String) -> Self {
        Self(path, form: "true or false", standard: "\(standard)", about: about) { Bool($0) }
    }
}

/// What was chosen, or the word that stands for nothing.
struct ConfigurationChoice<Value: Sendable>: Sendable {
    let chosen: Value?
}

extension ConfigurationKey {
    /// A key that need not be set: its standard is a word that chooses nothing.
    static func choice<Choice>(
        _ path: String, form: String, unset word: String = "none", about: String, isList: Bool = false,
        parse: @escaping @Sendable (String) -> Choice?
    ) -> Self where Value == ConfigurationChoice<Choice> {
        Self(path, form: "\(form), or \(word)", standard: word, about: about, isList: isList) { text in
            text == word ? Value(chosen: nil) : parse(text).map(Value.init)
        }
    }
}

/// How a key is named in flags and in the environment.
enum ConfigurationNames {
    /// What every variable of ours begins with.
    static let variablePrefix = "NIGHTBELL_RELAY_"
    /// Read by the program before there is a configuration: the data directory.
    static let dataVariable = "NIGHTBELL_RELAY_DATA"

    static func flag(_ path: String) -> String {
        "--" + path.replacing(".", with: "-")
    }

    static func variable(_ path: String) -> String {
        variablePrefix + path.uppercased().replacing(".", with: "_").replacing("-", with: "_")
    }

    /// The known name that was probably meant: at most two letters away.
    static func nearest(to name: String, among known: [String]) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        return known.map { ($0, distance(Array(name.utf8), Array($0.utf8))) }
            .filter { $0.1 <= 2 }
            .min { $0.1 < $1.1 }?.0
    }

    /// Levenshtein's.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
