import Foundation
import Statements

/// What a running relay answers to an ``AdminRequest``, as one line of JSON.
public enum AdminResponse: Sendable {
    case foundingCode(IssuedFoundingCode)
    case check(CheckReport)
    /// With the code, message and next step that the operator is shown.
    case refused(OperationsError)

    /// One of the three is there.
    private struct Wire: Codable {
        struct Code: Codable {
            let code: String
            let expires: String
        }

        struct Refusal: Codable {
            let code: String
            let message: String
            let next: String
        }

        var founding_code: Code?
        var check: CheckReport?
        var error: Refusal?
    }

    /// Parses one line without its line feed; `nil` when it is none of ours.
    init?(parsing line: [UInt8]) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(line)) else { return nil }
        if let issued = wire.founding_code {
            guard let code = FoundingCode(issued.code), let expires = Timestamp(Array(issued.expires.utf8)) else {
                return nil
            }
            self = .foundingCode(IssuedFoundingCode(code: code, expires: expires))
        } else if let check = wire.check {
            self = .check(check)
        } else if let error = wire.error {
            self = .refused(OperationsError(.init(rawValue: error.code), error.message, next: error.next))
        } else {
            return nil
        }
    }

    /// The line with its line feed. It holds a founding code in clear: it goes to the socket and nowhere else.
    func line() throws -> [UInt8] {
        var wire = Wire()
        switch self {
        case .foundingCode(let issued):
            wire.founding_code = Wire.Code(code: issued.code.exposed(), expires: issued.expires.description)
        case .check(let report): wire.check = report
        case .refused(let error):
            wire.error = Wire.Refusal(code: error.code.rawValue, message: error.message, next: error.next)
        }
        // Compact, and with line feeds escaped: always one line.
        return Array(try JSONEncoder().encode(wire)) + [UInt8(ascii: "\n")]
    }
}
