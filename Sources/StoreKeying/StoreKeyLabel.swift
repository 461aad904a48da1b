/// What a store's key is for: the text of which it is derived.
///
/// A key of a column serves every row, so that a list costs no derivation; a key of a row opens that one value and
/// nothing beside it.
public struct StoreKeyLabel: Hashable, Sendable {
    /// 512.
    public static let maximumByteCount = 512
    private static let type = Array("nightbell.store-key/v2\n".utf8)

    /// The text, as it is hashed.
    public let bytes: [UInt8]

    /// The key of all rows of a column.
    public init(table: StaticString, column: StaticString) {
        bytes = Self.type + Array("column\n\(table)\n\(column)\n".utf8)
    }

    /// The key of one row's value in a column.
    public init(table: StaticString, column: StaticString, row: String) {
        bytes = Self.type + Array("row\n\(table)\n\(column)\n\(row)".utf8)
    }

    /// A label that another process wrote: nothing but a text of this type is ever derived from.
    /// - Returns: `nil` when it is none, or too long.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count > Self.type.count, bytes.count <= Self.maximumByteCount, bytes.starts(with: Self.type) else {
            return nil
        }
        self.bytes = bytes
    }
}
