public import Statements

/// Why bytes are no call record.
public struct CallRecordError: Error, Sendable, CustomStringConvertible {
    public let description: String
}

/// A call record that satisfies ``CallRecordSchema``.
public struct CallRecord: Sendable, Equatable {
    /// The whole record.
    public let document: JSONValue

    /// - Throws: ``CallRecordError`` with the first fault.
    public init(parsing bytes: [UInt8]) throws(CallRecordError) {
        let document: JSONValue
        do {
            document = try JSONParser.parse(bytes)
        } catch {
            throw CallRecordError(description: error.place(in: bytes))
        }
        if let fault = CallRecordSchema.schema.fault(in: document) {
            throw CallRecordError(description: fault.description)
        }
        self.document = document
    }

    /// The idempotency key from intake to chart.
    public var recordID: String { document["record_id"]?.string ?? "" }
    /// The practice's id.
    public var practice: String { document["practice"]?["id"]?.string ?? "" }
    /// One of the schema's categories.
    public var category: String { document["request"]?["category"]?.string ?? "" }
    /// Why they called.
    public var reason: String { document["request"]?["reason"]?.string ?? "" }
    /// As it was triaged.
    public var urgency: Urgency? { Self.urgency(of: document) }
    /// As the call in a record's document was triaged.
    public static func urgency(of document: JSONValue) -> Urgency? {
        document["triage"]?["urgency"]?.string.flatMap(Urgency.init(rawValue:))
    }
    /// Who took the call, when it was a person with an id.
    public var operatorID: String? { document["intake"]?["operator_id"]?.string }
    /// The medical record number, or the FHIR reference.
    public var patientID: String? {
        // A platform that has none may write blanks. They name nobody, and are no reason to hold a message back.
        [document["patient"]?["mrn"]?["value"]?.string, document["patient"]?["fhir_ref"]?.string].lazy
            .compactMap { $0 }.first { PatientName($0) != nil }
    }
}
