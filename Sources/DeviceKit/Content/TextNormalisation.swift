import Foundation
import Statements

/// Normalisation, in one place.
enum TextNormalisation {
    /// NFC.
    static func composed(_ text: String) -> String { ComposedText.of(text) }

    /// NFKC: what differs in width or form only is one, such as "Ｎ" and "N".
    static func plain(_ text: String) -> String { ComposedText.of(text.decomposedStringWithCompatibilityMapping) }
}
