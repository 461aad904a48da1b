import Foundation

/// JSON as the API writes and reads it.
public enum APIJSON {
    public static func encode(_ value: some Encodable) -> [UInt8] {
        if let value = value as? any JSONWritable {
            var text = JSONText()
            value.write(to: &text)
            return text.bytes
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Our shapes hold strings, integers and arrays of these: there is nothing that can fail to encode.
        return Array(try! encoder.encode(value))
    }

    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
