/// A shape that writes its own JSON: the answers that every message needs. The bytes are those of its `Encodable` form
/// (keys in order, no optional member that is absent), for a fraction of the general encoder's price.
protocol JSONWritable {
    func write(to json: inout JSONText)
}

/// JSON as it is written (RFC 8259), member by member in the order of their names.
struct JSONText {
    private(set) var bytes: [UInt8] = []

    init(reservingCapacity count: Int = 2_048) { bytes.reserveCapacity(count) }

    mutating func object(_ members: (inout JSONText) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        members(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func member(_ name: String, _ value: String) {
        begin(name)
        string(value)
    }

    /// Nothing when there is no value.
    mutating func member(_ name: String, _ value: String?) {
        if let value { member(name, value) }
    }

    mutating func member(_ name: String, _ value: UInt64) {
        begin(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func member(_ name: String, _ value: some JSONWritable) {
        begin(name)
        value.write(to: &self)
    }

    mutating func member(_ name: String, _ values: [String]) {
        begin(name)
        array(values) { $0.string($1) }
    }

    mutating func member(_ name: String, _ values: [some JSONWritable]) {
        begin(name)
        array(values) { $1.write(to: &$0) }
    }

    /// A value that is JSON already.
    mutating func member(_ name: String, encoded value: [UInt8]) {
        begin(name)
        bytes.append(contentsOf: value)
    }

    private mutating func begin(_ name: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func array<Value>(_ values: [Value], _ element: (inout JSONText, Value) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (place, value) in values.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            element(&self, value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // What needs no escape is appended in runs.
            var start = 0
            for index in utf8.indices {
                guard let escape = unsafe Self.escape(utf8[index]) else { continue }
                unsafe bytes.append(contentsOf: utf8[start..<index])
                bytes.append(contentsOf: escape.utf8)
                start = index + 1
            }
            unsafe bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0C: "\\f"
        case 0x0D: "\\r"
        case 0..<0x10: "\\u000" + String(byte, radix: 16)
        case 0x10..<0x20: "\\u00" + String(byte, radix: 16)
        default: nil
        }
    }
}

extension LoggedEntry: JSONWritable {
    func write(to json: inout JSONText) {
        json.object {
            $0.member("consistency", consistency)
            $0.member("entry", entry)
            $0.member("index", index)
            $0.member("log", log)
            $0.member("proof", proof)
        }
    }
}

extension HeadAnswer: JSONWritable {
    func write(to json: inout JSONText) {
        json.object {
            $0.member("activity", activity)
            $0.member("activity_consistency", activityConsistency)
            $0.member("head", head)
            $0.member("roster", roster)
            $0.member("roster_consistency", rosterConsistency)
        }
    }
}

extension PrekeyShape: JSONWritable {
    func write(to json: inout JSONText) {
        json.object {
            $0.member("signature", signature)
            $0.member("text", text)
        }
    }
}

extension ClaimAnswer.Claimed: JSONWritable {
    func write(to json: inout JSONText) {
        json.object {
            $0.member("device", device)
            if let prekey { $0.member("prekey", prekey) }
            $0.member("without", without)
        }
    }
}

extension ClaimAnswer: JSONWritable {
    func write(to json: inout JSONText) {
        json.object {
            $0.member("head", head)
            $0.member("prekeys", prekeys)
        }
    }
}

extension ReceiptsAnswer: JSONWritable {
    func write(to json: inout JSONText) {
        json.object {
            $0.member("logged", logged)
            if let refused { $0.member("refused", encoded: APIJSON.encode(refused)) }
        }
    }
}

extension QueueItem: JSONWritable {
    func write(to json: inout JSONText) {
        json.object {
            $0.member("alert", alert)
            $0.member("capsule", capsule)
            $0.member("content", content)
            $0.member("entry", entry)
            $0.member("number", number)
            $0.member("sealed_key", sealedKey)
        }
    }
}
