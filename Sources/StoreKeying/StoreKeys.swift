public import Secrets

/// Who makes the keys of a profile's store: the store key in this process, or the agent that alone holds it.
public protocol StoreKeys: Sendable {
    /// Whether another process makes them: then a value that does not open may be whole, and the key another one's.
    var areAnothers: Bool { get }

    /// Writes one key of ``StoreKeysLimits/keyByteCount`` bytes for each label into `room`, in their order, from its
    /// beginning.
    ///
    /// At most ``StoreKeysLimits/labelsAtOnce`` labels: one exchange, however many there are.
    /// - Throws: ``StoreKeysError``; what stands in `room` is worthless then.
    func derive(_ labels: [StoreKeyLabel], into room: inout SecretBytes) throws(StoreKeysError)

    /// The profile is being erased: whoever has the store key destroys it, wherever it is.
    func forget()
}

/// Sizes of what is asked for.
public enum StoreKeysLimits {
    /// 32.
    public static let keyByteCount = 32
    /// 128.
    public static let labelsAtOnce = 128
}

/// Why there is no key.
public struct StoreKeysError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The agent has locked.
        public static let locked = Code(rawValue: "locked")
        /// The agent does not answer any more.
        public static let agentGone = Code(rawValue: "agent_gone")
    }

    public let code: Code

    public init(_ code: Code) { self.code = code }

    public var description: String { code.rawValue }
}
