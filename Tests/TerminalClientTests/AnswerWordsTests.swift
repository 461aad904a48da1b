import DeviceKit
import Statements
import Testing

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
}
