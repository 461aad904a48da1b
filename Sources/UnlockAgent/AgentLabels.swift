import StoreKeying

/// The body of `derive`: labels, each behind its length in two bytes.
enum AgentLabels {
    /// - Returns: `nil` for anything but 1 to 128 whole labels.
    static func parse(_ body: [UInt8]) -> [StoreKeyLabel]? {
        var labels: [StoreKeyLabel] = []
        var rest = body[...]
        while !rest.isEmpty {
            guard rest.count >= 2, labels.count < StoreKeysLimits.labelsAtOnce else { return nil }
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            guard length <= rest.count, let label = StoreKeyLabel(parsing: Array(rest.prefix(length))) else {
                return nil
            }
            labels.append(label)
            rest = rest.dropFirst(length)
        }
        return labels.isEmpty ? nil : labels
    }

    /// As many labels as one request holds.
    /// - Returns: The body, and how many are in it.
    static func body(of labels: ArraySlice<StoreKeyLabel>) -> (bytes: [UInt8], count: Int) {
        var bytes: [UInt8] = []
        var count = 0
        for label in labels.prefix(StoreKeysLimits.labelsAtOnce) {
            guard bytes.count + 2 + label.bytes.count <= AgentFrame.Request.derive.bound else { break }
            bytes += AgentState.bytes(UInt64(label.bytes.count), 2) + label.bytes
            count += 1
        }
        return (bytes, count)
    }
}
