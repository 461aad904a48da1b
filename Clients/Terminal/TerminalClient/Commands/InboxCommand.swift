import ArgumentParser
import DeviceKit
import Membership
import Parallel
import Statements

/// `nightbell inbox`.
struct InboxCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox", abstract: "Fetch what waits, and list every message that this device holds.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            // What is stored is read while the relay answers, and again only if something came of that: there may be ten
            // thousand messages.
            let stored = session.storedInbox
            async let early = stored.read()
            var isReachable = true
            var failure: (any Error)?
            do {
                isReachable = try await Self.poll(session, context.console)
            } catch let error as CancellationError {
                throw error
            } catch let refusal as RelayRefusal where refusal.saysRevoked {
                // Whether that is proven is found out now; until then nothing more is shown.
                throw refusal
            } catch {
                // What came before is shown whatever the relay says; the exit code tells of it.
                failure = error
            }
            var messages = try session.inbox(after: await early)
            if isReachable, failure == nil, await Self.learnAnswers(about: messages, session, context.console) {
                messages = try session.inbox()
            }
            let view = session.view
            let references = try session.references()
            var link = JSONObject()
            link.set("relay", to: .string(isReachable ? "reachable" : "unreachable"))
            try context.console.result(
                "messages", messages,
                {
                    let names = MemberNames(view)
                    return { Self.document($0, names, references[$0.message]) }
                }, and: link,
                human: InboxList(session, messages, references).table(
                    references, session.view.policy, columns: context.console.columns))
            if let failure { throw failure }
        }
    }

    /// Polls; with the relay unreachable, what is stored is shown with a clear warning.
    /// - Returns: Whether the relay answered.
    static func poll(_ session: DeviceSession, _ console: Console) async throws -> Bool {
        do {
            try await fetch(session)
            return true
        } catch let error as DeviceKitError where error.category == .unreachable {
            console.warn("\(error.message): showing what is stored here, which may be out of date")
            return false
        }
    }

    private static func fetch(_ session: DeviceSession) async throws {
        try await session.refreshForReceiving()
        _ = try await session.poll()
        // Words and hand-offs that an earlier command could not send.
        await session.resumeOutbox(onlyReferences: true)
        try await session.maintainPrekeys()
    }

    /// A message by its id or the beginning of it; fetched when this device does not hold it yet.
    /// - Throws: That the relay is away, if it is, and not that there is no such message: who knows.
    static func message(_ prefix: String, _ session: DeviceSession) async throws -> InboxMessage {
        if let message = try? session.inboxMessage(prefix) { return message }
        do {
            try await fetch(session)
        } catch let error as DeviceKitError where error.category == .unreachable {
            // It may have come before the link went down.
            if let message = try? session.inboxMessage(prefix) { return message }
            if let sent = sentHere(prefix, session) { throw sent }
            throw DeviceKitError(
                error.code, .unreachable, "\(error.message), and this device does not hold that message yet",
                next: "repeat the command when the relay can be reached; if it is urgent, telephone its sender")
        }
        do {
            return try session.inboxMessage(prefix)
        } catch let error as DeviceKitError where error.code == "no_such_message" {
            throw sentHere(prefix, session) ?? error
        }
    }

    /// What whoever typed the id of a message of their own is told; `nil` when none begins so.
    private static func sentHere(_ prefix: String, _ session: DeviceSession) -> DeviceKitError? {
        guard let own = try? session.sentState(prefix) else { return nil }
        return DeviceKitError(
            "no_such_message", .notFound,
            "this device has no such message in its inbox: it SENT it, to \(Desk.name(own.member, session))",
            next: "see who has it: nightbell sent \(own.message)")
    }

    /// What others answered is good to know; what has come is shown without it.
    /// - Returns: Whether the list is out of date.
    private static func learnAnswers(
        about messages: [InboxMessage], _ session: DeviceSession, _ console: Console
    ) async -> Bool {
        do {
            return try await session.learnAnswers(about: messages)
        } catch {
            let cause =
                (error as? RelayRefusal).map { session.learn(from: $0.problem) } ?? DeviceKitError(describing: error)
            console.warn("what other devices answered is not known: \(cause.message)")
            // Something may have been learnt before.
            return true
        }
    }

    typealias Link = (reference: Manifest.Reference, root: MessageID)
    typealias References = [MessageID: Link]

    static func document(_ message: InboxMessage, _ session: DeviceSession) -> JSONValue {
        document(message, MemberNames(session.view), (try? session.reference(of: message.message)) ?? nil)
    }

    private static func document(_ message: InboxMessage, _ names: MemberNames, _ link: Link?) -> JSONValue {
        let id = message.message.description
        var object = JSONObject(reservingCapacity: 11)
        object.set("message", to: .string(id))
        object.set("state", to: .string(message.state))
        object.set("urgency", to: .string(message.urgency.rawValue))
        object.set("from", to: .string(names.sender(of: message)))
        object.set("at", to: .text(message.at))
        object.set("member", to: message.member.map { .string(names.text(of: $0)) } ?? .null)
        object.set("device", to: .string(names.text(of: message.sender)))
        object.set("expires", to: .text(message.expires))
        object.set("verified", to: .bool(message.isVerified))
        switch link?.reference {
        case .inReplyTo(let parent)?: object.set("in_reply_to", to: .text(parent))
        case .forwardOf(let parent)?: object.set("forward_of", to: .text(parent))
        case nil: break
        }
        object.set("thread", to: .string(link?.root.description ?? id))
        return .object(object)
    }

    static func isReply(_ message: InboxMessage, _ session: DeviceSession) -> Bool {
        isReply((try? session.reference(of: message.message)) ?? nil)
    }

    static func isReply(_ link: Link?) -> Bool {
        if case .inReplyTo? = link?.reference { true } else { false }
    }

    /// The time that a reply promises; its words are for whoever reads it.
    static func promise(_ message: InboxMessage, _ session: DeviceSession) -> String? {
        (try? session.promise(of: message.message)).flatMap { $0 }.map { "calls by \(ClockTime.text($0))" }
    }

    /// The sender's name.
    static func sender(_ message: InboxMessage, _ session: DeviceSession) -> String {
        MemberNames(session.view).sender(of: message)
    }
}
