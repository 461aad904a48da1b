import Foundation

/// Foundation's normalisation, in one place.
enum TextNormalisation {
    /// NFC.
    static func composed(_ text: String) -> String { text.precomposedStringWithCanonicalMapping }
}
