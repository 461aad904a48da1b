import DeviceKit
import Membership
import Statements

extension ListedMessage {
    init(_ message: InboxMessage, _ session: DeviceSession, unproven: ReceiptAction? = nil) {
        let link = (try? session.reference(of: message.message)).flatMap { $0 }
        self.init(message, from: InboxCommand.sender(message, session), link, session, unproven: unproven)
    }

    private init(
        _ message: InboxMessage, from sender: String, _ link: (reference: Manifest.Reference, root: MessageID)?,
        _ session: DeviceSession, unproven: ReceiptAction?
    ) {
        self.init(
            id: message.message, urgency: message.urgency, from: sender, at: message.at,
            expires: message.expires, state: message.state, isVerified: message.isVerified,
            quarantine: message.quarantine, unproven: unproven,
            place: link.map { Place(root: $0.root, isReply: InboxCommand.isReply($0)) })
        if needsAnswer, case .forwardOf? = link?.reference { firstSent = Self.firstSent(id, session) }
        if state == "handed_off" { isTakenBack = (try? session.isTakenBack(id)) ?? false }
        // Without these, nothing is brought up again, and everything else is as it was.
        if isTaken { taken = (try? session.takenUp(id)).flatMap { $0 } }
        saidElsewhere = (try? session.actElsewhere(on: message)).flatMap { $0 }
        guard isHandedOn, let forwards = try? session.forwards(of: id), let deciding = forwards.deciding else { return }
        let wasTakenUp = (try? session.takenUp(id)).flatMap { $0 } != nil
        let waitsSince = wasTakenUp ? nil : at
        if let (forward, fact) = forwards.takenBack {
            // Whoever was asked in between has it again.
            carriedOn = CarriedOn(forward, state: fact.action, waitsSince: waitsSince, session)
        } else {
            carriedOn = CarriedOn(deciding, state: deciding.state, waitsSince: waitsSince, session)
        }
    }

    private static func firstSent(_ id: MessageID, _ session: DeviceSession) -> FirstSent? {
        guard let words = try? session.words(of: id), case .handOff(let handOff) = words,
            let original = HandOffPath(handOff, session.view).hands.last?.original
        else { return nil }
        return FirstSent(from: original.from, at: original.at, expires: original.expires)
    }

    /// Everything that is stored.
    static func all(_ session: DeviceSession) throws -> [ListedMessage] {
        try list(try session.inbox(), try session.references(), session)
    }

    /// The same for whoever has the list in hand.
    static func list(
        _ messages: [InboxMessage], _ references: InboxCommand.References, _ session: DeviceSession
    ) throws -> [ListedMessage] {
        let unproven = try session.unprovenAnswers()
        let names = MemberNames(session.view)
        return messages.map { message in
            let id = message.message
            return ListedMessage(
                message, from: names.sender(of: message), references[id], session, unproven: unproven[id])
        }
    }
}

extension CarriedOn {
    init(_ forward: SentForward, state: String, waitsSince: Timestamp?, _ session: DeviceSession) {
        self.init(
            to: session.view.displayName(of: forward.to), state: state,
            since: forward.facts.last { $0.action == state }?.at ?? forward.at, at: forward.at,
            expires: forward.expires, waitsSince: waitsSince,
            declinedFor: forward.facts.last { $0.action == "declined" }?.reason.flatMap(ReceiptReason.init))
    }
}

extension UnsentWords {
    init(_ kept: KeptMessage, _ session: DeviceSession) {
        self.init(kept: kept, to: session.view.displayName(of: kept.member))
    }
}

extension MessagePeople {
    init(_ message: MessageID, _ session: DeviceSession) throws {
        let declined = try session.whoDeclined(message)
        self.init(
            about: message, answersTo: try session.whoGetsReply(to: message)?.name.description,
            colleagues: try session.colleagues(for: message).map { member in
                Colleague(
                    id: member.id, name: member.name.description,
                    roles: RoleWords.list(member.roles),
                    hasDeclined: declined.contains(member.id))
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
    init(_ message: StoredMessage, files: [String], thread: [ThreadEntry], news: Set<MessageID>, _ view: RosterView) {
        id = message.listed.message
        self.files = files
        self.thread = thread
        self.news = news
        broken = message.broken
        if let reason = message.listed.quarantine {
            body = .quarantined(reason)
        } else {
            let content = message.content ?? []
            body = Body(MessageContent(plaintext: content), raw: String(decoding: content, as: UTF8.self), view)
        }
    }
}

extension ShownMessage.Body {
    fileprivate init(_ content: MessageContent?, raw: String, _ view: RosterView) {
        switch content {
        case .record(let record): self = .record(record.document)
        case .text(let text): self = .text(text)
        case .reply(let reply): self = .reply(reply)
        case .handOff(let handOff):
            let path = HandOffPath(handOff, view)
            self = .handedOn(path, ShownMessage.Body(path.content, raw: path.contentText, view))
        case nil: self = .raw(raw)
        }
    }
}
