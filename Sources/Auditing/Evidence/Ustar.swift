import Secrets

/// An uncompressed archive in the POSIX `ustar` interchange format (IEEE Std 1003.1, "pax"), of plain files alone and in one
/// form: the same files give the same bytes, and what ``write(_:)`` would not have written is not read.
///
/// Every system unpacks it, and whoever has no program for it finds each file behind a header of 512 bytes. Nothing here
/// follows a name to a place: archives are read in memory.
enum Ustar {
    struct File: Equatable {
        let name: String
        let bytes: [UInt8]
    }

    /// What is wrong with an archive; says nothing of what it holds.
    struct Malformed: Error, Equatable {
        let sentence: String
        init(_ sentence: String) { self.sentence = sentence }
    }

    /// 65,536.
    static let maximumFileCount = 65_536
    /// 1980-01-01T00:00:00Z, in seconds: no file of an archive says when it was made, and `tar` finds 1970 implausible.
    private static let time = 315_532_800
    static let blockByteCount = 512
    private static let nameByteCount = 100
    /// 2 GiB, far beyond what is ever read; eleven octal digits could say 8.
    private static let maximumByteCount = 1 << 31

    static func write(_ files: [File]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(files.reduce(2) { $0 + 2 + $1.bytes.count / blockByteCount } * blockByteCount)
        for file in files {
            bytes += header(file.name, file.bytes.count)
            bytes += file.bytes
            bytes += padding(of: file.bytes.count)
        }
        return bytes + [UInt8](repeating: 0, count: 2 * blockByteCount)
    }

    static func read(_ bytes: [UInt8]) throws(Malformed) -> [File] {
        var files: [File] = []
        var names: Set<String> = []
        var position = 0
        while true {
            guard bytes.count - position >= blockByteCount else { throw Malformed("the archive is cut off") }
            let block = bytes[position..<position + blockByteCount]
            if block.allSatisfy({ $0 == 0 }) {
                guard bytes.count - position == 2 * blockByteCount, bytes[position...].allSatisfy({ $0 == 0 }) else {
                    throw Malformed("the archive does not end with its two empty blocks, and nothing behind them")
                }
                return files
            }
            guard let name = name(block), let count = size(block), header(name, count).elementsEqual(block) else {
                throw Malformed("the header of file \(files.count + 1) of the archive is not of the one form")
            }
            guard files.count < maximumFileCount, names.insert(name).inserted else {
                throw Malformed("file \(files.count + 1) of the archive bears the name of another, or is one too many")
            }
            position += blockByteCount
            let padding = padding(of: count)
            // Compared before it is reserved: what a header says costs nothing.
            guard bytes.count - position >= count + padding.count else { throw Malformed("the archive is cut off") }
            files.append(File(name: name, bytes: Array(bytes[position..<position + count])))
            position += count
            guard bytes[position..<position + padding.count].elementsEqual(padding) else {
                throw Malformed("something stands between two files of the archive")
            }
            position += padding.count
        }
    }

    /// Small letters, capitals, digits, `.`, `_` and `-` in parts between single slashes; no part leads elsewhere.
    static func isName(_ name: some Collection<UInt8>) -> Bool {
        guard (1...nameByteCount).contains(name.count) else { return false }
        return name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
                && part.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"):
                        true
                    default: byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                    }
                }
        }
    }

    // MARK: Headers

    private static func name(_ block: ArraySlice<UInt8>) -> String? {
        let bytes = block.prefix(nameByteCount).prefix { $0 != 0 }
        return isName(bytes) ? String(decoding: bytes, as: UTF8.self) : nil
    }

    private static func size(_ block: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in block.dropFirst(124).prefix(11) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
            value = value * 8 + Int(digit - UInt8(ascii: "0"))
        }
        return value < maximumByteCount ? value : nil
    }

    private static func header(_ name: String, _ count: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockByteCount)
        func put(_ text: String, at offset: Int) {
            block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put(octal(0o644, digits: 7), at: 100)  // mode
        put(octal(0, digits: 7), at: 108)  // user
        put(octal(0, digits: 7), at: 116)  // group
        put(octal(count, digits: 11), at: 124)
        put(octal(time, digits: 11), at: 136)
        put("        ", at: 148)  // the checksum is taken over blanks in its own place
        put("0", at: 156)  // a plain file
        put("ustar\0" + "00", at: 257)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6) + "\0 ", at: 148)
        return block
    }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    private static func padding(of count: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (blockByteCount - count % blockByteCount) % blockByteCount)
    }
}
