import Membership
import RelayStorage
import Statements

/// What the relay's own tables say of a message that another answers or carries on.
enum References {
    /// For the rules of a manifest.
    static func reference(of manifest: Manifest, in reader: any RelayReader) throws -> Reference {
        guard let id = manifest.reference?.message else { return .absent }
        let organisation = manifest.organisation
        guard let message = try reader.message(id, of: organisation),
            let bytes = try reader.entry(message.index, in: .activity, of: organisation),
            case .manifest(let referred, _) = try ActivityStatement(parsing: Entry(parsing: bytes).body)
        else { return .absent }
        return .logged(ReferredMessage(referred, senders: try senders(of: message, in: reader, of: organisation)))
    }

    /// The member that sent a message, and those that sent what it carries on, the nearest first.
    static func senders(
        of message: StoredMessage, in reader: any RelayReader, of organisation: OrganisationID
    ) throws -> [MemberID] {
        var senders = [message.senderMember]
        var next = message.reference
        while case .forwardOf(let id) = next, let carried = try reader.message(id, of: organisation) {
            senders.append(carried.senderMember)
            next = carried.reference
        }
        return senders
    }

    /// Each once, without one of them.
    static func others(_ members: [MemberID], than member: MemberID) -> [MemberID] {
        var met: Set<MemberID> = [member]
        return members.filter { met.insert($0).inserted }
    }
}
