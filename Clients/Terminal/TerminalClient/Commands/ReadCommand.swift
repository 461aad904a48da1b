import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell read MSG`.
struct ReadCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Show a message; the sender learns that it was read.",
        discussion: """
            Its files are fetched when they are saved, and an interrupted transfer goes on where it was. A saved file is \
            outside Nightbell: nothing here guards it any more, and the sender and the auditor learn that it was saved.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Option(
        help: ArgumentHelp(
            "Save its files into this folder, or one file (with --attachment) under this name. Nothing is written over.",
            valueName: "path"))
    var save: String?

    @Option(help: ArgumentHelp("Which of its files to save, from 1.", valueName: "number"))
    var attachment: Int?

    func perform(_ context: CommandContext) async throws {
        let saving = try AttachmentSaving(to: save, number: attachment)
        try await context.withSession { session in
            let found = try await InboxCommand.message(message, session)
            let opened = try session.open(found)
            guard let content = opened.content else {
                throw DeviceKitError(
                    "quarantined", .verification,
                    "the message does not open (\(found.quarantine?.rawValue ?? "unknown")); it waits in quarantine",
                    next: "call the sender by telephone: \(SafeText.line(InboxCommand.sender(found, session)))")
            }
            // A device that knows of its revocation shows nothing more.
            try session.checkNotRevoked()
            let files = AttachmentList(of: found.message, content, session, context.console)
            // A script gets one object at the end, with what was saved; whatever goes wrong with that, it gets the message.
            guard let saving, context.console.isJSON else {
                // First to the person: neither the relay nor a full disk has a say in that.
                let isShown = context.console.result(
                    Self.document(opened, content, session, files.document([:])),
                    human: Self.human(opened, content, session, context.console)
                        + files.human(of: found.message, isSaving: saving != nil, context.console)
                )
                try await Self.receipt(session, found.message, isShown: isShown, context.console)
                _ = try await saving?.save(files, session, context.console) { number, path in
                    context.console.say("saved file \(number) as \(SafeText.line(path))")
                }
                return
            }
            var saved: [Int: String] = [:]
            var failure: (any Error)?
            do {
                try await saving.save(files, session, context.console) { saved[$0] = $1 }
            } catch {
                failure = error
            }
            let isShown = context.console.result(
                Self.document(opened, content, session, files.document(saved)), human: "")
            try await Self.receipt(session, found.message, isShown: isShown, context.console)
            if let failure { throw failure }
        }
    }

    /// Signs and posts the receipt. The message is shown already: whatever fails here is said, and is no error when the
    /// receipt is stored and only waits for the relay.
    /// - Parameter isShown: Whether all the words were taken. Nobody signs that a message was read which nobody could read.
    private static func receipt(
        _ session: DeviceSession, _ message: MessageID, isShown: Bool, _ console: Console
    ) async throws {
        guard isShown else {
            console.warn("no read receipt: the message could not be shown")
            throw FinishedWith(status: .failed)
        }
        do {
            _ = try await session.receipt(.read, reason: nil, on: message)
            // What a broken link left open when it came is known when it is read again.
            _ = try? await session.compareAgain()
        } catch let refusal as RelayRefusal {
            let cause = session.learn(from: refusal.problem)
            // What is known now ends the command, and says what became of this device.
            if refusal.saysRevoked { throw cause }
            console.warn("no read receipt: \(cause.message)")
        } catch {
            let cause = DeviceKitError(describing: error)
            if waits(error) { return console.warn("the read receipt waits here: \(cause.message)") }
            console.warn("no read receipt: \(cause.message)")
            throw FinishedWith(status: ExitStatus(cause.category))
        }
    }

    /// Whether the receipt was stored, and only the relay has not taken it.
    static func waits(_ error: any Error) -> Bool {
        guard let error = error as? DeviceKitError else { return false }
        return [.unreachable, .verification, .tryAgain].contains(error.category)
    }

    private static func document(
        _ opened: StoredMessage, _ content: [UInt8], _ session: DeviceSession, _ attachments: JSONValue
    ) -> JSONValue {
        let message = opened.listed
        return [
            "message": .text(message.message),
            "content": ContentText.document(MessageContent(plaintext: content), raw: content, session.view),
            "verified": .bool(message.isVerified),
            "broken": .array(
                opened.broken.map { ["promise": .string($0.promise), "why": .string($0.why)] }),
            "from": .string(InboxCommand.sender(message, session)), "at": .text(message.at),
            "urgency": .string(message.urgency.rawValue), "manifest": .string(opened.manifestHash),
            "index": .integer(message.index), "attachments": attachments,
            "in_reply_to": ThreadText.inReplyTo(message.message, session),
            "forward_of": ThreadText.forwardOf(message.message, session),
            "thread": ThreadText.document(of: message.message, session),
        ]
    }

    private static func human(
        _ opened: StoredMessage, _ content: [UInt8], _ session: DeviceSession, _ console: Console
    ) -> String {
        let message = opened.listed
        var lines = [
            "\(MessageWords.urgency(message.urgency))  from \(SafeText.line(InboxCommand.sender(message, session)))  "
                + LocalTime.full(message.at)
        ]
        if let understated = MessageWords.understated(
            recordUrgency(MessageContent(plaintext: content), session), message.urgency)
        {
            lines.append(understated)
        }
        let unproven = (try? session.unprovenAnswers())?[message.message]
        let listed = ListedMessage(message, session, unproven: unproven)
        let time = AnswerTime.words(listed, session.view.policy, now: session.connection.clock.now())
        if !time.isEmpty { lines.append(time) }
        for promise in opened.broken {
            lines.append("NOT VERIFIED (\(promise.promise)): \(SafeText.line(promise.why))")
        }
        if message.isVerified {
            lines.append("verified: signature, place in the log, roster, what the sender had seen")
        }
        if let action = (try? session.actElsewhere(on: message)).flatMap({ $0 }),
            let words = ActionWords.elsewhere(action)
        {
            lines.append(words)
        }
        lines.append("")
        lines.append(
            ContentText.human(
                MessageContent(plaintext: content), raw: content, at: message.at, session.view, columns: console.columns
            ))
        let others = ThreadText.lines(around: message.message, session)
        if !others.isEmpty { lines += ["", "the thread that it belongs to:"] + others }
        if let next = next(listed, console) { lines += ["", next] }
        return lines.joined(separator: "\n")
    }

    /// The same, with the profile that it takes.
    static func next(_ message: ListedMessage, _ console: Console) -> String? { next(message).map(console.hinted) }

    /// What whoever has read it does next; `nil` when that is nothing.
    static func next(_ message: ListedMessage) -> String? {
        if message.needsAnswer, message.quarantine == nil {
            return
                "next: nightbell ack \(message.id) (--by TIME when you do not call now), or nightbell decline \(message.id)"
        }
        if message.isYoursAgain {
            return "next: nightbell ack \(message.id) --by TIME, or nightbell hand-off \(message.id) --to NAME"
        }
        return message.isTaken ? "next, when everything is done: nightbell close \(message.id)" : nil
    }

    /// How urgent the call record inside says that it is, also of one that was handed on.
    private static func recordUrgency(_ content: MessageContent?, _ session: DeviceSession) -> Urgency? {
        switch content {
        case .record(let record): record.urgency
        case .handOff(let handOff): recordUrgency(HandOffPath(handOff, session.view).content, session)
        case .text, .reply, nil: nil
        }
    }
}
