/// The shape of `relay.yaml`: a small part of YAML in which nothing can hide.
///
/// The YAML reader that gives the values does not tell which keys a file has, so a mistyped key would be ignored in
/// silence. This scan finds every key and its line, and admits only lines of which there is one reading: comments,
/// `key: value`, `section:`, and `key: value` two spaces in. No lists, anchors, tabs, several documents, or values that
/// go on over lines.
struct ConfigurationFile: Sendable {
    /// 65,536 bytes.
    static let maximumByteCount = 65_536

    /// The line of every key that has a value, by its path, counted from 1.
    private(set) var lines: [String: Int] = [:]
    /// Sections, by name.
    private(set) var sections: [String: Int] = [:]

    /// What is wrong with a file, for an error that names its path.
    struct Problem: Error, Equatable {
        let line: Int
        let message: String
    }

    init(scanning bytes: [UInt8]) throws(Problem) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Problem(line: 1, message: "is not UTF-8")
        }
        var section: String?
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw Problem(line: number, message: "holds a tab or another control character")
            }
            let content = line.drop { $0 == UInt8(ascii: " ") }
            if content.isEmpty || content.first == UInt8(ascii: "#") { continue }
            let (key, value) = try Self.split(content, line: number)
            switch (content.startIndex - line.startIndex, value.isEmpty) {
            case (0, true):
                section = key
                try Self.note(key, at: number, in: &sections)
            case (0, false):
                section = nil
                try Self.note(key, at: number, in: &lines)
            case (2, false):
                guard let section else { throw Problem(line: number, message: "is indented, but under no section") }
                try Self.note("\(section).\(key)", at: number, in: &lines)
            case (2, true):
                throw Problem(line: number, message: "has no value")
            default:
                throw Problem(line: number, message: "is not indented by two spaces")
            }
        }
    }

    private static func note(_ key: String, at line: Int, in known: inout [String: Int]) throws(Problem) {
        if let first = known.updateValue(line, forKey: key) {
            throw Problem(line: line, message: "sets \"\(key)\" again, after line \(first)")
        }
    }

    /// A key of lower-case letters, digits and hyphens, and what follows its colon without blanks and comment.
    private static func split(
        _ content: ArraySlice<UInt8>, line: Int
    ) throws(Problem) -> (key: String, value: ArraySlice<UInt8>) {
        let noPair = Problem(line: line, message: "is not \"key: value\"")
        let key = content.prefix { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        let rest = content.dropFirst(key.count)
        guard !key.isEmpty, rest.first == UInt8(ascii: ":") else { throw noPair }
        let value = rest.dropFirst().drop { $0 == UInt8(ascii: " ") }
        let name = String(decoding: key, as: UTF8.self)
        guard let first = value.first else { return (name, value) }
        guard rest.count - value.count > 1 else { throw noPair }
        if first == UInt8(ascii: "#") { return (name, value.prefix(0)) }
        // What opens another construct of YAML than a plain or quoted text.
        guard !Array("[]{}&*!|>%@`,?-:".utf8).contains(first) else {
            throw Problem(line: line, message: "has a value that must stand in quotes")
        }
        return (name, value)
    }
}
