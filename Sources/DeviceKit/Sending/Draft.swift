import Secrets
public import Statements

/// What a person asks to be sent.
public struct Draft: Sendable {
    public let member: MemberID
    public let urgency: Urgency
    /// From now; the policy's default when `nil`.
    public let lifeSeconds: UInt64?
    public let content: MessageContent
    /// Whom a text is about, for the capsule.
    public let patient: String?

    public init(
        member: MemberID, urgency: Urgency, lifeSeconds: UInt64?, content: MessageContent, patient: String?
    ) {
        self.member = member
        self.urgency = urgency
        self.lifeSeconds = lifeSeconds
        self.content = content
        self.patient = patient
    }

    /// As it is stored.
    var bytes: [UInt8] {
        var object = JSONObject()
        object.set("member", to: .text(member))
        object.set("urgency", to: .string(urgency.rawValue))
        object.set("life", ifPresent: lifeSeconds.map { .integer($0) })
        object.set("patient", ifPresent: patient.map { .string($0) })
        object.set("content", to: content.document)
        return JSONValue.object(object).bytes
    }

    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONParser.parse(bytes),
            let member = document["member"]?.string.flatMap({ MemberID($0) }),
            let urgency = document["urgency"]?.string.flatMap(Urgency.init(rawValue:)),
            let content = document["content"].flatMap({ MessageContent(plaintext: $0.bytes) })
        else { return nil }
        self.init(
            member: member, urgency: urgency, lifeSeconds: document["life"]?.integer.map { UInt64($0) },
            content: content, patient: document["patient"]?.string)
    }

    /// Whether a repeated command means the message that this draft became: the same call record to the same member, or,
    /// while an earlier command has not told its outcome, the very same words.
    func isRepeated(by other: Draft, wasReported: Bool) -> Bool {
        if case .record(let own) = content, case .record(let theirs) = other.content {
            return member == other.member && own.recordID == theirs.recordID && bytes == other.bytes
        }
        return !wasReported && bytes == other.bytes
    }
}
