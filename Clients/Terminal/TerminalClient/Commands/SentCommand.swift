import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell sent [MSG]`.
struct SentCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "sent", abstract: "Show who has what was sent from here, from verified receipts.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "A message's id, or its beginning.")
    var message: String?

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            let isReachable = try await InboxCommand.poll(session, context.console)
            if isReachable { await session.resumeOutbox() }
            if let message {
                let state = try session.sentState(message)
                context.console.result(
                    Self.document(state, isReachable), human: Self.human(state, session))
            } else {
                let states = try session.sentStates()
                context.console.result(
                    [
                        "messages": .array(states.map { Self.document($0, isReachable) }),
                        "relay": .string(isReachable ? "reachable" : "unreachable"),
                    ],
                    human: Self.table(states, MemberNames(session), columns: context.console.columns))
            }
        }
    }

    private static func table(_ states: [SentState], _ names: MemberNames, columns: Int?) -> String {
        guard !states.isEmpty else { return "nothing was sent from this device yet" }
        let ids = ShortIDs(states.lazy.map(\.message.description))
        let now = Timestamp.now()
        let table = Table(
            ["MESSAGE", "STATE", "URGENCY", "TO", "SENT"],
            states.map {
                [
                    ids.short($0.message.description), $0.state, $0.urgency.rawValue, names.name($0.member),
                    LocalTime.short($0.at, now: now),
                ]
            })
        return table.text(columns: columns, flexible: 3)
    }

    static func document(_ state: SentState, _ isReachable: Bool) -> JSONValue {
        [
            "message": .text(state.message), "state": .string(state.state),
            "urgency": .string(state.urgency.rawValue), "to": .text(state.member), "at": .text(state.at),
            "expires": .text(orNull: state.expires), "manifest": .text(orNull: state.manifestHash),
            "index": state.index.map { .integer($0) } ?? .null,
            "states": facts(state), "relay": .string(isReachable ? "reachable" : "unreachable"),
        ]
    }

    /// Verified facts, in the order of the log.
    static func facts(_ state: SentState) -> JSONValue {
        .array(
            state.facts.map { fact in
                [
                    "action": .string(fact.action), "reason": .text(orNull: fact.reason),
                    "device": .text(orNull: fact.device), "member": .text(orNull: fact.member), "at": .text(fact.at),
                    "index": .integer(fact.index),
                ]
            })
    }

    static func human(_ state: SentState, _ session: DeviceSession) -> String {
        var lines = ["\(state.message)  \(state.state)"]
        let devices = ShortIDs(state.facts.compactMap { $0.device?.description })
        for fact in state.facts {
            let name = fact.member.flatMap { session.view.member($0)?.name.description } ?? ""
            let reason = fact.reason.map { " (\($0))" } ?? ""
            lines.append(
                "  \(LocalTime.full(fact.at))  \(fact.action)\(reason)  \(SafeText.line(name))  \(fact.device.map { devices.short($0.description) } ?? "")"
                    + "  entry \(fact.index)")
        }
        if state.facts.isEmpty { lines.append("  no receipt yet") }
        return lines.joined(separator: "\n")
    }
}
