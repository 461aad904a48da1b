import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell ack MSG`.
struct AckCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Acknowledge a message: it is yours now.",
        discussion: """
            Without --reason and --by it promises that you call now; of a reply it says only that you have it. The promise that you gave last is the one that counts. An \
            acknowledged message cannot be declined any more; it can be handed off.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Option(
        help: ArgumentHelp(
            "calling_now (also without this option), will_call_by (also with --by) or need_info.", valueName: "reason"),
        completion: .list(Answer.reasons(for: .acknowledged)))
    var reason: String?

    @Option(
        help: ArgumentHelp(
            "When you will call: in so many minutes (20, up to 240), or a time. 03:30 is today's, or tomorrow's when it is past and less than 12 hours ahead; 2026-11-28T02:30Z may be up to 24 hours ahead. Goes to the sender, sealed.",
            valueName: "time"))
    var by: String?

    @Option(help: ArgumentHelp("Words to the sender, sealed; - for standard input.", valueName: "text"))
    var text: String?

    func perform(_ context: CommandContext) async throws {
        let promised = try by.map { text throws(DeviceKitError) in try ClockTime.promise(text) }
        try Answer.confirmLong(promised, context.console)
        let isChosen = reason != nil || promised != nil
        let reason = reason ?? (promised == nil ? ReceiptReason.callingNow : .willCallBy).rawValue
        guard promised == nil || reason == ReceiptReason.willCallBy.rawValue else {
            throw DeviceKitError(
                "bad_reason", .usage, "a time is promised with the reason will_call_by",
                next: "leave --reason out, or --by")
        }
        _ = try Answer.reason(reason, for: .acknowledged)
        let text = try Input.words(text, context.console)
        if promised == nil, text == nil, reason != ReceiptReason.callingNow.rawValue {
            context.console.say(
                reason == ReceiptReason.needInfo.rawValue
                    ? "the sender does not learn what you need: say it with --text - or \"nightbell reply\""
                    : "the sender does not learn when you call: say it with --by TIME")
        }
        try await Answer.give(
            .acknowledged, reason: reason, isChosen: isChosen,
            words: try Answer.words(text: text, promisedAt: promised), to: message, context)
    }
}

/// `nightbell decline MSG`.
struct DeclineCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "decline", abstract: "Turn a message down.",
        discussion: """
            The sender is told that you do not take it, and must find somebody else. You can still acknowledge it later, unless \
            you handed it off or closed it: telephone the sender then. Whoever types is asked first.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Option(
        help: ArgumentHelp("not_mine or unavailable.", valueName: "reason"),
        completion: .list(Answer.reasons(for: .declined)))
    var reason = ReceiptReason.unavailable.rawValue

    @Option(help: ArgumentHelp("Words to the sender, sealed; - for standard input.", valueName: "text"))
    var text: String?

    func perform(_ context: CommandContext) async throws {
        _ = try Answer.reason(reason, for: .declined)
        let words = try Answer.words(text: try Input.words(text, context.console))
        try await Answer.give(.declined, reason: reason, words: words, to: message, context)
    }
}

/// `nightbell close MSG`.
struct CloseCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Say that a message is dealt with.",
        discussion: """
            Nobody should close what nobody has read: the screen has it opened first, and here whoever types is asked.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Option(
        help: ArgumentHelp(
            "How the matter ended: goes to the sender, sealed; - for standard input.", valueName: "text"))
    var disposition: String?

    func perform(_ context: CommandContext) async throws {
        let disposition = try Input.words(disposition, option: "disposition", context.console)
        guard !(disposition?.allSatisfy(\.isWhitespace) ?? false) else {
            throw DeviceKitError(
                "empty_text", .usage, "how the matter ended is empty",
                next: "say it with --disposition, pipe it to --disposition -, or leave the option out")
        }
        let words = try Answer.words(disposition: disposition)
        try await Answer.give(.closed, reason: nil, words: words, to: message, context)
    }
}

/// What the three have in common.
enum Answer {
    /// The words of the closed list for an action.
    static func reasons(for action: ReceiptAction) -> [String] {
        ReceiptReason.permitted(for: action).compactMap { $0?.rawValue }
    }

    /// A word of the closed list for an action, before anything else is said or asked.
    static func reason(_ word: String?, for action: ReceiptAction) throws(DeviceKitError) -> ReceiptReason? {
        let reason = word.flatMap(ReceiptReason.init(rawValue:))
        guard (word == nil) == (reason == nil), ReceiptReason.permitted(for: action).contains(reason) else {
            throw DeviceKitError(
                "bad_reason", .usage, "there is no such reason",
                next: "choose one of \(reasons(for: action).joined(separator: ", "))")
        }
        return reason
    }

    /// Words for the sender; `nil` when there are none.
    static func words(
        text: String? = nil, promisedAt: Timestamp? = nil, disposition: String? = nil
    ) throws(DeviceKitError) -> Reply? {
        guard text != nil || promisedAt != nil || disposition != nil else { return nil }
        return try Reply(text: text, promisedAt: promisedAt, disposition: disposition)
    }

    /// - Parameter isChosen: Whether the reason was named, and does not only stand there because one must.
    static func give(
        _ action: ReceiptAction, reason word: String?, isChosen: Bool = true, words: Reply?, to message: String,
        _ context: CommandContext
    ) async throws {
        let reason = try reason(word, for: action)
        try await context.withSession { session in
            let found = try await InboxCommand.message(message, session)
            guard found.quarantine == nil else {
                throw DeviceKitError(
                    "quarantined", .refused, "the message does not open; nobody can answer what nobody has read",
                    next: "call the sender by telephone")
            }
            // What this person's other device, or somebody else, has said counts; without a relay, what is known of it here.
            do { try await session.learnAnswers(on: found) } catch let error as CancellationError { throw error } catch
            {}
            tellOfOthers(found.message, session, context.console)
            if action == .closed { try confirmUnread(found, session, context.console) }
            let isReply = InboxCommand.isReply(found, session)
            let sender = SafeText.line(InboxCommand.sender(found, session))
            // Of what was handed on, whoever sent it first waits for the answer.
            let reader =
                try session.whoGetsWords(with: action, on: found.message).map { SafeText.line($0.name.description) }
                ?? sender
            if action == .declined { try confirmDecline(found, from: sender, context.console) }
            var outcome = AnswerWords(
                action: action, reason: reason, promised: words?.promisedAt, asksForNoCall: isReply && !isChosen)
            if outcome.promisesCall, !isReply { try confirmUnreadPromise(found, session, context.console) }
            // Whoever had taken it up in time only says it anew.
            if action == .acknowledged, !isReply, !(try session.isTaken(found)),
                let words = AnswerWords.expired(
                    found.expires, sender: reader, now: session.connection.clock.now())
            {
                outcome.isTooLate = true
                context.console.warn(words)
            }
            do {
                let answered = try await session.answer(action, reason: reason, words: words, on: found.message)
                // First what is not known, before what is.
                if let cause = answered.waiting {
                    context.console.warn(
                        outcome.wordsUntold(cause, to: reader, areRefused: answered.areWordsRefused))
                }
                context.console.result(
                    document(found.message, action, answered),
                    human: context.console.hinted(human(found.message, action, answered, outcome, to: reader)))
                if action == .closed {
                    try tellOfHolders(
                        of: found.message, but: ["declined", "closed"], "that it is closed", session, context.console)
                }
                if let reply = answered.reply { try session.markReported(reply.message) }
                // A script reads by this that not everything has arrived.
                if let cause = answered.waiting { throw FinishedWith(status: ExitStatus(cause.category)) }
            } catch let error as DeviceKitError where ReadCommand.waits(error) {
                throw outcome.untold(error, to: reader)
            } catch let refusal as RelayRefusal {
                let error = session.learn(from: refusal.problem)
                // A device that was revoked, and knows it by a proof, posts nothing more.
                try session.checkNotRevoked()
                throw outcome.untold(error, to: reader)
            }
        }
    }

    /// Whoever types is asked before they close what nobody has read here; a script is told.
    private static func confirmUnread(_ found: InboxMessage, _ session: DeviceSession, _ console: Console) throws {
        guard try !session.wasRead(found.message) else { return }
        console.warn(
            "nobody has read \(found.message) on this device, and its sender sees that it was closed UNREAD: "
                + "\"nightbell read \(found.message)\" shows what it says")
        guard console.confirms("Close it unread?") else {
            throw DeviceKitError(
                "not_closed", .failed, "it is not closed", next: "read it first: nightbell read \(found.message)")
        }
    }

    /// A no costs the desk time and cannot be unsaid: whoever types is asked, as long as it is still theirs to give.
    private static func confirmDecline(_ found: InboxMessage, from sender: String, _ console: Console) throws {
        guard found.isUnanswered else { return }
        let question = AnswerWords.decline(MessageWords.urgency(found.urgency), from: sender, at: found.at)
        guard console.confirms(question, whereShown: true) else {
            throw DeviceKitError(
                "not_declined", .failed, "it is NOT declined, and still waits for your answer",
                next:
                    "take it with \"nightbell ack \(found.message)\", or hand it on: nightbell hand-off \(found.message) "
                    + "--to NAME")
        }
    }

    /// Two who answer one message ought to know of each other.
    static func tellOfOthers(_ message: MessageID, _ session: DeviceSession, _ console: Console) {
        for answer in (try? session.answersOfOthers(on: message)) ?? [] {
            let name = answer.member.flatMap { session.view.member($0)?.name.description } ?? answer.device.description
            let reason = answer.reason.map { " (\($0.rawValue))" } ?? ""
            console.warn(
                "\(name) has answered this message: \(answer.action.rawValue)\(reason) at \(LocalTime.short(answer.at))"
            )
        }
    }

    /// Whoever was handed it besides has it, and may act on it, or believe that another does.
    /// - Parameters:
    ///   - new: The message that hands it on just now.
    ///   - states: Those in which it is nobody's there.
    ///   - news: What to tell them.
    static func tellOfHolders(
        of message: MessageID, besides new: MessageID? = nil, but states: Set<String>, _ news: String,
        _ session: DeviceSession, _ console: Console
    ) throws {
        for other in try session.forwards(of: message) where other.message != new && !states.contains(other.state) {
            console.warn(
                "\(Desk.name(other.to, session)) has it as well, since \(WallClock.here.moment(other.at)): tell them by telephone "
                    + news)
        }
    }

    private static func document(_ message: MessageID, _ action: ReceiptAction, _ answered: Answered) -> JSONValue {
        var object = JSONObject()
        object.set("message", to: .text(message))
        object.set("action", to: .string(action.rawValue))
        object.set("index", to: answered.index.map { .integer($0) } ?? .null)
        object.set(
            "reply",
            ifPresent: answered.reply.map { ["message": .text($0.message), "index": .integer($0.index)] })
        return .object(object)
    }

    /// What was said, what was promised by it, and what is not known of it first.
    static func human(
        _ message: MessageID, _ action: ReceiptAction, _ answered: Answered, _ outcome: AnswerWords, to sender: String
    ) -> String {
        let isWithoutWords = answered.waiting != nil
        let without = isWithoutWords ? ", WITHOUT your new words" : ""
        let place = answered.index.map { ", entry \($0) of the activity log, proven\(without)" } ?? "; not yet proven"
        let lines = [
            isWithoutWords ? outcome.untoldWords(to: sender) : nil, "\(action.rawValue) \(message)\(place)",
            isWithoutWords ? nil : outcome.promise(),
            answered.reply.map { "your words are sent, sealed: \($0.message), entry \($0.index)" },
        ]
        return lines.compactMap { $0 }.joined(separator: "\n")
    }
}
