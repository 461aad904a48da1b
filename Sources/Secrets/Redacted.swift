/// A value that must not reach a log, an error or a dump: tokens, codes, names in the relay's hands.
///
/// Prints as `<redacted>` however it is printed, is not `Codable`, and gives its value only through ``expose()``.
public struct Redacted<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Value

    public init(_ value: Value) { self.value = value }

    /// The value itself. Greppable on purpose.
    public func expose() -> Value { value }

    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
