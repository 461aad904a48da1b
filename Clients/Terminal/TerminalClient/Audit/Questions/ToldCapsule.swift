import DeviceKit

/// What one message's capsule names, or why nobody can say it here.
struct ToldCapsule {
    private let capsule: IndexedCapsule

    init(_ capsule: IndexedCapsule) { self.capsule = capsule }

    /// `state` is `opened`, `none`, `closed` (with `audit_key`) or `not_opened` (with the finding's `code`).
    var document: JSONValue {
        var object = JSONObject()
        if let content = capsule.content {
            object.set("state", to: .string(IndexedCapsule.opened))
            object.set("patient", to: .text(orNull: content.patient))
            Self.describe(content, in: &object)
        } else if let key = capsule.closedKey {
            object.set("state", to: "closed")
            object.set("audit_key", to: .text(key))
        } else if capsule.state == IndexedCapsule.none {
            object.set("state", to: .string(IndexedCapsule.none))
        } else {
            object.set("state", to: "not_opened")
            object.set("code", to: .string(capsule.state))
        }
        return .object(object)
    }

    /// All that a capsule names but the patient.
    static func describe(_ content: CapsuleContent, in object: inout JSONObject) {
        object.set("record_id", to: .text(orNull: content.recordID))
        object.set("practice", to: .text(orNull: content.practice))
        object.set("category", to: .text(orNull: content.category))
        object.set("operator", to: .text(orNull: content.operatorID))
        object.set("sha256", to: .string(content.contentHash))
    }

    /// One line.
    var words: String {
        if let content = capsule.content { return Self.line(content) }
        if let key = capsule.closedKey { return "sealed to the audit key \(key), which this device does not hold" }
        if capsule.state == IndexedCapsule.none {
            return "none: it was sent before there was an audit key, or while none was in force"
        }
        return "does not open: \(capsule.state)"
    }

    /// All that a capsule names, in words.
    static func line(_ content: CapsuleContent) -> String {
        let patient = content.patient.map { "patient \(SafeText.line($0))" } ?? "names no patient"
        let rest = words(content)
        return rest.isEmpty ? patient : "\(patient), \(rest)"
    }

    /// All that a capsule names but the patient, in words; empty when it names nothing else.
    static func words(_ content: CapsuleContent) -> String {
        let parts = [
            content.recordID.map { "record \($0)" }, content.category, content.practice.map { "practice \($0)" },
            content.operatorID.map { "taken by \($0)" },
        ]
        return parts.compactMap { $0 }.map { SafeText.line($0) }.joined(separator: ", ")
    }

    /// For a table: whom it is about, or why nobody can say.
    var patient: String {
        if let content = capsule.content { return content.patient ?? "(names nobody)" }
        if capsule.closedKey != nil { return "(closed)" }
        return capsule.state == IndexedCapsule.none ? "(no capsule)" : "(\(capsule.state))"
    }

    var practice: String { capsule.content?.practice ?? "" }
}
