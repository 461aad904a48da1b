/// Why something that a person asked for was not done: what it is about, the cause, and the next step.
///
/// Never carries a secret, a plaintext or a stored value.
public struct DeviceKitError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind, used in `--json`.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// What kind of failure it is; each has one exit code (design section 11).
    public enum Category: Sendable, CaseIterable {
        /// It went wrong, and nobody lied.
        case failed
        /// The command or its arguments.
        case usage
        /// Something that was claimed is not true.
        case verification
        case notFound
        /// The relay does not answer.
        case unreachable
        /// Something would be written over.
        case wouldOverwrite
        /// It may work in a moment.
        case tryAgain
        /// Rights are missing, or a key file is too open.
        case refused
        /// A profile, a configuration or a version does not fit.
        case configuration
        /// The store key could not be had.
        case locked
    }

    public let code: Code
    public let category: Category
    /// One sentence without a full stop: the thing and the cause.
    public let message: String
    /// One sentence without a full stop: what to do.
    public let next: String

    public init(_ code: Code, _ category: Category, _ message: String, next: String) {
        self.code = code
        self.category = category
        self.message = message
        self.next = next
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String { "\(code.rawValue): \(message)" }
}

extension DeviceKitError.Code: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(rawValue: value) }
}
