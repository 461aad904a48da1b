import Statements
import Testing

@testable import DeviceKit
@testable import TerminalClient

/// What a person is told of an answer that they gave.
@Suite struct AnswerWordsTests {
    private let now = Timestamp(Array("2026-11-28T10:47:00.000Z".utf8))!
    private let away = DeviceKitError("relay_unreachable", .unreachable, "the relay does not answer", next: "x")

    @Test func whoAcknowledgesHearsWhatTheyPromised() {
        let time = now.adding(seconds: 3_180)
        #expect(
            AnswerWords(action: .acknowledged, reason: .willCallBy, promised: time).promise(now: now)
                == "promised: you call by \(WallClock.here.minute(time)) (in 53 min)")
        let calling = AnswerWords(action: .acknowledged, reason: .callingNow)
        #expect(calling.promise(now: now)?.hasPrefix("promised: you call NOW") == true)
        #expect(AnswerWords(action: .acknowledged, reason: .needInfo).promise(now: now) == nil)
        #expect(AnswerWords(action: .declined, reason: .unavailable).promise(now: now) == nil)
    }

    /// Nobody waits for a call by a reply, unless one is promised.
    @Test func whoAcknowledgesAReplyPromisesNothing() {
        let reply = AnswerWords(action: .acknowledged, reason: .callingNow, asksForNoCall: true)
        #expect(reply.promise()?.hasPrefix("a reply asks for no call: you promised none") == true)
        #expect(!reply.untold(away, to: "Dr. Noor").next.contains("call as you promised"))
    }

    /// At three in the morning: who does not know, and what to do now.
    @Test(
        arguments: [
            (.acknowledged, .callingNow, "your acknowledgement", "call as you promised, and TELEPHONE Night Desk"),
            (.acknowledged, .needInfo, "your acknowledgement", "TELEPHONE Night Desk and ask"),
            (.declined, .unavailable, "your refusal", "TELEPHONE Night Desk NOW: they still believe"),
            (.closed, nil, "your word that it is closed", "if Night Desk must know it now, TELEPHONE them"),
        ] as [(ReceiptAction, ReceiptReason?, String, String)])
    func anAnswerThatNobodyKnowsOfSaysSoFirst(
        _ action: ReceiptAction, _ reason: ReceiptReason?, _ thing: String, _ step: String
    ) {
        let error = AnswerWords(action: action, reason: reason).untold(away, to: "Night Desk")
        #expect(error.code == away.code && error.category == .unreachable)
        #expect(error.message.hasPrefix("NOT yet known to Night Desk: \(thing) is kept on this device"))
        #expect(error.message.hasSuffix("(the relay does not answer)"))
        #expect(error.next.hasPrefix(step))
        #expect(error.next.contains("\"nightbell watch\", or the same command again, sends it"))
    }

    /// The receipt is known, the new words are not: that comes first, and no promise stands there as if it were known.
    @Test func wordsThatNobodyKnowsOfAreSaidFirst() throws {
        let promised = now.adding(seconds: 1_200)
        let outcome = AnswerWords(action: .acknowledged, reason: .willCallBy, promised: promised)
        let warning = outcome.wordsUntold(away, to: "Night Desk")
        #expect(warning.hasPrefix("NOT known to Night Desk: that you call by \(WallClock.here.moment(promised))"))
        #expect(warning.contains("TELEPHONE Night Desk") && warning.contains("(the relay does not answer)"))
        #expect(warning.hasSuffix("Your acknowledgement itself is known"))
        #expect(outcome.wordsUntold(away, to: "Night Desk", areRefused: true).contains("REFUSED and never go out"))

        let id = ListedMessage.sample(1, .urgent, age: 0).id
        let waits = acknowledged(id, Answered(index: 12, waiting: away), outcome)
        #expect(waits.hasPrefix("NOT known to Night Desk: you call by "))
        #expect(waits.hasSuffix("\nacknowledged \(id), entry 12 of the activity log, proven, WITHOUT your new words"))
        #expect(!waits.contains("promised:"))
        let known = acknowledged(id, Answered(index: 12), outcome)
        #expect(known.hasPrefix("acknowledged \(id), entry 12 of the activity log, proven\npromised: you call by "))
    }

    private func acknowledged(_ id: MessageID, _ answered: Answered, _ outcome: AnswerWords) -> String {
        Answer.human(id, .acknowledged, answered, outcome, to: "Night Desk")
    }

    @Test func whatIsTakenUpTooLateSaysWhoWasTold() {
        #expect(AnswerWords.expired(now.adding(seconds: 1), sender: "Night Desk", now: now) == nil)
        let late = AnswerWords.expired(now.adding(seconds: -7_200), sender: "Night Desk", now: now)
        let time = WallClock.here.moment(now.adding(seconds: -7_200), now: now)
        #expect(late == "TOO LATE: it expired at \(time) and Night Desk was told to telephone: call Night Desk first")
        // No promise to call now stands beside that.
        let words = AnswerWords(action: .acknowledged, reason: .callingNow, isTooLate: true)
        #expect(words.promise(now: now) == nil)
    }

    @Test func whoPromisesMuchIsAsked() {
        #expect(AnswerWords.promiseLate(now.adding(seconds: 3_600), now: now) == nil)
        #expect(AnswerWords.promiseLate(now.adding(seconds: 50_400), now: now) == "That is in 14 h. Promise that?")
        #expect(AnswerWords(action: .acknowledged, reason: .callingNow).promisesCall)
        #expect(AnswerWords(action: .acknowledged, reason: .willCallBy).promisesCall)
        #expect(!AnswerWords(action: .acknowledged, reason: .needInfo).promisesCall)
        #expect(!AnswerWords(action: .acknowledged, reason: .callingNow, asksForNoCall: true).promisesCall)
        #expect(!AnswerWords(action: .closed, reason: nil).promisesCall)
    }

    @Test func whoDeclinesIsAskedByWhatTheyKnow() {
        let sent = now.adding(seconds: -120)
        #expect(
            AnswerWords.decline("EMERGENT", from: "Night Desk", at: sent, now: now)
                == "Decline EMERGENT from Night Desk, sent \(WallClock.here.minute(sent))? Night Desk must find someone else."
        )
    }
}
