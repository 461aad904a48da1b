/// Where and why a value does not satisfy a schema.
public struct JSONSchemaFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Keys and indexes from the root, as `request.reason` or `clinical.symptoms[3]`; our own words and numbers.
    public let path: String
    /// What the schema asks for; never the value.
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

/// An interpreter for exactly the keywords of JSON Schema (draft 2020-12) that our own schemas use.
///
/// Formats are asserted. A keyword that is not known here makes the schema unusable, not lenient.
public struct JSONSchema: Sendable {
    private let root: Node

    /// - Throws: ``JSONSchemaFault`` for a keyword, or a use of one, that this interpreter does not know.
    public init(_ document: JSONValue) throws(JSONSchemaFault) {
        root = try Node(document, path: "")
    }

    /// The first fault, or `nil` when the value satisfies the schema.
    public func fault(in value: JSONValue) -> JSONSchemaFault? {
        root.fault(in: value, path: "")
    }
}

extension JSONSchema {
    /// One schema object.
    fileprivate final class Node: Sendable {
        let type: String?
        let constant: JSONValue?
        let options: [JSONValue]?
        let required: [String]
        let properties: JSONObjectOfNodes
        let closed: Bool
        let items: Node?
        let bounds: Bounds
        let unique: Bool
        let pattern: String?
        let format: StringFormat?
        let condition: Node?
        let otherwise: Node?

        init(_ document: JSONValue, path: String) throws(JSONSchemaFault) {
            guard case .object(let object) = document else { throw Self.fault(path, "not an object") }
            for member in object.members where !Self.keywords.contains(member.key) {
                throw Self.fault(path, "unknown keyword \(member.key)")
            }
            type = object["type"]?.string
            constant = object["const"]
            options = object["enum"]?.array
            required = (object["required"]?.array ?? []).compactMap(\.string)
            var nodes = JSONObjectOfNodes()
            if case .object(let properties) = object["properties"] {
                for member in properties.members {
                    nodes.append((member.key, try Node(member.value, path: path + "." + member.key)))
                }
            }
            properties = nodes
            switch object["additionalProperties"] {
            case nil: closed = false
            case .bool(false): closed = true
            default: throw Self.fault(path, "additionalProperties must be false")
            }
            items = try Self.node(object["items"], path: path + "[]")
            bounds = Bounds(object)
            unique = object["uniqueItems"]?.bool ?? false
            pattern = object["pattern"]?.string
            if let pattern {
                guard pattern.hasPrefix("^"), pattern.hasSuffix("$"), (try? Regex(pattern)) != nil else {
                    throw Self.fault(path, "pattern must be anchored and valid")
                }
            }
            if let name = object["format"]?.string {
                guard let format = StringFormat(rawValue: name) else { throw Self.fault(path, "unknown format") }
                self.format = format
            } else {
                format = nil
            }
            condition = try Self.node(object["if"], path: path + "?")
            otherwise = try Self.node(object["else"], path: path + ":")
        }

        private static let keywords: Set<String> = [
            "$schema", "$id", "type", "const", "enum", "required", "properties", "additionalProperties", "items",
            "minimum", "maximum", "minLength", "maxLength", "maxItems", "uniqueItems", "pattern", "format", "if",
            "else",
        ]

        private static func node(_ document: JSONValue?, path: String) throws(JSONSchemaFault) -> Node? {
            guard let document else { return nil }
            return try Node(document, path: path)
        }

        static func fault(_ path: String, _ reason: String) -> JSONSchemaFault {
            JSONSchemaFault(path: path.hasPrefix(".") ? String(path.dropFirst()) : path, reason: reason)
        }
    }

    fileprivate typealias JSONObjectOfNodes = [(key: String, node: Node)]

    fileprivate struct Bounds: Sendable {
        let minimum: Double?
        let maximum: Double?
        let minLength: Int64?
        let maxLength: Int64?
        let maxItems: Int64?

        init(_ object: JSONObject) {
            func number(_ key: String) -> Double? {
                guard case .number(let number) = object[key] else { return nil }
                return number.double
            }
            minimum = number("minimum")
            maximum = number("maximum")
            minLength = object["minLength"]?.integer
            maxLength = object["maxLength"]?.integer
            maxItems = object["maxItems"]?.integer
        }
    }
}

extension JSONSchema.Node {
    func fault(in value: JSONValue, path: String) -> JSONSchemaFault? {
        if let type, !Self.isOf(type, value) { return Self.fault(path, "must be of type \(type)") }
        if let constant, constant != value { return Self.fault(path, "must be \(constant.ascii)") }
        if let options, !options.contains(value) {
            return Self.fault(path, "must be one of \(options.map(\.ascii).joined(separator: ", "))")
        }
        let fault =
            switch value {
            case .object(let object): faultOfObject(object, path: path)
            case .array(let array): faultOfArray(array, path: path)
            case .string(let string): faultOfString(string, path: path)
            case .number(let number): faultOfNumber(number.double, path: path)
            case .null, .bool: nil as JSONSchemaFault?
            }
        if let fault { return fault }
        if let condition, condition.fault(in: value, path: path) != nil, let otherwise {
            return otherwise.fault(in: value, path: path)
        }
        return nil
    }

    private func faultOfObject(_ object: JSONObject, path: String) -> JSONSchemaFault? {
        for key in required where object[key] == nil { return Self.fault(path + "." + key, "is missing") }
        for member in object.members {
            if let (_, node) = properties.first(where: { $0.key.utf8.elementsEqual(member.key.utf8) }) {
                if let fault = node.fault(in: member.value, path: path + "." + member.key) { return fault }
            } else if closed {
                return Self.fault(path, "has a key that the schema does not know\(Self.shown(member.key))")
            }
        }
        return nil
    }

    private func faultOfArray(_ array: [JSONValue], path: String) -> JSONSchemaFault? {
        if let most = bounds.maxItems, array.count > most { return Self.fault(path, "has more than \(most) items") }
        for (index, item) in array.enumerated() {
            if let fault = items?.fault(in: item, path: path + "[\(index)]") { return fault }
            if unique, array[..<index].contains(item) { return Self.fault(path, "names something twice") }
        }
        return nil
    }

    private func faultOfString(_ string: String, path: String) -> JSONSchemaFault? {
        // The specification counts code points (RFC 8259), not what Swift calls characters.
        let count = string.unicodeScalars.count
        if let least = bounds.minLength, count < least { return Self.fault(path, "is shorter than \(least)") }
        if let most = bounds.maxLength, count > most { return Self.fault(path, "is longer than \(most) characters") }
        if let format, !format.matches(string) { return Self.fault(path, "is no \(format.rawValue)") }
        if let pattern {
            let regex = try? Regex(String(pattern.dropFirst().dropLast())).matchingSemantics(.unicodeScalar)
            guard let regex, (try? regex.wholeMatch(in: string)) != nil else {
                return Self.fault(path, "does not match \(pattern)")
            }
        }
        return nil
    }

    private func faultOfNumber(_ number: Double, path: String) -> JSONSchemaFault? {
        if let least = bounds.minimum, number < least { return Self.fault(path, "is less than \(least)") }
        if let most = bounds.maximum, number > most { return Self.fault(path, "is more than \(most)") }
        return nil
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null),
            ("number", .number):
            true
        case ("integer", .number(let number)): number.integer != nil
        default: false
        }
    }

    /// A mistyped key helps whoever typed it, but only a plain word is repeated.
    private static func shown(_ key: String) -> String {
        let isPlain =
            (1...40).contains(key.utf8.count)
            && key.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        return isPlain ? ": \(key)" : ""
    }
}
