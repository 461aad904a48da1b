import Foundation
import FuzzSupport

/// A file below `Tests/Vectors` that this program makes.
struct GeneratedFile {
    let path: String
    let bytes: [UInt8]

    private var location: URL { Vectors.directory.appendingPathComponent(path) }

    var isWritten: Bool { (try? Data(contentsOf: location)).map { [UInt8]($0) == bytes } ?? false }

    func write() throws {
        try FileManager.default.createDirectory(
            at: location.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: location, options: .atomic)
    }
}
