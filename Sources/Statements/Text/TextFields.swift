/// What a line's value consists of, between single spaces: found where it lies, for a log has millions of such lines.
public struct TextFields: Sendable {
    /// 5: what a line of any type has at the most.
    private static let limit = 5

    private let value: ArraySlice<UInt8>
    /// Where each field ends.
    private var ends = InlineArray<5, Int>(repeating: 0)

    /// - Parameters:
    ///   - count: At most 5.
    ///   - lastIsText: Whether the last field may hold spaces.
    /// - Returns: `nil` unless there are exactly `count` fields, none of them empty.
    init?(_ value: ArraySlice<UInt8>, count: Int, lastIsText: Bool = false) {
        precondition((1...Self.limit).contains(count))
        self.value = value
        var start = value.startIndex
        for index in 0..<count - 1 {
            guard let end = value[start...].firstIndex(of: Ascii.space), end > start else { return nil }
            ends[index] = end
            start = end + 1
        }
        guard start < value.endIndex, lastIsText || !value[start...].contains(Ascii.space) else { return nil }
        ends[count - 1] = value.endIndex
    }

    /// - Precondition: `index` is below the count.
    public subscript(_ index: Int) -> ArraySlice<UInt8> {
        value[(index == 0 ? value.startIndex : ends[index - 1] + 1)..<ends[index]]
    }
}
