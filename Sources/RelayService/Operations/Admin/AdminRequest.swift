import Foundation

/// What an operator's command asks of a running relay. On the socket: `{"request":"check"}` and a line feed.
public enum AdminRequest: String, Sendable, CaseIterable {
    /// Make a one-time founding code.
    case foundingCode = "founding-code"
    /// Recompute every log and compare it with what was signed; look for every sealed attachment.
    case check
    /// The same, and read every sealed attachment.
    case checkAll = "check-all"

    private struct Wire: Codable {
        let request: String
    }

    /// Parses one line without its line feed; `nil` for anything else than one of these.
    init?(parsing line: [UInt8]) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(line)) else { return nil }
        self.init(rawValue: wire.request)
    }

    /// The line with its line feed.
    var line: [UInt8] { Array("{\"request\":\"\(rawValue)\"}\n".utf8) }
}
