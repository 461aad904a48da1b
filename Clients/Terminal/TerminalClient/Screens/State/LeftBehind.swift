import DeviceKit
import Statements

/// What somebody who leaves the screen leaves behind.
struct LeftBehind: Sendable, Equatable {
    /// Messages that wait for an answer, and those that were handed on and that nobody has taken up.
    var waiting = 0
    /// Those of them that are emergent.
    var emergent = 0
    /// Promised calls whose time is over, of messages that are not closed.
    var lateCalls = 0
    /// Messages that were acknowledged here and are not closed, and whose call is not late.
    var yours = 0
    /// Answers and words, and hand-offs, that nobody knows but this device.
    var unsentAnswers = 0
    var unsentHandOffs = 0
    /// Replies that nobody has read.
    var replies = 0
    /// What was sent from here and must be telephoned about.
    var toTelephone = 0

    /// Whether somebody must still do something. Nobody has to answer a reply.
    var isPressing: Bool { waiting + lateCalls + unsent + toTelephone > 0 }
    var unsent: Int { unsentAnswers + unsentHandOffs }

    /// `1 EMERGENT message and 2 others wait for an answer, 1 promised call is LATE`: the most pressing first.
    var words: String {
        [
            Self.count(
                toTelephone, "sent message must be TELEPHONED about", "sent messages must be TELEPHONED about"),
            waitingWords, Self.count(lateCalls, "promised call is LATE", "promised calls are LATE"),
            Self.count(unsentAnswers, "answer is NOT SENT", "answers are NOT SENT"),
            Self.count(unsentHandOffs, "hand-off is NOT SENT", "hand-offs are NOT SENT"),
            Self.count(yours, "message is yours and not closed", "messages are yours and not closed"),
            Self.count(replies, "reply is not read", "replies are not read"),
        ].compactMap { $0 }.joined(separator: ", ")
    }

    private var waitingWords: String? {
        let others = waiting - emergent
        guard emergent > 0 else {
            return Self.count(others, "message waits for an answer", "messages wait for an answer")
        }
        guard others > 0 else {
            return Self.count(
                emergent, "EMERGENT message waits for an answer", "EMERGENT messages wait for an answer")
        }
        return "\(emergent) EMERGENT \(emergent == 1 ? "message" : "messages") and \(others) "
            + "\(others == 1 ? "other" : "others") wait for an answer"
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String? {
        number == 0 ? nil : "\(number) \(number == 1 ? one : many)"
    }
}

extension LeftBehind {
    /// Of a list, as the screen shows it.
    init(_ messages: [ListedMessage], now: Timestamp) {
        let pressing = messages.filter { $0.needsAnswer || $0.isHandedOnInVain }
        let taken = messages.filter(\.isTaken)
        func isLate(_ message: ListedMessage) -> Bool { message.taken?.callBy.map { $0 <= now } ?? false }
        self.init(
            waiting: pressing.count, emergent: pressing.count { $0.urgency == .emergent },
            lateCalls: taken.count(where: isLate),
            // What is not known to anybody is counted there.
            yours: taken.count { $0.unproven == nil && $0.unsent == nil && !isLate($0) },
            unsentAnswers: messages.count { $0.unproven != nil || ($0.unsent != nil && $0.unsent != .handOff) },
            unsentHandOffs: messages.count { $0.unsent == .handOff },
            replies: messages.count(where: \.isNewReply))
    }
}

extension ScreenState {
    var leftBehind: LeftBehind {
        var left = LeftBehind(messages, now: now)
        left.toTelephone = toTelephone.count
        return left
    }
}
