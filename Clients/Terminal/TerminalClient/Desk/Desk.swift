import DeviceKit
import Membership
import Statements

/// How a message that was sent from here stands, for whoever must know at a glance whether to telephone.
enum Desk {
    /// Two lines and what came of it: who has it, since when, and what they said.
    /// - Parameters:
    ///   - withWords: Opens the replies.
    ///   - hinted: Completes the commands that a sentence names.
    static func text(
        _ state: SentState, _ session: DeviceSession, withWords: Bool = false, hinted: (String) -> String
    ) -> String {
        var lines = [headline(state, session), "  \(state.message)  \(ActionWords.text(state.state))"]
        lines += facts(state.facts, indent: "  ", session)
        for forward in state.forwards {
            let from = name(forward.from, session)
            lines.append(
                "  handed by \(from) to \(name(forward.to, session)) at \(LocalTime.short(forward.at)), \(forward.message)"
            )
            lines += facts(forward.facts, indent: "    ", session)
            if forward.facts.isEmpty { lines.append("    no receipt yet") }
        }
        if !isRefused(state), state.facts.isEmpty, state.forwards.isEmpty { lines.append("  no receipt yet") }
        lines += dismissal(state, session).map(hinted)
        lines += conversation(state, session, withWords: withWords)
        return lines.joined(separator: "\n")
    }

    /// `CALL BY TELEPHONE  urgent  to Dr. Noor  sent 03:07 (12 min ago)  nobody has it`.
    static func headline(_ state: SentState, _ session: DeviceSession) -> String {
        [
            mark(state, session), "\(MessageWords.urgency(state.urgency))  to \(name(state.member, session))",
            written(state), standing(state, session),
            state.isAnswered && session.isOutOfReach(state) ? whyUnanswered(state, session) : nil,
            callOverdue(state),
        ]
        .compactMap { $0 }.joined(separator: "  ")
    }

    /// `sent 03:07 (12 min ago)`; of what never left, when it was written.
    static func written(_ state: SentState, now: Timestamp = .now()) -> String {
        written(at: state.at, isSent: isSent(state), now: now)
    }

    static func isSent(_ state: SentState) -> Bool { !isRefused(state) && state.state != "pending" }

    static func written(at time: Timestamp, isSent: Bool, now: Timestamp) -> String {
        "\(isSent ? "sent" : "written") \(WallClock.here.moment(time, now: now)) (\(age(of: time, now: now)))"
    }

    /// What its sender is to do, and with whom, or to know first.
    static func mark(_ state: SentState, _ session: DeviceSession) -> String? {
        let holder = whoHasIt(state) { name($0, session) }
        if isRefused(state) { return "NOT SENT, NOBODY HAS IT: TELEPHONE \(holder)" }
        if state.isDealtWith { return "dealt with here" }
        if state.isMootHandOff { return "NOTHING TO DO HERE: yours again, or handed to somebody else since" }
        if session.isOutOfReach(state) { return "NO DEVICE LEFT, CALL BY TELEPHONE \(holder)" }
        if isOverdue(state, session) { return "CALL BY TELEPHONE \(holder)" }
        // Who took it late may have promised a call, and not made it.
        if let late = takenLate(state, holder) {
            return [late, doubt(state)].compactMap { $0 }.joined(separator: "; ")
        }
        if isTurnedDown(state) {
            let wrote = state.wroteSinceDecline.map { name($0, session) }
            return turnedDown(wrote: wrote) + " (\(whomToCall(state, wrote: wrote) { name($0, session) }))"
        }
        return doubt(state).map { doubt in
            doubt.hasSuffix("BY TELEPHONE") ? "\(doubt) \(holder)" : "\(doubt) (telephone \(holder))"
        }
    }

    /// What makes an answer one that its sender cannot rely on.
    static func doubt(_ state: SentState, now: Timestamp = .now()) -> String? {
        if state.isClosedUnseen { return "CALL BY TELEPHONE" }
        if isAskedWithoutWords(state) { return "THEY NEED TO KNOW MORE, and did not write what" }
        guard state.isLate(now: now) else { return nil }
        return state.callsNowSince == nil ? "NOT CLOSED IN THE PROMISED TIME" : "CALL BY TELEPHONE"
    }

    /// Its sender was told to telephone when it expired, and whoever takes it up then calls as well, or nobody does.
    static func takenLate(_ state: SentState, _ name: String) -> String? {
        state.expiredBeforeTaken.map {
            "EXPIRED \(WallClock.here.moment($0)), taken late by \(name): agree by telephone who calls"
        }
    }

    /// A no, and whether somebody through whose hands it went has said more since: they may see to it themselves.
    static func turnedDown(wrote name: String?) -> String {
        "NOBODY TAKES IT" + (name.map { ", BUT \($0) WROTE SINCE" } ?? "")
    }

    /// Until somebody takes up what was handed on to them, it is the giver's, who is named first.
    static func whoHasIt(_ state: SentState, _ name: (MemberID?) -> String) -> String {
        guard let forward = state.forwards.deciding, let giver = forward.from, state.holder == forward.to,
            ["waiting", "delivered", "read"].contains(forward.state)
        else { return name(state.holder) }
        return "\(name(giver)), who handed it on to \(name(forward.to))"
    }

    /// Whoever said no is not called: who handed it to them has it again.
    static func whomToCall(_ state: SentState, wrote: String?, _ name: (MemberID?) -> String) -> String {
        if let wrote { return "telephone \(wrote), or somebody else" }
        let giver = whoHandedOn(state, name)
        return giver.isEmpty ? "telephone somebody else" : "telephone\(giver), or somebody else"
    }

    /// ` Dr. Noor, who handed it on and has it again`, of a message to which the one who was asked last said no; empty when nobody
    /// handed it on.
    static func whoHandedOn(_ state: SentState, _ name: (MemberID?) -> String) -> String {
        state.forwards.deciding?.from.map { " \(name($0)), who handed it on and has it again" } ?? ""
    }

    /// What to do with one that is to be telephoned, once it is dealt with. One that waits here may still go out.
    static func dismissal(_ state: SentState, _ session: DeviceSession) -> [String] {
        guard mustBeTelephoned(state, session), state.state != "pending" else { return [] }
        return ["  once you have telephoned: nightbell sent --dismiss \(state.message)"]
    }

    /// What came of that.
    static func dismissed(_ state: SentState) -> String {
        guard !isRefused(state) else {
            return "\(state.message) is out of the list; it was never sent, and nobody has it"
        }
        return
            "\(state.message) is dealt with, on this device: it is no more among what is to be telephoned. Nobody is told, "
            + "nothing is taken back, \"nightbell sent\" still shows it, and it comes back when something is new about it"
    }

    /// Whether it was not sent and never will be: whoever asked for it may believe that it was.
    static func isRefused(_ state: SentState) -> Bool { state.state == "refused" }

    static func isOverdue(_ state: SentState, _ session: DeviceSession) -> Bool {
        !state.isDone && session.isOverdue(state)
    }

    /// Whether nobody has it, or nobody answers: its sender cannot leave it to this program.
    static func mustBeTelephoned(_ state: SentState, _ session: DeviceSession) -> Bool {
        guard !state.isDealtWith, !state.isMootHandOff else { return false }
        return isOverdue(state, session) || session.isOutOfReach(state) || isRefused(state)
            || state.state == "pending" || isTurnedDown(state) || state.expiredBeforeTaken != nil || doubt(state) != nil
    }

    /// Whether whoever has it asked something, and waits for the desk.
    static func isAsked(_ state: SentState) -> Bool { !state.isDone && state.acknowledgedFor == .needInfo }

    /// The same where nothing was written: no reply rings for it, and nobody has promised to call.
    static func isAskedWithoutWords(_ state: SentState) -> Bool {
        isAsked(state) && !state.replies.contains { $0.member == state.holder }
    }

    /// `CALL BY TELEPHONE Dr. Noor: closed UNREAD by Dr. Noor`: whom to call, and how it stands; `nil` where nobody must.
    static func alarm(_ state: SentState, _ session: DeviceSession) -> String? {
        guard state.state != "pending", mustBeTelephoned(state, session), let mark = mark(state, session) else {
            return nil
        }
        return "\(mark): \(standing(state, session))"
    }

    /// Why its sender is told to telephone.
    static func whyUnanswered(_ state: SentState, _ session: DeviceSession) -> String {
        guard !session.isOutOfReach(state) else {
            return noDeviceLeft(state, name(state.holder, session))
        }
        return state.isDelivered ? "nobody answered in time" : "no device has it in time"
    }

    /// Whoever acknowledged it with a device that is gone had the number to call on it.
    static func noDeviceLeft(_ state: SentState, _ name: String) -> String {
        "no device of \(name) is left that has it"
            + (state.isAnswered ? ": they acknowledged it, and may have LOST THE NUMBER to call" : "")
    }

    /// Whether the last who had it said no: then it is the sender's again, also when that one closed it then.
    static func isTurnedDown(_ state: SentState) -> Bool {
        state.isClosedAfterDecline || !state.isDone && state.standing?.state == "declined"
    }

    /// `Dr. Noor DECLINED it (not_mine)`.
    static func refusal(_ state: SentState, _ session: DeviceSession) -> String {
        let facts = state.facts + state.forwards.flatMap(\.facts)
        let reason = facts.last { $0.action == "declined" }?.reason.map { " (\($0))" } ?? ""
        return "\(name(state.standing?.member, session)) DECLINED it\(reason)"
    }

    /// Who has it, and since when.
    static func standing(_ state: SentState, _ session: DeviceSession) -> String {
        standing(state) { name($0, session) }
    }

    /// What was promised before it was handed on stands behind it: whoever promised may still call.
    static func standing(_ state: SentState, _ name: (MemberID?) -> String, now: Timestamp = .now()) -> String {
        latest(state, name, now) + earlier(state, name).map { "; \($0)" }.joined()
    }

    private static func latest(_ state: SentState, _ name: (MemberID?) -> String, _ now: Timestamp) -> String {
        switch state.state {
        case "pending": return "WAITS HERE, not sent yet"
        case "refused": return "REFUSED"
        default: break
        }
        guard let standing = state.standing else { return "no device has it yet" }
        let who = name(standing.member)
        let time = WallClock.here.moment(standing.since)
        switch standing.state {
        case "waiting": return "handed on to \(who) at \(time), no device has it yet"
        case "delivered": return "with \(who) since \(time), not read"
        case "read": return "read by \(who) at \(time)" + (state.isReply ? "" : ", NOT ANSWERED")
        case "declined":
            // Whether to find somebody else or to call them again depends on it.
            return "DECLINED by \(who) at \(time)\(ActionWords.reason(state.holderFact(.declined)?.reason))"
        case "undecryptable": return "DOES NOT OPEN at \(who)"
        case "acknowledged":
            return "acknowledged\(state.isAcknowledgedUnread ? " UNREAD" : "") by \(who) at \(time)"
                + promiseWords(state, now: now).map { ", \($0)" }.joined()
        default:
            let word = standing.state.replacing("_", with: " ")
            return "\(word)\(state.isClosedUnread ? " UNREAD" : "") by \(who) at \(time)\(closeWords(state))"
        }
    }

    /// Why a close is not the end of it.
    private static func closeWords(_ state: SentState) -> String {
        if state.isClosedAfterDecline { return ", who had DECLINED it" }
        guard state.isClosedUnseen else { return "" }
        return state.isReadByNobody ? ": nobody read it" : ": they had not read it"
    }

    private static func facts(_ facts: [SentFact], indent: String, _ session: DeviceSession) -> [String] {
        facts.map { fact in
            "\(indent)\(LocalTime.full(fact.at))  \(ActionWords.text(fact.action))\(ActionWords.reason(fact.reason))  \(fact.member.map { name($0, session) } ?? "")  "
                + "\(fact.device?.description ?? "")  entry \(fact.index)"
        }
    }

    /// What the replies say, for scripts.
    static func words(_ state: SentState?, _ session: DeviceSession) -> JSONValue? {
        state.map { state in
            .array(
                state.replies.map { reply in
                    var object = JSONObject()
                    object.set("message", to: .text(reply.message))
                    object.set("in_reply_to", to: .text(reply.answers))
                    object.set("member", to: .text(orNull: reply.member))
                    object.set("at", to: .text(reply.at))
                    object.set("verified", to: .bool(reply.isVerified))
                    if let words = openedReply(reply.message, session) {
                        object.set("content", to: ContentText.document(words))
                        object.set(
                            "receipt_verified",
                            to: (try? session.namesTrueReceipt(words, by: reply.device, answering: reply.answers))
                                .flatMap { $0 }.map { .bool($0) } ?? .null)
                    }
                    return .object(object)
                })
        }
    }

    /// The sender of the replies learns that they were read.
    static func markRead(_ state: SentState, _ session: DeviceSession) async {
        for reply in state.replies {
            // What fails is stored, and posted by the next command.
            _ = try? await session.receipt(.read, reason: nil, on: reply.message)
        }
    }

    static func openedReply(_ message: MessageID, _ session: DeviceSession) -> Reply? {
        guard case .reply(let words)? = (try? session.words(of: message)).flatMap({ $0 }) else { return nil }
        return words
    }

    static func name(_ member: MemberID?, _ session: DeviceSession) -> String {
        SafeText.line(member.map(session.view.displayName) ?? "unknown")
    }

    static func age(of time: Timestamp, now: Timestamp = .now()) -> String {
        let seconds = max(0, now.milliseconds(since: time) / 1000)
        return switch seconds {
        case ..<60: "\(seconds) s ago"
        case ..<7_200: "\(seconds / 60) min ago"
        case ..<172_800: "\(seconds / 3_600) h ago"
        default: "\(seconds / 86_400) days ago"
        }
    }
}
