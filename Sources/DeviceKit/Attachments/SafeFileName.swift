import Statements

/// A name that a received file may have here: one component, visible, short, and none that a shell or a folder takes for
/// something else. What its sender wrote is hostile until then.
public struct SafeFileName: Sendable, Equatable, CustomStringConvertible {
    /// 120 characters, and at most 200 bytes: with what a copy adds, every file system takes it.
    private static let longestCharacters = AttachmentDescription.longestTitle
    private static let longestBytes = 200

    public let text: String
    public var description: String { text }

    /// Looks at Unicode scalars, never at characters: a dot with an accent on it is still a dot to a file system.
    /// - Returns: `nil` when nothing usable is left.
    public init?(_ name: String) {
        let scalars = TextNormalisation.composed(name).unicodeScalars.map { Self.isHarmless($0) ? $0 : "_" }
        // No hidden file, no option, no parent folder; no blank or dot that is lost elsewhere.
        var kept = Self.shortened(scalars.drop { Self.isHarmfulAtTheBeginning($0) })
        while let last = kept.last, last == "." || last == " " { kept.removeLast() }
        guard kept.contains(where: { $0 != "_" && !Self.isMark($0) }) else { return nil }
        text = Self.text(kept)
    }

    /// The name of a received file: its sender's, or one that says its number and type.
    public init(_ attachment: AttachmentDescription?, index: Int) {
        if let safe = attachment?.title.flatMap(SafeFileName.init) {
            self = safe
        } else {
            text = "attachment-\(index + 1).\(attachment.map { MediaType.ending(of: $0.mediaType) } ?? "bin")"
        }
    }

    private init(text: String) { self.text = text }

    /// The same with a number in front of its ending, for the second file of one name.
    public func numbered(_ number: Int) -> SafeFileName {
        let scalars = text.unicodeScalars
        guard let dot = scalars.lastIndex(of: "."), dot > scalars.startIndex else {
            return SafeFileName(text: "\(text) (\(number))")
        }
        return SafeFileName(text: Self.text(scalars[..<dot]) + " (\(number))" + Self.text(scalars[dot...]))
    }

    /// Shortened in the middle: the ending says what it is.
    private static func shortened(_ name: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        var (count, bytes) = (name.count, byteCount(name))
        guard count > longestCharacters || bytes > longestBytes else { return name }
        var ending = name.lastIndex(of: ".").map { name[$0...] } ?? []
        if ending.count > 16 || byteCount(ending) > 32 { ending = [] }
        var stem = name.dropLast(ending.count)
        while let last = stem.last, count > longestCharacters || bytes > longestBytes {
            stem.removeLast()
            count -= 1
            bytes -= byteCount([last])
        }
        return stem + ending
    }

    private static func byteCount(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
        scalars.reduce(0) { $0 + UTF8.width($1) }
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func isHarmfulAtTheBeginning(_ scalar: Unicode.Scalar) -> Bool {
        [".", "-", " ", "~"].contains(scalar) || isMark(scalar)
    }

    /// Whether it is drawn on what stands before it.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "/", "\\", ":", "*", "?", "\"", "<", ">", "|", "`", "$", "'", ";", "&", "!": false
        default:
            switch scalar.properties.generalCategory {
            case .spaceSeparator: scalar == " "
            case .otherLetter, .otherSymbol: !UnseenLetters.contain(scalar)
            default: VisibleText.isHarmless(scalar)
            }
        }
    }
}
