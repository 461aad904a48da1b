/// How a cell looks. Colour only repeats what weight and words say: a screen without it says the same.
public struct Style: Hashable, Sendable {
    /// What a colour stands for.
    public enum Tint: Int, Hashable, Sendable, CaseIterable {
        case none, danger, caution, good, quiet
    }

    public var isBold: Bool
    public var isDim: Bool
    public var isReversed: Bool
    public var isUnderlined: Bool
    public var tint: Tint

    public init(
        bold: Bool = false, dim: Bool = false, reversed: Bool = false, underlined: Bool = false, tint: Tint = .none
    ) {
        isBold = bold
        isDim = dim
        isReversed = reversed
        isUnderlined = underlined
        self.tint = tint
    }

    public static let plain = Style()
    public static let strong = Style(bold: true)
    public static let quiet = Style(dim: true)
    /// The bar at the top, and what is chosen.
    public static let bar = Style(reversed: true)
    /// What must not be overlooked.
    public static let alarm = Style(bold: true, reversed: true, tint: .danger)
    public static let caution = Style(bold: true, tint: .caution)
    public static let danger = Style(bold: true, tint: .danger)
    public static let good = Style(tint: .good)
    /// The name of a field.
    public static let label = Style(bold: true, tint: .quiet)
}
