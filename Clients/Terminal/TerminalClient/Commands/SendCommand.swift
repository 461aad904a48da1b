import ArgumentParser
import DeviceKit
import Foundation
import Membership
import Statements

/// `nightbell send`.
struct SendCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send a call record or a text to a member.",
        discussion: """
            The message is sealed here to every device of the member. When the relay does not answer, nothing is sent and \
            nothing kept, for sealing takes keys that it has: telephone. A message that was sealed is stored before it leaves; \
            when the relay falls silent after that, it is said to wait here, and the same command or "nightbell sent" sends it. \
            Nothing tells whether it arrived unless --wait, "nightbell sent", "nightbell watch" or "nightbell ui" runs. A \
            record that says of itself that it is more urgent than --urgency is sent with a warning; whoever types is asked \
            first.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Option(help: ArgumentHelp("The member's name or id.", valueName: "member"))
    var to: String

    @Option(
        help: ArgumentHelp("emergent, urgent, same_day or routine.", valueName: "urgency"),
        completion: .list(Urgency.allCases.map(\.rawValue)))
    var urgency: String

    @Option(
        help: ArgumentHelp("A call record (JSON), or - for standard input.", valueName: "file"), completion: .file())
    var record: String?

    @Option(help: ArgumentHelp("A text, or - for standard input.", valueName: "text"))
    var text: String?

    @Option(
        help: ArgumentHelp(
            "A file to send along: a recording, photo or document of at most 25 MiB. Up to ten, 64 MiB together.",
            valueName: "file"))
    var attach: [String] = []

    @Option(help: ArgumentHelp("Whom a text is about, for the auditor's capsule.", valueName: "id"))
    var patient: String?

    @Option(
        help: ArgumentHelp(
            "Seconds until the message expires, as many as the policy permits; its default otherwise.",
            valueName: "seconds"))
    var expires: UInt64?

    @Flag(help: "Wait until somebody acknowledges or declines, or the message expires.")
    var wait = false

    @Option(help: ArgumentHelp("How long --wait waits; the policy's next step otherwise.", valueName: "seconds"))
    var timeout: UInt64?

    func perform(_ context: CommandContext) async throws {
        do { try await perform(in: context) } catch let error as DeviceKitError { throw Self.saying(error) }
    }

    private func perform(in context: CommandContext) async throws {
        let isTyped = [record, text].contains("-")
        let given = isTyped ? nil : try content(context.console)
        guard let urgency = Urgency(rawValue: urgency) else {
            throw DeviceKitError(
                "bad_urgency", .usage, "there is no urgency \"\(self.urgency)\"",
                next: "choose one of emergent, urgent, same_day, routine")
        }
        guard timeout == nil || wait else {
            throw DeviceKitError(
                "timeout_without_wait", .usage, "--timeout says how long --wait waits, and --wait is not there",
                next: "add --wait, or leave --timeout out")
        }
        // Looked at before the relay is: what cannot be sent is said at once.
        let files = try attach.map { try OutgoingFile(path: $0) }
        let givenWarnings = try given.map { try warnings($0, urgency, context.console) }
        try await context.withSession { session in
            // Nobody is to type what nobody will get.
            if isTyped { try await NamedMember.check(to, session) }
            let content = try given ?? Self.typing(context.console) { try self.content(context.console) }
            let warnings = try givenWarnings ?? self.warnings(content, urgency, context.console)
            let longest = session.view.policy.maximumLifespanSeconds
            try Self.check(expires, "--expires", "bad_expires", atMost: longest)
            try Self.check(timeout, "--timeout", "bad_timeout", atMost: longest)
            context.atLock.say(Self.lockedBeforeSent)
            let (sent, member) = try await send(content, urgency, files, session, context.console)
            context.atLock.say(Self.lockedAfterSent(sent.message))
            if sent.wasSentBefore, let state = try? session.sentState(sent.message.description) {
                context.console.warn(Self.sentBefore(SentNews(state, session).sentence()))
            }
            if !wait {
                context.console.result(
                    Self.document(sent, warnings, nil), human: Self.human(sent, to: member.name, session))
                try session.markReported(sent.message)
                let receiver = Machine(environment: [:]).receiver(of: context.profileDirectory)
                context.console.say(Self.whoTells(of: sent.message, receiver))
                return
            }
            let patience = session.view.policy.alerts[urgency]?.nextStepSeconds ?? 0
            // A policy that never moves a message on names no time: then somebody asked to wait, and is not let go at once.
            let limit = timeout ?? (patience > 0 ? patience : 300)
            // Whatever comes now, the message is on its way: its id is told before the waiting begins.
            context.console.early(
                ["sent": Self.document(sent, warnings, nil)], human: Self.human(sent, to: member.name, session))
            let expires = (try? session.sentState(sent.message.description)).flatMap { session.expiry(of: $0) }
            context.console.say(
                AnswerWatcher.begins(
                    limit, to: SafeText.line(member.name.description), expires: expires, now: session.laterClock()))
            let watcher = AnswerWatcher(session: session) { [console = context.console] in console.say($0) }
            let state = try await watcher.wait(for: sent.message, seconds: limit)
            if context.console.isJSON || state != nil {
                context.console.result(
                    Self.document(sent, warnings, state, Desk.words(state, session)),
                    human: state.map {
                        Desk.text($0, session, withWords: true, hinted: context.console.hinted)
                    } ?? "")
            }
            if let state { await Desk.markRead(state, session) }
            do {
                try session.markReported(sent.message)
            } catch {
                context.console.warn(DeviceKitError(describing: error).message)
            }
            try Self.checkAnswered(sent.message, state, seconds: limit, session)
        }
    }

    /// No message lives longer than the policy permits, and nobody waits for one that is over.
    static func check(
        _ seconds: UInt64?, _ option: String, _ code: DeviceKitError.Code, atMost longest: UInt64
    ) throws(DeviceKitError) {
        guard let seconds, seconds < 1 || seconds > longest else { return }
        let span = LocalTime.span(milliseconds: Int64(clamping: longest) &* 1000)
        throw DeviceKitError(
            code, .usage,
            "\(option) takes 1 to \(longest) seconds: no message lives longer than \(span) by the organisation's policy",
            next: "name a number within, or leave \(option) out")
    }

    /// What to know before it is sent.
    private func warnings(
        _ content: MessageContent, _ urgency: Urgency, _ console: Console
    ) throws(DeviceKitError) -> [String] {
        guard let understated = Understatement(content, sentAs: urgency) else { return [] }
        let warning = understated.warning(to: to, record: record)
        console.warn(warning)
        if !console.isJSON { try understated.confirm(to: to, record: record) }
        return [warning]
    }

    private func send(
        _ content: MessageContent, _ urgency: Urgency, _ files: [OutgoingFile], _ session: DeviceSession,
        _ console: Console
    ) async throws -> (SentMessage, Member) {
        func asked(_ member: Member) throws -> Draft {
            try Draft(
                member: member.id, urgency: urgency, lifeSeconds: expires, content: content, patient: patient,
                files: files)
        }
        func kept() throws -> MessageID? {
            guard let member = try? session.member(to), let draft = try? asked(member) else { return nil }
            return try session.waiting(for: draft)
        }
        func refused() -> MessageID? {
            guard let member = try? session.member(to), let draft = try? asked(member) else { return nil }
            return try? session.refused(for: draft)
        }
        let refusedBefore = refused()
        do {
            try await session.refresh()
            let member = try NamedMember.find(to, session)
            return (try await session.send(try asked(member)), member)
        } catch let error as DeviceKitError where [.unreachable, .tryAgain].contains(error.category) {
            throw Self.unsent(error, to: name(session), kept: try? kept())
        } catch let error where error is DeviceKitError || error is RelayRefusal || error is CancellationError {
            if let message = refused(), message != refusedBefore { console.say(Self.staysListed(message)) }
            throw error
        } catch {
            // A full disk, for one: what was stored before it filled goes out later, and may have gone already.
            let cause = DeviceKitError(describing: error)
            let waiting: MessageID?
            do { waiting = try kept() } catch { throw Self.unknown(cause, to: name(session)) }
            throw Self.unsent(cause, to: name(session), kept: waiting)
        }
    }

    private func name(_ session: DeviceSession) -> String { (try? session.member(to))?.name.description ?? to }

    /// What becomes of a message that is refused for good.
    static func staysListed(_ message: MessageID) -> String {
        "\(message) will never be sent; \"nightbell sent\" lists it until \"nightbell sent --dismiss \(message)\""
    }

    /// What this device cannot even look up.
    private static func unknown(_ cause: DeviceKitError, to name: String) -> DeviceKitError {
        DeviceKitError(
            cause.code, cause.category,
            "NOT CERTAIN: nothing tells whether \(SafeText.line(name)) gets it (\(cause.message))",
            next: "CALL BY TELEPHONE; then \(cause.next), and look with \"nightbell sent\"")
    }

    /// What became of a message that the relay did not take, loudest first.
    static func unsent(_ cause: DeviceKitError, to name: String, kept: MessageID?) -> DeviceKitError {
        let name = SafeText.line(name)
        guard let kept else {
            return DeviceKitError(
                cause.code, cause.category,
                "NOT SENT, and nothing is kept: \(name) knows nothing of it (\(cause.message))",
                next: "CALL BY TELEPHONE, or repeat the command when the relay answers")
        }
        return DeviceKitError(
            cause.code, cause.category,
            "NOT SENT YET: \(kept) waits here, and nothing tells whether \(name) knows of it (\(cause.message))",
            next: "CALL BY TELEPHONE; the same command or \"nightbell sent\" sends it when the relay answers")
    }

    private func content(_ console: Console) throws -> MessageContent {
        switch (record, text) {
        case (let record?, nil):
            guard patient == nil else {
                throw DeviceKitError(
                    "patient_of_record", .usage, "a call record names its patient itself", next: "leave --patient out")
            }
            return try MessageContent(recordFile: try Input.read(record, what: "the call record"))
        case (nil, let text?):
            return try MessageContent(text: try Input.words(text, console) ?? "")
        default:
            throw DeviceKitError(
                "no_content", .usage, "a message is either a call record or a text",
                next: "give one of --record FILE and --text TEXT")
        }
    }

    /// Who tells of the answer, and when it stays away.
    /// The same command twice is one message, for it may have been interrupted; whoever means a second page must know.
    static func sentBefore(_ standing: String) -> String {
        "NOT SENT AGAIN, and nothing rings anew: the same message went out before (\(standing)). To page once more, telephone, or "
            + "send other words"
    }

    static func whoTells(of message: MessageID, _ receiver: Receiver) -> String {
        switch receiver {
        case .running, .unknown:
            "the program that stays connected for this profile tells you of the answer, and when it stays away; \"nightbell sent \(message)\" shows it too"
        case .stopped:
            "the program that stays connected for this profile was stopped (Ctrl-Z) and tells you nothing: type fg in its terminal, or run \"nightbell sent \(message)\""
        case .none:
            "nothing watches for the answer, and nobody tells you when it stays away: run \"nightbell watch\" or \"nightbell sent \(message)\""
        }
    }

    private static func document(
        _ sent: SentMessage, _ warnings: [String], _ state: SentState?, _ words: JSONValue? = nil
    ) -> JSONValue {
        var object = JSONObject()
        object.set("message", to: .text(sent.message))
        object.set("manifest", to: .string(sent.manifest))
        object.set("index", to: .integer(sent.index))
        object.set(
            "recipients",
            to: .array(
                sent.recipients.map {
                    ["device": .text($0.device), "member": .text($0.member), "step": .integer($0.step)]
                }))
        object.set(
            "without",
            to: .array(sent.without.map { ["device": .text($0.device), "reason": .string($0.reason.rawValue)] }))
        object.set("attachments", to: AttachmentList.document(sent.attachments))
        object.set("sent_before", to: .bool(sent.wasSentBefore))
        object.set("warnings", to: .array(warnings.map { .string($0) }))
        if let state {
            object.set("state", to: .string(state.state))
            object.set("states", to: SentCommand.facts(state.facts))
            object.set("forwards", to: SentCommand.forwards(state))
            object.set("replies", ifPresent: words)
        }
        return .object(object)
    }

    private static func human(_ sent: SentMessage, to name: TextValue, _ session: DeviceSession) -> String {
        let files = sent.attachments.isEmpty ? "" : "\nwith \(AttachmentList.count(sent.attachments.count))"
        let devices = sent.recipients.count == 1 ? "1 device" : "\(sent.recipients.count) devices"
        let name = SafeText.line(name.description)
        let deadline = (try? session.sentState(sent.message.description)).flatMap { session.answerDeadline(of: $0) }
        let step = deadline.map { "\n\(telephone(name, at: $0, now: session.laterClock()))" } ?? ""
        return """
            \(sent.wasSentBefore ? "sent before: " : "")\(sent.message)
            sealed to \(devices) of \(name); entry \(sent.index) of the activity log, proven\(files)\(step)
            """
    }
}
