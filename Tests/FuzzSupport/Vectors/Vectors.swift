public import Foundation

/// The committed, language-neutral files below `Tests/Vectors`.
public enum Vectors {
    /// Found from this source file, so that tests need no bundle resources.
    public static let directory = URL(fileURLWithPath: #filePath, isDirectory: false)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors", isDirectory: true)

    /// One JSON file, for instance `protocol.json`.
    public static func load(_ name: String) throws -> JSONValue {
        try JSONValue(contentsOf: directory.appendingPathComponent(name))
    }
}
