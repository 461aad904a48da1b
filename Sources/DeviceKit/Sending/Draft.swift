import Secrets
public import Statements

/// What a person asks to be sent.
public struct Draft: Sendable {
    public let member: MemberID
    public let urgency: Urgency
    /// From now; the policy's default when `nil`.
    public let lifeSeconds: UInt64?
    public let content: MessageContent
    /// What the content says of its files, in their order.
    public let attachments: [AttachmentDescription]
    let files: [OutgoingFile]
    /// Whom a text is about, for the capsule.
    public let patient: String?
    /// What it answers or carries on.
    let reference: Manifest.Reference?

    public init(
        member: MemberID, urgency: Urgency, lifeSeconds: UInt64?, content: MessageContent, patient: String?
    ) {
        self.init(
            member: member, urgency: urgency, lifeSeconds: lifeSeconds, content: content, patient: patient,
            attachments: AttachmentDescription.list(in: content.document) ?? [], files: [], reference: nil)
    }

    /// An answer, or a message that is carried on.
    init(
        member: MemberID, urgency: Urgency, lifeSeconds: UInt64?, content: MessageContent, patient: String?,
        reference: Manifest.Reference?
    ) {
        self.init(
            member: member, urgency: urgency, lifeSeconds: lifeSeconds, content: content, patient: patient,
            attachments: [], files: [], reference: reference)
    }

    /// With files.
    /// - Throws: ``DeviceKitError`` when they are too many, or not those that a record lists, and when no question would find whom
    ///   it is about.
    public init(
        member: MemberID, urgency: Urgency, lifeSeconds: UInt64?, content: MessageContent, patient: String?,
        files: [OutgoingFile]
    ) throws(DeviceKitError) {
        try PatientName.check(content.patientID ?? patient)
        let (content, files) = try content.naming(files)
        let listed = AttachmentDescription.list(in: content.document) ?? []
        self.init(
            member: member, urgency: urgency, lifeSeconds: lifeSeconds, content: content, patient: patient,
            attachments: listed.isEmpty ? files.enumerated().map { $1.description(index: $0) } : listed, files: files,
            reference: nil)
        guard plaintext.count <= MessageContent.maximumByteCount else {
            throw DeviceKitError(
                "content_too_long", .usage,
                "with the list of its files the content has \(plaintext.count) bytes, and at most 65,535 can be sealed",
                next: "shorten it")
        }
    }

    private init(
        member: MemberID, urgency: Urgency, lifeSeconds: UInt64?, content: MessageContent, patient: String?,
        attachments: [AttachmentDescription], files: [OutgoingFile], reference: Manifest.Reference?
    ) {
        self.member = member
        self.urgency = urgency
        self.lifeSeconds = lifeSeconds
        self.content = content
        self.patient = patient
        self.attachments = attachments
        self.files = files
        self.reference = reference
    }

    /// What is sealed: one UTF-8 JSON object.
    var plaintext: [UInt8] { content.document(with: attachments).bytes }

    /// As it is stored.
    var bytes: [UInt8] {
        var object = JSONObject()
        object.set("member", to: .text(member))
        object.set("urgency", to: .string(urgency.rawValue))
        object.set("life", ifPresent: lifeSeconds.map { .integer($0) })
        object.set("patient", ifPresent: patient.map { .string($0) })
        switch reference {
        case .inReplyTo(let message): object.set("in_reply_to", to: .text(message))
        case .forwardOf(let message): object.set("forward_of", to: .text(message))
        case nil: break
        }
        object.set("content", to: content.document(with: attachments))
        return JSONValue.object(object).bytes
    }

    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONParser.parse(bytes),
            let member = document["member"]?.string.flatMap({ MemberID($0) }),
            let urgency = document["urgency"]?.string.flatMap(Urgency.init(rawValue:)),
            let sealed = document["content"], let content = MessageContent(plaintext: sealed.bytes),
            let attachments = AttachmentDescription.list(in: sealed)
        else { return nil }
        self.init(
            member: member, urgency: urgency, lifeSeconds: document["life"]?.integer.map { UInt64($0) },
            content: content, patient: document["patient"]?.string, attachments: attachments,
            files: [],
            reference: document["in_reply_to"]?.string.flatMap { MessageID($0) }.map { .inReplyTo($0) }
                ?? document["forward_of"]?.string.flatMap { MessageID($0) }.map { .forwardOf($0) })
    }

    /// Whether a repeated command means the message that this draft became: the same call record to the same member, the
    /// same message handed to the same member, the words of the same receipt, or, while an earlier command has not told its
    /// outcome, the very same words.
    func isRepeated(by other: Draft, wasReported: Bool) -> Bool {
        if case .forwardOf = reference { return reference == other.reference && member == other.member }
        if case .reply(let reply) = content, reply.receipt != nil { return bytes == other.bytes }
        if case .record(let own) = content, case .record(let theirs) = other.content {
            return member == other.member && own.recordID == theirs.recordID && bytes == other.bytes
        }
        return !wasReported && bytes == other.bytes
    }
}
