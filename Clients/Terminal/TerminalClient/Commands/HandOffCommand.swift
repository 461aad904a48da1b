import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell hand-off MSG`.
struct HandOffCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "hand-off", abstract: "Give a message to somebody else; it is yours until they have it.",
        discussion: """
            The message is sealed anew to the other member, with its urgency, the original inside, and what shows that it is \
            its sender's. Its sender is told. Attachments do not travel. When the new one declines, or cannot be reached, \
            "nightbell watch" and "nightbell sent" say so here.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Option(help: ArgumentHelp("Who gets it: a name or an id.", valueName: "member"))
    var to: String

    @Option(help: ArgumentHelp("Words to the one who gets it; - for standard input.", valueName: "text"))
    var text: String?

    func perform(_ context: CommandContext) async throws {
        let given = text == "-" ? nil : try Input.words(text, context.console)
        try await context.withSession { session in
            let id = try await ReplyCommand.known(message, session, context.console)
            // Nobody is to type what nobody will get.
            if text == "-" {
                try await NamedMember.check(to, session)
                if let member = try? session.member(to) { try session.checkCanTake(id, member.id) }
            }
            let words = try given ?? Input.words(text, context.console)
            let member: Member
            let handed: HandedOff
            do {
                try await session.refresh()
                Answer.tellOfOthers(id, session, context.console)
                member = try NamedMember.find(to, session)
                try confirmReturn(of: id, to: member, session, context.console)
                handed = try await session.handOff(id, to: member.id, words: words)
            } catch let error as DeviceKitError where [.unreachable, .tryAgain].contains(error.category) {
                throw unsent(error, id, session)
            }
            context.console.result(Self.document(id, handed), human: Self.human(id, handed, member))
            try Answer.tellOfHolders(
                of: id, besides: handed.sent.message, but: ["declined"], "who takes it up", session, context.console)
            try session.markReported(handed.sent.message)
            if handed.attachments > 0 {
                context.console.warn(
                    "its \(handed.attachments) attachments do not travel with it: \(member.name) must get them from you or from "
                        + "the sender")
            }
            if !handed.isProvable {
                context.console.warn(
                    "this device no longer holds the message's key: \(member.name) sees its words as told by you")
            }
            if let cause = handed.waiting {
                context.console.warn(
                    "\(cause.message): \(member.name) has the message, and its sender does not know yet; \"nightbell watch\" or "
                        + "the next command says so")
            }
            context.console.say(
                "it stays YOURS until \(member.name) acknowledges it: \"nightbell watch\" or \"nightbell sent "
                    + "\(handed.sent.message)\" tells")
        }
    }

    /// Whoever hands a message back to the one who waits for its answer may take that for an answer, or mean somebody else:
    /// who types is asked, a script is told.
    private func confirmReturn(
        of id: MessageID, to member: Member, _ session: DeviceSession, _ console: Console
    ) throws {
        let sender = (try? session.inboxMessage(id.description))?.member
        let first = try session.whoGetsReply(to: id)?.id
        guard member.id == sender || member.id == first, try session.handedOff(id, to: member.id) == nil else { return }
        let name = SafeText.line(member.name.description)
        console.warn(Self.returning(id, to: name))
        guard console.confirms("Hand it back to \(name)?") else {
            throw DeviceKitError(
                "not_handed_off", .failed, "NOT HANDED OFF, it is still yours",
                next: "turn it down with \"nightbell decline \(id)\", or hand it to somebody else with --to")
        }
    }

    static func returning(_ id: MessageID, to name: String) -> String {
        "\(name) sent this message and waits for the answer: handed back, nobody else has it. To say that you do not take it: "
            + "nightbell decline \(id)"
    }

    /// What became of a hand-off that the relay did not take: until it has, the message is one's own.
    private func unsent(_ cause: DeviceKitError, _ id: MessageID, _ session: DeviceSession) -> DeviceKitError {
        let member = try? session.member(to)
        if let member, let earlier = (try? session.handedOff(id, to: member.id)).flatMap({ $0 }) {
            return DeviceKitError(
                cause.code, cause.category,
                "you handed it to \(SafeText.line(member.name.description)) at \(WallClock.here.moment(earlier.at)) already "
                    + "(\(cause.message))", next: "see whether they have taken it up: nightbell sent \(earlier.message)"
            )
        }
        let kept = member.flatMap { try? session.waitingHandOff(id, to: $0.id) }
        let unsent = SendCommand.unsent(cause, to: member?.name.description ?? to, kept: kept)
        return DeviceKitError(
            unsent.code, unsent.category, "NOT HANDED OFF, it is still yours. \(unsent.message)", next: unsent.next)
    }

    private static func document(_ id: MessageID, _ handed: HandedOff) -> JSONValue {
        [
            "message": .text(id), "action": .string(ReceiptAction.handedOff.rawValue),
            "index": handed.index.map { .integer($0) } ?? .null,
            "forward": [
                "message": .text(handed.sent.message), "manifest": .string(handed.sent.manifest),
                "index": .integer(handed.sent.index), "sent_before": .bool(handed.sent.wasSentBefore),
            ], "provable": .bool(handed.isProvable), "attachments_left": .integer(handed.attachments),
        ]
    }

    private static func human(_ id: MessageID, _ handed: HandedOff, _ member: Member) -> String {
        let receipt = handed.index.map { "; its sender is told of this by entry \($0)" } ?? ""
        let before = handed.sent.wasSentBefore ? "handed off before: " : "handed off "
        return "\(before)\(id)\nto \(SafeText.line(member.name.description)) as \(handed.sent.message), entry "
            + "\(handed.sent.index) of the activity log, proven\(receipt)"
    }
}
