import Foundation
import Secrets

/// Seals pages for their places, under one key.
///
/// A page's version is what its random nonce begins with. Whoever knows the version that stands in a place opens that page and
/// no other: neither one of another place, nor one that stood there before.
final class PageSeal: Sendable {
    private let key: SecretBytes

    init(_ key: consuming SecretBytes) { self.key = key }

    /// - Returns: The sealed page, and the version by which it is known from now on: never 0.
    func seal(_ page: [UInt8], _ place: PageID) -> (sealed: Data, version: UInt64) {
        while true {
            let sealed = XChaCha20Poly1305.seal(page, key: key, binding: Self.binding(place.row))
            let version = Self.version(sealed)
            if version != 0 { return (Data(sealed), version) }
        }
    }

    /// - Returns: `nil` for what was not sealed for this place with this key, or is of another version.
    func open(_ sealed: Data, _ place: PageID, version: UInt64) -> [UInt8]? {
        guard sealed.count >= XChaCha20Poly1305.overhead, Self.version(sealed) == version else { return nil }
        return open(sealed, Self.binding(place.row))
    }

    // MARK: Root

    /// Seals what names the versions of all pages.
    /// - Returns: The sealed root, and its mark: the nonce, by which exactly this one is known again.
    func seal(root: [UInt8]) -> (sealed: Data, mark: [UInt8]) {
        let sealed = XChaCha20Poly1305.seal(root, key: key, binding: Self.binding(Schema.rootRow))
        return (Data(sealed), Array(sealed[..<XChaCha20Poly1305.nonceByteCount]))
    }

    /// - Returns: `nil` for what was not sealed as a root with this key.
    func open(root sealed: Data) -> (root: [UInt8], mark: [UInt8])? {
        guard sealed.count >= XChaCha20Poly1305.overhead, let root = open(sealed, Self.binding(Schema.rootRow)) else {
            return nil
        }
        return (root, Array(sealed.prefix(XChaCha20Poly1305.nonceByteCount)))
    }

    private func open(_ sealed: Data, _ binding: [UInt8]) -> [UInt8]? {
        unsafe sealed.withUnsafeBytes { unsafe XChaCha20Poly1305.open($0, key: key, binding: binding) }
    }

    private static func version(_ sealed: some Collection<UInt8>) -> UInt64 {
        sealed.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func binding(_ row: Int64) -> [UInt8] { Array("nightbell.audit-store/v2\n\(row)".utf8) }
}
