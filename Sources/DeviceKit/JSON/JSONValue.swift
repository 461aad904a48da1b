/// A JSON value (RFC 8259) that keeps the order of keys and the writing of numbers.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Texts are equal when their bytes are: `String` takes canonically equivalent names for one.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// An integer.
    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(integer: value)) }

    /// Anything that prints as one text: an id, a hash, a time.
    public static func text(_ value: some CustomStringConvertible) -> JSONValue { .string(value.description) }

    /// A text or `null`.
    public static func text(orNull value: (any CustomStringConvertible)?) -> JSONValue {
        value.map { .string($0.description) } ?? .null
    }

    /// The member of an object.
    public subscript(_ key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// The text, when this is one.
    public var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    /// The items, when this is an array.
    public var array: [JSONValue]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    /// The whole number, when this is one that fits.
    public var integer: Int64? {
        guard case .number(let number) = self else { return nil }
        return number.integer
    }

    /// The truth value, when this is one.
    public var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

/// An object's members in their order, each key once.
///
/// Keys are compared by their bytes: `String` takes the Kelvin sign for a K.
public struct JSONObject: Sendable, Equatable {
    /// One member.
    public struct Member: Sendable, Equatable {
        public let key: String
        public let value: JSONValue

        public static func == (left: Member, right: Member) -> Bool {
            left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
        }
    }

    public private(set) var members: [Member] = []

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
    }

    public init() {}

    /// Room for so many members, for whoever makes thousands of objects.
    public init(reservingCapacity count: Int) { members.reserveCapacity(count) }

    init(_ members: [(String, JSONValue)]) {
        self.members.reserveCapacity(members.count)
        for (key, value) in members { set(key, to: value) }
    }

    /// - Precondition: No key occurs twice.
    init(unique members: [Member]) { self.members = members }

    public subscript(_ key: String) -> JSONValue? {
        members.first { Self.isSame($0.key, key) }?.value
    }

    /// Sets a member; a new one goes last.
    public mutating func set(_ key: String, to value: JSONValue) {
        let member = Member(key: key, value: value)
        if let index = members.firstIndex(where: { Self.isSame($0.key, key) }) {
            members[index] = member
        } else {
            members.append(member)
        }
    }

    /// Sets a member when there is a value for it.
    public mutating func set(_ key: String, ifPresent value: JSONValue?) {
        if let value { set(key, to: value) }
    }
}

/// A number as it was written.
public struct JSONNumber: Sendable, Equatable {
    /// Matches RFC 8259 section 6.
    public let literal: String

    init(literal: String) { self.literal = literal }

    init(integer value: some BinaryInteger) { literal = value.description }

    /// The nearest double; infinite when it is beyond them.
    public var double: Double { Double(literal) ?? .infinity }

    /// The value when it is whole and below 2^53 in size, however it is written (`1.0`, `1e2`).
    public var integer: Int64? {
        if let value = Int64(literal) { return value.magnitude < 1 << 53 ? value : nil }
        let value = double
        guard value.isFinite, value.rounded() == value, value.magnitude < 0x1p53 else { return nil }
        return Int64(value)
    }
}
