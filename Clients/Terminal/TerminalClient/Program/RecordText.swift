import DeviceKit
import Statements

/// A call record for people, in the screen's order and words: the number to call, who, why, what must not be given, then the
/// rest, and what only machines need at the end.
enum RecordText {
    /// Where nobody looks at the lines' ends: none is broken.
    static let standardColumns = 10_000
    private static let nameColumns = 13

    /// - Parameter at: When it was written: ages are told by it.
    static func text(_ record: JSONValue, at: Timestamp, columns: Int = standardColumns) -> String {
        let lines = RecordPainter(record, columns: columns, at: at).lines + ids(record, columns)
        return lines.map(plain).joined(separator: "\n")
    }

    private static func ids(_ record: JSONValue, _ columns: Int) -> [StyledLine] {
        let ids = [
            ("RECORD", record["record_id"]), ("PATIENT ID", record["patient"]?["fhir_ref"]),
            ("MRN OF", record["patient"]?["mrn"]?["system"]), ("PRACTICE ID", record["practice"]?["id"]),
        ]
        return [.empty]
            + ids.flatMap { name, value -> [StyledLine] in
                guard let text = RecordPainter.text(value) else { return [] }
                return StyledLine.field(name, text, nameColumns: nameColumns, columns: columns)
            }
    }

    private static func plain(_ line: StyledLine) -> String {
        var text = line.pieces.map(\.text).joined()
        while text.last == " " { text.removeLast() }
        return text
    }
}
