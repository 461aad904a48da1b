import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell reply MSG`.
struct ReplyCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "reply", abstract: "Answer a message with words, sealed to whoever waits for them.",
        discussion: """
            Goes to the message's sender or, when the message was handed on to you, to the one who sent it first; to somebody \
            else whom it concerns with --to. On a message of your own it goes to the one who has it: after a hand-off to the new \
            one once they have taken it up, and before that with --to. Replying does not acknowledge: "nightbell ack" does.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Option(help: ArgumentHelp("The words, or - for standard input.", valueName: "text"))
    var text: String

    @Option(help: ArgumentHelp("Somebody else whom the message concerns: a name or an id.", valueName: "member"))
    var to: String?

    func perform(_ context: CommandContext) async throws {
        let given = text == "-" ? nil : try Input.words(text, context.console)
        try await context.withSession { session in
            let id = try await Self.known(message, session, context.console)
            if given == nil, let to { try await NamedMember.check(to, session) }
            let words = try given ?? Input.words(text, context.console) ?? ""
            let sent: SentMessage
            do {
                try await session.refresh()
                try await Self.learnWhoHas(id, session, context.console)
                Answer.tellOfOthers(id, session, context.console)
                let member = try to.map { name throws(DeviceKitError) in try NamedMember.find(name, session).id }
                sent = try await session.reply(words, to: id, member: member)
            } catch let error as DeviceKitError where [.unreachable, .tryAgain].contains(error.category) {
                throw unsent(error, words, id, session)
            }
            let name = sent.recipients.first.flatMap { session.view.member($0.member)?.name.description } ?? ""
            context.console.result(
                [
                    "message": .text(sent.message), "in_reply_to": ThreadText.inReplyTo(sent.message, session),
                    "manifest": .string(sent.manifest),
                    "index": .integer(sent.index), "to": .text(orNull: sent.recipients.first?.member),
                    "sent_before": .bool(sent.wasSentBefore),
                ],
                human: "\(sent.wasSentBefore ? "sent before: " : "")\(sent.message)\n"
                    + "your reply is sealed to \(SafeText.line(name)); entry \(sent.index) of the activity log, proven")
            if to == nil, let asked = (try? session.sentState(id.description))?.forwards.last,
                asked.to != sent.recipients.first?.member
            {
                context.console.warn(Self.handedOn(to: Desk.name(asked.to, session), state: asked.state))
            }
            try session.markReported(sent.message)
        }
    }

    /// That somebody else was asked last, and has not taken up what the reply is about.
    static func handedOn(to name: String, state: String) -> String {
        "it was handed on to \(name), who \(state == "declined" ? "DECLINED it" : "has not taken it up"): "
            + "--to \"\(name)\" writes to them"
    }

    /// What became of the words that the relay did not take.
    private func unsent(
        _ cause: DeviceKitError, _ words: String, _ id: MessageID, _ session: DeviceSession
    ) -> DeviceKitError {
        let member = to.flatMap { try? session.member($0) }
        let kept = to == nil || member != nil ? try? session.waitingReply(words, to: id, member: member?.id) : nil
        let addressed = member ?? (try? session.whoGetsReply(to: id)).flatMap { $0 }
        return SendCommand.unsent(
            cause, to: addressed?.name.description ?? to ?? "the sender", kept: kept.flatMap { $0 })
    }

    /// Who has a message of one's own by now, only what came since tells.
    private static func learnWhoHas(_ id: MessageID, _ session: DeviceSession, _ console: Console) async throws {
        guard (try? session.sentState(id.description)) != nil else { return }
        do { _ = try await session.poll() } catch let error as CancellationError { throw error } catch {
            console.warn(
                "whether somebody else has it by now is not known: \(DeviceKitError(describing: error).message)")
        }
    }

    /// A message that was received or sent here.
    static func known(_ prefix: String, _ session: DeviceSession, _ console: Console) async throws -> MessageID {
        if let own = try? session.sentState(prefix) { return own.message }
        let found = try await InboxCommand.message(prefix, session)
        do { try await session.learnAnswers(on: found) } catch let error as CancellationError { throw error } catch {
            console.warn("what other devices answered is not known")
        }
        return found.message
    }
}
