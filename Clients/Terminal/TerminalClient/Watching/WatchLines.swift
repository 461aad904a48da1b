import DeviceKit
import Membership
import Statements

/// What `watch` writes: a line for people, or an object for scripts.
enum WatchLines {
    /// - Parameter isNews: Whether people have not been told the same already.
    static func show(_ event: WatchEvent, isNews: Bool = true, _ session: DeviceSession, _ console: Console) {
        switch event {
        case .connected: stream(["event": "connected"], nil, console)
        case .drained: stream(["event": "drained"], nil, console)
        case .message(let message): show(message, session, console)
        case .progressed(let message):
            // Taken back after a no, it is this person's, whatever was said before.
            let state = (try? session.isTaken(message)) ?? false ? ReceiptAction.acknowledged.rawValue : message.state
            let elsewhere = (try? session.actElsewhere(on: message)).flatMap { $0 }
            let words = elsewhere.flatMap { ActionWords.elsewhere($0) } ?? state.replacing("_", with: " ")
            stream(
                object("progressed", InboxCommand.document(message, session)),
                isNews
                    ? "\(shortID(message.message, session)) from \(sender(message, session)) is now \(words)" : nil,
                console)
        case .alive: break
        case .notice(let state):
            stream(
                object("notice", SentCommand.document(state, true, session)),
                isNews ? "sent: " + SentNews(state, session).sentence() : nil, console)
        case .unanswered(let state):
            stream(
                object("unanswered", SentCommand.document(state, true, session)),
                isNews ? SentNews(state, session).alarm(Desk.whyUnanswered(state, session)) : nil, console)
        case .promiseBroken(let state):
            guard case .object(var document) = object("promise_broken", SentCommand.document(state, true, session))
            else { return }
            document.set("promised_at", to: .text(orNull: state.promisedBy))
            stream(
                .object(document),
                isNews
                    ? SentNews(state, session).alarm("\(Desk.brokenPromise(state, session)), and it is not closed")
                    : nil,
                console)
        case .joined(let device, let text):
            // In words it was said as it was learnt.
            stream(
                ["event": "device_joined", "device": .text(device), "message": .string(text)], nil, console)
        case .stale(let seconds):
            let text = "for \(seconds) s the relay has given no signed word on the present: messages may be waiting"
            stream(
                ["event": "stale", "seconds": .integer(seconds), "message": .string(text)], nil, console)
            if !console.isJSON { console.warn(stamped(text.uppercased())) }
        case .witnesses(let notice):
            let (document, words) = witnesses(notice)
            stream(document, words, console)
        case .disconnected(let error, let wait):
            stream(
                [
                    "event": "disconnected", "code": .string(error.code.rawValue), "message": .string(error.message),
                    "next": .string(error.next), "retry_in_milliseconds": .integer(wait),
                ], nil, console)
            if !console.isJSON, isNews { console.warn(stamped(WatchTalk.down(error, retryInMilliseconds: wait))) }
        }
    }

    /// That too few witnesses vouch for the logs, or, without a notice, that enough do again.
    static func witnesses(_ notice: String?) -> (document: JSONValue, words: String) {
        let words = notice ?? "as many witnesses as are demanded vouch for the logs again"
        let event = notice == nil ? "witnesses_again" : "witnesses_missing"
        return (["event": .string(event), "message": .string(words)], SafeText.line(words))
    }

    /// - Parameter isProvenNow: Whether it was shown before, when not all of it was proven.
    static func show(
        _ message: InboxMessage, isProvenNow: Bool = false, _ session: DeviceSession, _ console: Console
    ) {
        stream(
            object("message", InboxCommand.document(message, session)),
            arrived(message, isProvenNow: isProvenNow, session), console)
    }

    /// For people: what was read before, and that nobody has answered.
    static func showUnanswered(_ message: ListedMessage, _ session: DeviceSession, _ console: Console) {
        let time = AnswerTime.words(message, session.view.policy, now: session.connection.clock.now())
        say(
            "\(unanswered(message)): \(MessageWords.urgency(message.urgency)) from \(SafeText.line(message.from)), \(time): "
                + "nightbell read \(shortID(message.id, session))", console)
    }

    /// What nobody has done about a message that was read.
    static func unanswered(_ message: ListedMessage) -> String {
        message.isYoursAgain
            ? "handed on, DECLINED" : message.isHandedOnInVain ? "handed on, not taken yet" : "read, NOT ANSWERED"
    }

    /// A message that was acknowledged comes back, for it is not closed.
    static func showNotClosed(
        _ message: InboxMessage, _ taken: TakenUp, _ session: DeviceSession, _ console: Console
    ) {
        guard case .object(var document) = object("not_closed", InboxCommand.document(message, session)) else { return }
        document.set("acknowledged_at", to: .text(taken.since))
        document.set("promised_at", to: .text(orNull: taken.promisedAt))
        stream(
            .object(document),
            notClosed(
                "\(MessageWords.urgency(message.urgency)) from \(sender(message, session))", taken,
                id: shortID(message.message, session), now: session.connection.clock.now()), console)
    }

    /// What is still to be done about a message that was acknowledged.
    static func notClosed(_ what: String, _ taken: TakenUp, id: String, now: Timestamp) -> String {
        if let promised = taken.promisedAt, promised <= now {
            let time = ClockTime.text(promised, now: now)
            return "CALL LATE: \(what), you promised to call by \(time): call now, then close it with "
                + "nightbell close \(id)"
        }
        let promised = taken.promisedAt.map { ", you promised to call by \(ClockTime.text($0, now: now))" } ?? ""
        return "NOT CLOSED: \(what), acknowledged at \(ClockTime.text(taken.since, now: now))\(promised): close it "
            + "when everything is done, with nightbell close \(id)"
    }

    /// What a page says of a message that has not come.
    static func show(_ alert: PagedAlert, _ session: DeviceSession, _ console: Console) {
        let from = sender(alert, session)
        stream(
            [
                "event": "page", "message": .text(alert.message), "urgency": .string(alert.urgency.rawValue),
                "from": .string(from), "at": .text(alert.at), "member": .text(orNull: alert.member),
                "device": .text(alert.sender), "verified": .bool(false),
            ],
            arrival(
                MessageWords.urgency(alert.urgency), from: SafeText.line(from),
                ["NOT VERIFIED (page)", "being fetched now"],
                id: ShortIDs([alert.message.description]).short(alert.message.description)), console)
    }

    /// The relay has no message for this device that was paged before.
    static func showUnconfirmed(
        _ message: MessageID, _ ringing: RingPlan.Ringing, _ session: DeviceSession, _ console: Console
    ) {
        let text =
            "the \(MessageWords.urgency(ringing.urgency)) message that was paged is NOT CONFIRMED: the relay has none such for this "
            + "device"
        stream(
            ["event": "page_unconfirmed", "message": .text(message), "text": .string(text)],
            "\(text) (\(ShortIDs([message.description]).short(message.description)))", console)
    }

    /// A test page came through.
    static func showProven(_ subscription: SubscriptionID, _ console: Console) {
        stream(
            ["event": "push_proven", "subscription": .text(subscription)],
            "pages reach this device over \(subscription)", console)
    }

    /// Who signed a page's alert, as far as they are known here.
    static func sender(_ alert: PagedAlert, _ session: DeviceSession) -> String {
        alert.member.map { session.view.displayName(of: $0) } ?? "a device that is not known here yet"
    }

    private static func object(_ event: String, _ document: JSONValue) -> JSONValue {
        var object = JSONObject()
        object.set("event", to: .string(event))
        if case .object(let members) = document {
            for member in members.members { object.set(member.key, to: member.value) }
        }
        return .object(object)
    }

    /// A line for people alone.
    static func say(_ words: String, _ console: Console) {
        if !console.isJSON { console.line(.null, human: stamped(words)) }
    }

    private static func arrived(_ message: InboxMessage, isProvenNow: Bool, _ session: DeviceSession) -> String {
        let isReply = InboxCommand.isReply(message, session)
        let late =
            isReply || !message.waitsForAPerson
            ? nil
            : AnswerTime.late(
                message.urgency, at: message.at, expires: message.expires, session.view.policy,
                now: session.connection.clock.now())
        let marks = [
            message.quarantine != nil ? "DOES NOT OPEN" : message.isVerified ? nil : "NOT VERIFIED",
            isProvenNow ? "shown before, and VERIFIED now" : nil, late,
            isReply ? nil : first(of: message, session),
            InboxCommand.promise(message, session),
        ]
        let answered = isReply ? answered(by: message, session) : nil
        return arrival(
            isReply ? "REPLY" : MessageWords.urgency(message.urgency), from: sender(message, session),
            [answered.flatMap { about($0, by: message.member) }] + marks, id: shortID(message.message, session))
    }

    /// `first sent 12:30 by Night Desk`: since when the patient of a message that was handed on waits.
    private static func first(of message: InboxMessage, _ session: DeviceSession) -> String? {
        ListedMessage(message, session).firstSent.map { first in
            "first sent \(WallClock.here.moment(first.at, now: session.connection.clock.now())) by "
                + SafeText.line(first.from)
        }
    }

    /// The message of ours that a reply answers, itself or one that carries it on.
    private static func answered(by message: InboxMessage, _ session: DeviceSession) -> SentState? {
        guard let link = (try? session.reference(of: message.message)).flatMap({ $0 }),
            case .inReplyTo(let parent) = link.reference
        else { return nil }
        return (try? session.sentState(parent.description)) ?? (try? session.sentState(link.root.description))
    }

    /// `about your EMERGENT to Dr. Max, sent 12:30, a QUESTION`: nothing of what is inside the seal of either.
    /// - Parameter member: Who replies.
    static func about(_ answered: SentState, by member: MemberID?, now: Timestamp = .now()) -> String {
        let facts = answered.facts + answered.forwards.flatMap(\.facts)
        let last = facts.last { $0.member == member && $0.action == ReceiptAction.acknowledged.rawValue }
        let isQuestion = last?.reason == ReceiptReason.needInfo.rawValue
        return
            "about your \(MessageWords.urgency(answered.urgency)) sent \(WallClock.here.moment(answered.at, now: now))"
            + (isQuestion ? ", a QUESTION: they need to know more" : "")
    }

    /// `EMERGENT from Night Desk, OVERDUE by 3 min: nightbell read msg-agrceart`: what came, what to know of it, what to type.
    static func arrival(_ what: String, from sender: String, _ marks: [String?], id: String) -> String {
        (["\(what) from \(sender)"] + marks.compactMap { $0 }).joined(separator: ", ") + ": nightbell read \(id)"
    }

    private static func sender(_ message: InboxMessage, _ session: DeviceSession) -> String {
        SafeText.line(InboxCommand.sender(message, session))
    }

    /// As much of an id as names it here.
    private static func shortID(_ message: MessageID, _ session: DeviceSession) -> String {
        let short = ShortIDs([message.description]).short(message.description)
        return (try? session.inboxMessage(short))?.message == message ? short : message.description
    }

    /// `11:54:59 …`: what happened when.
    private static func stamped(_ words: String) -> String { "\(WallClock.here.second(.now())) \(words)" }

    private static func stream(_ document: JSONValue, _ human: String?, _ console: Console) {
        if console.isJSON || human != nil { console.line(document, human: human.map(stamped) ?? "") }
    }
}
