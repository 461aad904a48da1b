/// A name that a received file may have here: one component, visible, short, and none that a shell or a folder takes for
/// something else. What its sender wrote is hostile until then.
public struct SafeFileName: Sendable, Equatable, CustomStringConvertible {
    /// 120 characters, and at most 200 bytes: with what a copy adds, every file system takes it.
    private static let longestCharacters = AttachmentDescription.longestTitle
    private static let longestBytes = 200

    public let text: String
    public var description: String { text }

    /// - Returns: `nil` when nothing usable is left.
    public init?(_ name: String) {
        var scalars = String.UnicodeScalarView()
        for scalar in TextNormalisation.composed(name).unicodeScalars {
            scalars.append(Self.isHarmless(scalar) ? scalar : "_")
        }
        var text = Substring(String(scalars))
        // No hidden file, no option, no parent folder; no blank or dot that is lost elsewhere.
        while let first = text.first, first == "." || first == "-" || first == " " || first == "~" {
            text.removeFirst()
        }
        text = Self.shortened(text)
        while let last = text.last, last == "." || last == " " { text.removeLast() }
        guard text.contains(where: { $0 != "_" }) else { return nil }
        self.text = String(text)
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
        guard let dot = text.lastIndex(of: "."), dot > text.startIndex else {
            return SafeFileName(text: "\(text) (\(number))")
        }
        return SafeFileName(text: "\(text[..<dot]) (\(number))\(text[dot...])")
    }

    /// Shortened in the middle: the ending says what it is.
    private static func shortened(_ text: Substring) -> Substring {
        func fits(_ text: some StringProtocol) -> Bool {
            text.unicodeScalars.count <= longestCharacters && text.utf8.count <= longestBytes
        }
        guard !fits(text) else { return text }
        var ending = text.lastIndex(of: ".").map { text[$0...] } ?? ""
        if ending.unicodeScalars.count > 16 || ending.utf8.count > 32 { ending = "" }
        var stem = text.dropLast(ending.count)
        while !stem.isEmpty, !fits(String(stem) + ending) { stem.removeLast() }
        return Substring(String(stem) + ending)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "/", "\\", ":", "*", "?", "\"", "<", ">", "|", "`", "$", "'", ";", "&", "!": false
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            case .spaceSeparator: scalar == " "
            default: true
            }
        }
    }
}
