import Foundation
import Secrets

/// Seals values for their places.
final class RowSeal: Sendable {
    private let key: SecretBytes

    init(_ key: consuming SecretBytes) { self.key = key }

    func seal(_ value: [UInt8], _ table: StaticString, _ row: String) -> [UInt8] {
        XChaCha20Poly1305.seal(value, key: key, binding: Self.binding(table, row))
    }

    /// - Returns: `nil` for what was not sealed for this place with this key.
    func open(_ sealed: Data, _ table: StaticString, _ row: String) -> [UInt8]? {
        unsafe sealed.withUnsafeBytes { bytes in
            unsafe XChaCha20Poly1305.open(bytes, key: key, binding: Self.binding(table, row))
        }
    }

    private static func binding(_ table: StaticString, _ row: String) -> [UInt8] {
        Array("nightbell.audit-store/v1\n\(table)\n\(row)".utf8)
    }
}
