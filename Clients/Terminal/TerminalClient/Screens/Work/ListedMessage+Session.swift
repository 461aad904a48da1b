import DeviceKit
import Membership
import Statements

extension ListedMessage {
    init(_ message: InboxMessage, _ session: DeviceSession) { self.init(message, MemberNames(session), unproven: nil) }

    private init(_ message: InboxMessage, _ names: MemberNames, unproven: ReceiptAction?) {
        self.init(
            id: message.message, urgency: message.urgency, from: names.sender(of: message), at: message.at,
            expires: message.expires, state: message.state, isVerified: message.isVerified,
            quarantine: message.quarantine, unproven: unproven)
    }

    /// Everything that is stored.
    static func all(_ session: DeviceSession) throws -> [ListedMessage] {
        let unproven = try session.unprovenAnswers()
        let names = MemberNames(session)
        return try session.inbox().map { ListedMessage($0, names, unproven: unproven[$0.message]) }
    }
}

extension UnsentWords {
    init(_ kept: KeptMessage, _ session: DeviceSession) {
        self.init(kept: kept, to: session.view.member(kept.member)?.name.description ?? kept.member.description)
    }
}

extension MessagePeople {
    init(_ message: MessageID, _ session: DeviceSession) throws {
        self.init(
            about: message, answersTo: try session.whoGetsReply(to: message)?.name.description,
            colleagues: try session.colleagues(for: message).map { member in
                Colleague(
                    id: member.id, name: member.name.description,
                    roles: member.roles.sorted().map(\.rawValue).joined(separator: ", "))
            })
    }
}

extension ScreenPerson {
    init(_ session: DeviceSession) {
        let view = session.view
        let member = view.member(session.identity.member)
        self.init(
            member: member?.name.description ?? session.identity.member.description,
            roles: (member?.roles.sorted() ?? []).map(\.rawValue),
            organisation: session.roster.genesis.name.description,
            relay: session.identity.relay, policy: view.policy)
    }
}

extension ShownMessage {
    /// - Returns: What a message says, in the form in which it is shown.
    init(_ message: StoredMessage, files: [String]) {
        id = message.listed.message
        self.files = files
        broken = message.broken
        if let reason = message.listed.quarantine {
            body = .quarantined(reason)
        } else {
            let content = message.content ?? []
            body =
                switch MessageContent(plaintext: content) {
                case .record(let record): .record(record.document)
                case .text(let text): .text(text)
                case .reply(let reply): .text(ContentText.human(reply))
                case .handOff(let handOff):
                    if case .record(let record)? = handOff.innermost {
                        .record(record.document)
                    } else if case .text(let text)? = handOff.innermost {
                        .text(text)
                    } else {
                        .raw(handOff.originalText)
                    }
                case nil: .raw(String(decoding: content, as: UTF8.self))
                }
        }
    }
}
