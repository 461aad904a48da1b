import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell sent [MSG]`.
struct SentCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "sent", abstract: "Show who has what was sent from here, from verified receipts.",
        discussion: """
            What is not closed is listed with the patient's name, or the first words, for you wrote it and must know about whom \
            to telephone: let nobody else look on. With an id all of it is shown, as the one who got it reads it.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "A message's id, or its beginning.")
    var message: String?

    @Flag(
        help:
            "Only what nobody has closed yet, what was closed UNREAD or by somebody who had declined it, and what was refused: that nobody has."
    )
    var open = false

    @Flag(
        help:
            "Only what is to be called by telephone: not delivered or answered in time, taken up after it had expired, declined, promised and not closed (calls now: for 10 minutes), closed UNREAD, with somebody who has no device left, or never sent; not what you dismissed."
    )
    var overdue = false

    @Flag(
        help:
            "Take a message off the list of --overdue, on this device alone, once you have telephoned. Nobody is told, nothing is taken back, and it comes back when something is new about it. One that was REFUSED, and so never sent, is gone."
    )
    var dismiss = false

    func perform(_ context: CommandContext) async throws {
        guard !dismiss || (message != nil && !open && !overdue) else {
            throw DeviceKitError(
                "no_message", .usage, "--dismiss takes one message", next: "name it: nightbell sent --dismiss MSG")
        }
        guard message == nil || !(open || overdue) else {
            throw DeviceKitError(
                "one_or_many", .usage, "--open and --overdue choose among many messages", next: "leave the id out")
        }
        try await context.withSession { session in
            if dismiss, let message { return try Self.dismiss(message, session, context.console) }
            let isReachable = try await InboxCommand.poll(session, context.console)
            if isReachable { await session.resumeOutbox() }
            let top = try session.contradiction() == nil ? "" : "\(StatusScreen.nothingIsSent)\n\n"
            if let message {
                let state = try session.sentState(message)
                let page = Desk.text(
                    state, session, withWords: !context.console.isJSON, hinted: context.console.hinted)
                let isShown = context.console.result(
                    Self.document(state, isReachable, session, withContent: true),
                    human: top + page + "\n\n" + SentContent.page(of: state, session, columns: context.console.columns))
                if isShown, !context.console.isJSON { await Desk.markRead(state, session) }
                return
            }
            let states = try session.sentStates().filter { state in
                let isToBeTelephoned = Desk.mustBeTelephoned(state, session)
                return (!open || !state.isDone || Desk.isRefused(state) || isToBeTelephoned)
                    && (!overdue || isToBeTelephoned)
            }
            context.console.result(
                [
                    "messages": .array(states.map { Self.document($0, isReachable, session) }),
                    "relay": .string(isReachable ? "reachable" : "unreachable"),
                ], human: top + DeskList.text(states, isOverdue: overdue, session, hinted: context.console.hinted))
        }
    }

    private static func dismiss(_ message: String, _ session: DeviceSession, _ console: Console) throws {
        let state = try session.sentState(message)
        try session.dismiss(state, isToBeTelephoned: state.isDealtWith || Desk.mustBeTelephoned(state, session))
        console.result(
            ["message": .text(state.message), "dismissed": .bool(true)], human: console.hinted(Desk.dismissed(state)))
    }

    /// - Parameter withContent: For whoever asked for this one: what it says is in no list, and in no stream.
    static func document(
        _ state: SentState, _ isReachable: Bool, _ session: DeviceSession, withContent: Bool = false
    ) -> JSONValue {
        var object = JSONObject()
        object.set("message", to: .text(state.message))
        object.set("state", to: .string(state.state))
        object.set("urgency", to: .string(state.urgency.rawValue))
        object.set("to", to: .text(state.member))
        object.set("at", to: .text(state.at))
        object.set("expires", to: .text(orNull: state.expires))
        object.set("manifest", to: .text(orNull: state.manifestHash))
        object.set("index", to: state.index.map { .integer($0) } ?? .null)
        object.set("states", to: facts(state.facts))
        object.set("forwards", to: forwards(state))
        object.set("replies", to: replies(state))
        object.set("answered", to: .bool(state.isAnswered))
        object.set("done", to: .bool(state.isDone))
        object.set("closed_unread", to: .bool(state.isClosedUnread))
        object.set("overdue", to: .bool(Desk.mustBeTelephoned(state, session)))
        object.set("dealt_with", to: .bool(state.isDealtWith))
        object.set("no_device", to: .bool(session.isOutOfReach(state)))
        switch state.reference {
        case .inReplyTo(let message)?: object.set("in_reply_to", to: .text(message))
        case .forwardOf(let message)?: object.set("forward_of", to: .text(message))
        case nil: break
        }
        object.set("thread", to: .text((try? session.thread(of: state.message).root) ?? state.message))
        object.set("relay", to: .string(isReachable ? "reachable" : "unreachable"))
        if withContent { object.set("content", to: SentContent.document(of: state, session)) }
        return .object(object)
    }

    /// Verified facts, in the order of the log.
    static func facts(_ facts: [SentFact]) -> JSONValue {
        .array(
            facts.map { fact in
                [
                    "action": .string(fact.action), "reason": .text(orNull: fact.reason),
                    "device": .text(orNull: fact.device), "member": .text(orNull: fact.member), "at": .text(fact.at),
                    "index": .integer(fact.index),
                ]
            })
    }

    /// The messages that carry it on, as their manifests and verified receipts say.
    static func forwards(_ state: SentState) -> JSONValue {
        .array(
            state.forwards.map { forward in
                [
                    "message": .text(forward.message), "from": .text(orNull: forward.from), "to": .text(forward.to),
                    "at": .text(forward.at), "state": .string(forward.state), "states": facts(forward.facts),
                ]
            })
    }

    /// That there are replies, and the times that they promise; their words are opened by `read`.
    private static func replies(_ state: SentState) -> JSONValue {
        .array(
            state.replies.map { reply in
                [
                    "message": .text(reply.message), "in_reply_to": .text(reply.answers),
                    "member": .text(orNull: reply.member), "at": .text(reply.at),
                    "promised_at": .text(orNull: reply.promisedAt), "verified": .bool(reply.isVerified),
                ]
            })
    }
}
