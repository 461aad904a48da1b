import Secrets
public import Statements

/// What an auditor may learn of a message without opening it: whom it is about, never what it says.
public struct CapsuleContent: Sendable, Equatable {
    /// 1,023: with its padding mark the capsule fits its bucket.
    public static let maximumByteCount = 1_023

    public let recordID: String?
    public let patient: String?
    public let practice: String?
    public let category: String?
    public let operatorID: String?
    /// SHA-256 of the content's plaintext, in hex.
    public let contentHash: String

    /// The capsule of a content.
    /// - Parameters:
    ///   - plaintext: What is sealed, where that is more than the content: a text with attachments.
    ///   - patient: Whom a text is about; a record says it itself.
    /// - Throws: ``DeviceKitError`` when the identifiers are too long for a capsule.
    public init(
        of content: MessageContent, plaintext sealed: [UInt8]? = nil, patient: String?
    ) throws(DeviceKitError) {
        contentHash = Digest.sha256(sealed ?? content.plaintext).hex
        let subject = if case .handOff(let handOff) = content { handOff.innermost } else { content as MessageContent? }
        switch subject {
        case .record(let record)?:
            recordID = record.recordID
            self.patient = record.patientID
            practice = record.practice
            category = record.category
            operatorID = record.operatorID
        case .text, .reply, .handOff, nil:
            recordID = nil
            self.patient = patient
            practice = nil
            category = nil
            operatorID = nil
        }
        guard plaintext.count <= Self.maximumByteCount else {
            throw DeviceKitError(
                "capsule_too_long", .usage, "the identifiers for the audit capsule have more than 1,023 bytes together",
                next: "shorten the patient, practice or operator identifier")
        }
    }

    /// Reads what was sealed.
    /// - Returns: `nil` unless it is a capsule as Protocol.md has it. There is no second reader: what an audit judges, an index
    ///   finds and a recipient compares is one text.
    public init?(plaintext: [UInt8]) {
        guard case .object(let object) = try? JSONParser.parse(plaintext), let hash = object["sha256"]?.string,
            Digest(hex: Array(hash.utf8)) != nil,
            object.members.allSatisfy({ Self.keys.contains($0.key) && $0.value.string != nil })
        else { return nil }
        recordID = object["record_id"]?.string
        patient = object["patient"]?.string
        practice = object["practice"]?.string
        category = object["category"]?.string
        operatorID = object["operator"]?.string
        contentHash = hash
    }

    /// Whether what was sealed is a capsule: for an audit, which reads none itself.
    @Sendable public static func isCapsule(_ plaintext: [UInt8]) -> Bool { CapsuleContent(plaintext: plaintext) != nil }

    private static let keys: Set<String> = ["record_id", "patient", "practice", "category", "operator", "sha256"]

    /// One UTF-8 JSON object; what is unknown is absent.
    public var plaintext: [UInt8] { document.bytes }

    /// The same as a value.
    public var document: JSONValue {
        var object = JSONObject()
        object.set("record_id", ifPresent: recordID.map { .string($0) })
        object.set("patient", ifPresent: patient.map { .string($0) })
        object.set("practice", ifPresent: practice.map { .string($0) })
        object.set("category", ifPresent: category.map { .string($0) })
        object.set("operator", ifPresent: operatorID.map { .string($0) })
        object.set("sha256", to: .string(contentHash))
        return .object(object)
    }

    /// What a recipient says about a capsule that it opened.
    ///
    /// A record must give every field of the capsule, also one that was handed on. A text or a reply says nothing of the
    /// patient: there the hash is compared, and that the capsule claims no record.
    /// - Parameter plaintext: The content as it was opened.
    public func verdict(on plaintext: [UInt8]) -> CapsuleVerdict {
        guard contentHash == Digest.sha256(plaintext).hex else { return .differs }
        guard let content = MessageContent(plaintext: plaintext) else {
            // A hash that fits, of something that is no record: there is nothing to compare the names with.
            return recordID == nil && category == nil ? .agrees : .differs
        }
        guard let expected = try? CapsuleContent(of: content, plaintext: plaintext, patient: patient) else {
            return .differs
        }
        return Self.isSame(expected.document, document) ? .agrees : .differs
    }

    /// Byte for byte: `String` equality takes canonically equivalent names for one.
    private static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool { left.bytes == right.bytes }
}
