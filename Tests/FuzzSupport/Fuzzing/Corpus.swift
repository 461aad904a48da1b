import Foundation

/// The committed inputs of one parser: `Tests/Vectors/corpus/<parser>/`.
///
/// The name of a file says what must become of it: `ok-…` is accepted, `bad-…` is refused, any other may be either.
/// A finding of the fuzzer is kept as a new file.
public struct Corpus: Sendable {
    public struct File: Sendable {
        public let name: String
        public let bytes: [UInt8]

        public var mustBeAccepted: Bool { name.hasPrefix("ok-") }
        public var mustBeRefused: Bool { name.hasPrefix("bad-") }
    }

    public let parser: String
    /// By name.
    public let files: [File]

    public init(parser: String) throws {
        self.parser = parser
        let folder = Vectors.directory.appendingPathComponent("corpus/\(parser)", isDirectory: true)
        files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
            .map { File(name: $0, bytes: [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))) }
    }
}
