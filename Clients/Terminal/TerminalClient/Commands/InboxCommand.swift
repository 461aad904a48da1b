import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell inbox`.
struct InboxCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox", abstract: "Fetch what waits, and list every message that this device holds.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            var isReachable = true
            var failure: (any Error)?
            do {
                isReachable = try await Self.poll(session, context.console)
                if isReachable { await Self.learnAnswers(session, context.console) }
            } catch let error as CancellationError {
                throw error
            } catch {
                // What came before is shown whatever the relay says; the exit code tells of it.
                failure = error
            }
            let messages = try session.inbox()
            let names = MemberNames(session)
            // One form of the list is made, not both: there may be ten thousand messages.
            let document: JSONValue? =
                context.console.isJSON
                ? [
                    "messages": .array(messages.map { Self.document($0, names) }),
                    "relay": .string(isReachable ? "reachable" : "unreachable"),
                ] : nil
            context.console.result(
                document ?? .null, human: Self.human(messages, names, columns: context.console.columns))
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
            throw DeviceKitError(
                error.code, .unreachable, "\(error.message), and this device does not hold that message yet",
                next: "repeat the command when the relay can be reached")
        }
        return try session.inboxMessage(prefix)
    }

    /// What others answered is good to know; what has come is shown without it.
    private static func learnAnswers(_ session: DeviceSession, _ console: Console) async {
        do {
            try await session.learnAnswers()
        } catch {
            let cause =
                (error as? RelayRefusal).map { session.learn(from: $0.problem) } ?? DeviceKitError(describing: error)
            console.warn("what other devices answered is not known: \(cause.message)")
        }
    }

    private static func human(_ messages: [InboxMessage], _ names: MemberNames, columns: Int?) -> String {
        guard !messages.isEmpty else { return "no message has come yet" }
        let ids = ShortIDs(messages.lazy.map(\.message.description))
        let now = Timestamp.now()
        let table = Table(
            ["MESSAGE", "STATE", "URGENCY", "FROM", "SENT", ""],
            messages.map {
                [
                    ids.short($0.message.description), $0.state, $0.urgency.rawValue, names.sender(of: $0),
                    LocalTime.short($0.at, now: now), $0.isVerified ? "" : "NOT VERIFIED",
                ]
            })
        return table.text(columns: columns, flexible: 3)
    }

    static func document(_ message: InboxMessage, _ session: DeviceSession) -> JSONValue {
        document(message, MemberNames(session))
    }

    static func document(_ message: InboxMessage, _ names: MemberNames) -> JSONValue {
        [
            "message": .text(message.message), "state": .string(message.state),
            "urgency": .string(message.urgency.rawValue), "from": .string(names.sender(of: message)),
            "at": .text(message.at), "member": .text(orNull: message.member), "device": .text(message.sender),
            "expires": .text(message.expires), "verified": .bool(message.isVerified),
        ]
    }

    /// The sender's name.
    static func sender(_ message: InboxMessage, _ session: DeviceSession) -> String {
        MemberNames(session).sender(of: message)
    }
}
