import Secrets
import Statements

/// A message as a store keeps it. Whatever lives longer than the entry that brought it stands here: else a later run would
/// not know of it.
extension AuditedMessage {
    var record: [UInt8] {
        var writer = RecordWriter()
        writer.put(message)
        writer.put(index)
        writer.put(manifest)
        writer.put(sender)
        writer.put(senderMember) { $0.put($1) }
        writer.put(member)
        writer.put(reference) { writer, reference in
            switch reference {
            case .inReplyTo(let message):
                writer.put(true)
                writer.put(message)
            case .forwardOf(let message):
                writer.put(false)
                writer.put(message)
            }
        }
        writer.put(senders) { $0.put($1) }
        writer.put(forwarders.sorted()) { $0.put($1) }
        writer.put(logged)
        writer.put(signed: at.milliseconds(since: logged))
        writer.put(signed: expires.milliseconds(since: logged))
        writer.put(urgency.rawValue)
        writer.put(recipients) { writer, recipient in
            writer.put(recipient.device)
            writer.put(recipient.isServed)
            writer.put(recipient.isDelivered)
            writer.put(recipient.isUndeliverable)
        }
        writer.put(without) { writer, without in
            writer.put(without.device)
            writer.put(without.reason.rawValue)
        }
        writer.put(hasCapsule)
        writer.put(state.rawValue)
        for flag in [isAcknowledged, isOpened, isUnanswered, isSound, isUnexplained] { writer.put(flag) }
        writer.put(over) { $0.put(signed: $1.milliseconds(since: logged)) }
        writer.put(facts) { $1.write(to: &$0, of: self) }
        return writer.bytes
    }

    init(record: [UInt8]) throws(AuditError) {
        var reader = RecordReader(record)
        message = try reader.identifier()
        index = try reader.integer()
        manifest = try reader.digest()
        sender = try reader.identifier()
        senderMember = try reader.optional { (reader) throws(AuditError) in try reader.identifier() }
        member = try reader.identifier()
        reference = try reader.optional { (reader) throws(AuditError) in
            try reader.flag() ? .inReplyTo(try reader.identifier()) : .forwardOf(try reader.identifier())
        }
        senders = try reader.list { (reader) throws(AuditError) in try reader.identifier() }
        forwarders = Set(try reader.list { (reader) throws(AuditError) in try reader.identifier() as MemberID })
        logged = try reader.time()
        at = logged.adding(milliseconds: try reader.signed())
        expires = logged.adding(milliseconds: try reader.signed())
        urgency = try reader.word()
        recipients = try reader.list { (reader) throws(AuditError) in
            var recipient = Recipient(try reader.identifier())
            recipient.isServed = try reader.flag()
            recipient.isDelivered = try reader.flag()
            recipient.isUndeliverable = try reader.flag()
            return recipient
        }
        without = try reader.list { (reader) throws(AuditError) in
            Manifest.Without(device: try reader.identifier(), reason: try reader.word())
        }
        hasCapsule = try reader.flag()
        state = try reader.word()
        isAcknowledged = try reader.flag()
        isOpened = try reader.flag()
        isUnanswered = try reader.flag()
        isSound = try reader.flag()
        isUnexplained = try reader.flag()
        let over = try reader.optional { (reader) throws(AuditError) in try reader.signed() }
        self.over = over.map { [logged] in logged.adding(milliseconds: $0) }
        facts = []
        facts = try reader.list { (reader) throws(AuditError) in try Fact(from: &reader, of: self) }
        try reader.end()
    }

    /// Stands where a store could not give a message; nothing of it is ever told.
    static let unread: AuditedMessage = {
        let zeros = [UInt8](repeating: 0, count: 20)
        let time = Timestamp(milliseconds: 0)
        return AuditedMessage(
            message: MessageID(bytes: zeros.prefix(MessageKind.byteCount)), index: 0, manifest: .zero,
            sender: DeviceID(bytes: zeros.prefix(DeviceKind.byteCount)), senderMember: nil,
            member: MemberID(bytes: zeros.prefix(MemberKind.byteCount)), reference: nil, senders: [], at: time,
            logged: time, expires: time, urgency: .routine, recipients: [], without: [], hasCapsule: false,
            facts: [])
    }()
}

extension AuditedMessage.Fact {
    /// Most facts are of a recipient, and follow each other soon: those are told by few bytes.
    func write(to writer: inout RecordWriter, of message: AuditedMessage) {
        writer.put(word)
        writer.put(reason) { $0.put($1) }
        let place = message.recipients.firstIndex { $0.device == device }
        writer.put(place.map { $0 + 2 } ?? (device == nil ? 0 : 1))
        if place == nil, let device { writer.put(device) }
        writer.put(member == message.member)
        if member != message.member { writer.put(member) { $0.put($1) } }
        writer.put(signed: logged.milliseconds(since: message.logged))
        writer.put(signed: at.milliseconds(since: logged))
        writer.put(signed: Int64(index) - Int64(message.index))
    }

    init(from reader: inout RecordReader, of message: AuditedMessage) throws(AuditError) {
        word = try reader.text()
        reason = try reader.optional { (reader) throws(AuditError) in try reader.text() }
        switch try reader.count() {
        case 0: device = nil
        case 1: device = try reader.identifier()
        case let place:
            guard place - 2 < message.recipients.count else { throw RecordReader.damaged }
            device = message.recipients[place - 2].device
        }
        member =
            try reader.flag()
            ? message.member : try reader.optional { (reader) throws(AuditError) in try reader.identifier() }
        logged = message.logged.adding(milliseconds: try reader.signed())
        at = logged.adding(milliseconds: try reader.signed())
        let (place, isOver) = Int64(message.index).addingReportingOverflow(try reader.signed())
        guard !isOver, place >= 0 else { throw RecordReader.damaged }
        index = UInt64(place)
    }
}
