/// A text cut into lines, to be put together wrongly.
struct TextLines {
    var lines: [[UInt8]]

    init(_ text: [UInt8]) {
        lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map(Array.init)
    }

    var bytes: [UInt8] { lines.flatMap { $0 + [UInt8(ascii: "\n")] } }

    func key(_ index: Int) -> String {
        String(decoding: lines[index].prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    }

    /// The text with the value of the first line of this key replaced.
    func replacing(_ key: String, with value: String) -> [UInt8] { replacing(key, with: Array(value.utf8)) }

    func replacing(_ key: String, with value: [UInt8]) -> [UInt8] {
        var changed = self
        guard let index = lines.indices.first(where: { self.key($0) == key }) else { preconditionFailure("no \(key)") }
        changed.lines[index] = Array("\(key) ".utf8) + value
        return changed.bytes
    }

    /// The value of the first line of this key.
    func value(_ key: String) -> String {
        let line = lines.first { $0.starts(with: Array("\(key) ".utf8)) }!
        return String(decoding: line.dropFirst(key.utf8.count + 1), as: UTF8.self)
    }

    func removing(at index: Int) -> [UInt8] {
        var changed = self
        changed.lines.remove(at: index)
        return changed.bytes
    }

    func inserting(_ line: String, at index: Int) -> [UInt8] {
        var changed = self
        changed.lines.insert(Array(line.utf8), at: index)
        return changed.bytes
    }
}
