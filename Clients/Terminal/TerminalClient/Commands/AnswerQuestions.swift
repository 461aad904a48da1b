import DeviceKit
import Statements

/// What whoever promises a call at a terminal is asked first.
extension Answer {
    /// Whoever types is asked before they promise a call about what they have not read: the number stands in it.
    static func confirmUnreadPromise(
        _ found: InboxMessage, _ session: DeviceSession, _ console: Console
    ) throws {
        guard try !session.isTaken(found), try !session.wasRead(found.message) else { return }
        guard console.confirms(AnswerWords.promiseUnread) else {
            throw notAcknowledged("read it first: nightbell read \(found.message)")
        }
    }

    /// Nobody means the next afternoon by `--by 14:10`, typed at a quarter past two.
    static func confirmLong(_ promised: Timestamp?, _ console: Console, now: Timestamp = .now()) throws {
        guard let question = promised.flatMap({ AnswerWords.promiseLate($0, now: now) }) else { return }
        guard console.confirms(question) else {
            throw notAcknowledged("say when you call, in minutes or by the clock: --by 20, --by 03:30")
        }
    }

    private static func notAcknowledged(_ next: String) -> DeviceKitError {
        DeviceKitError(
            "not_acknowledged", .failed, "it is NOT acknowledged, and still waits for your answer", next: next)
    }
}
