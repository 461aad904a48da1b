import Foundation

/// NFC as Unicode defines it.
public enum ComposedText {
    /// One scalar before the first trailing consonant: Swift's tables take it for one, and drop it behind a syllable.
    private static let noConsonant: Unicode.Scalar = "\u{11A7}"

    /// NFC of the text.
    public static func of(_ text: String) -> String {
        // Foundation composes only what is not composed yet: of "가" and a consonant of its own it makes nothing. Taken apart
        // first, it is put together whole. What stands by itself is left out of it, and nothing is composed across it.
        text.unicodeScalars.split(separator: noConsonant, omittingEmptySubsequences: false)
            .map { String($0).decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping }
            .joined(separator: String(Character(noConsonant)))
    }
}
