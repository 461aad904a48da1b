extension BinaryInteger {
    /// A number and what there is so many of, as people say it: `1 entry`, `0 entries`.
    /// - Parameter many: Of none and of several; `one` with an s where it is not given.
    public func counted(_ one: String, _ many: String? = nil) -> String {
        "\(self) \(self == 1 ? one : many ?? one + "s")"
    }
}
