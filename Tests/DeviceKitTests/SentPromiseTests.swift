import Secrets
import Statements
import Testing

@testable import DeviceKit

/// By when somebody said that they would call, whoever has the message now.
@Suite struct SentPromiseTests {
    private let at = Timestamp(Array("2026-11-28T11:47:00.000Z".utf8))!
    private let clara = MemberID.random()
    private let dan = MemberID.random()

    private func facts(_ acts: [(String, ReceiptReason?)], _ member: MemberID, from index: UInt64) -> [SentFact] {
        acts.enumerated().map { place, act in
            SentFact(
                action: act.0, reason: act.1?.rawValue, device: nil, member: member,
                at: at.adding(seconds: Int64(place)), index: index + UInt64(place))
        }
    }

    private func promise(by member: MemberID, _ seconds: Int64) -> SentReply {
        SentReply(
            message: MessageID.make(at: at), answers: MessageID.make(at: at),
            device: DeviceID(key: SigningKey().verifyingKey), member: member, at: at,
            promisedAt: at.adding(seconds: seconds), isVerified: true)
    }

    private func state(
        _ own: [(String, ReceiptReason?)], handedOn: [(String, ReceiptReason?)]? = nil, _ replies: [SentReply]
    ) -> SentState {
        let forwards = handedOn.map { acts in
            [
                SentForward(
                    message: MessageID.make(at: at), from: clara, to: dan, at: at, expires: at.adding(seconds: 9_000),
                    state: MessageProgress.furthest(acts.map(\.0)), facts: facts(acts, dan, from: 20), devices: [])
            ]
        }
        return SentState(
            message: MessageID.make(at: at), member: clara, urgency: .urgent, at: at, expires: nil, manifestHash: nil,
            index: 1, state: MessageProgress.furthest(own.map(\.0)), facts: facts(own, clara, from: 1), devices: [],
            reference: nil, forwards: forwards ?? [], replies: replies)
    }

    private let promised: [(String, ReceiptReason?)] = [("delivered", nil), ("acknowledged", .willCallBy)]
    private var handed: [(String, ReceiptReason?)] { promised + [("handed_off", nil)] }

    @Test func aPromiseIsBrokenWhenItsTimeIsOverAndNobodyClosedIt() {
        let promise = promise(by: clara, 600)
        let open = state(promised, [promise])
        #expect(open.promisedBy == promise.promisedAt && open.earlierPromise == nil)
        #expect(!open.isLate(now: at.adding(seconds: 599)) && open.isLate(now: at.adding(seconds: 600)))
        #expect(!state(promised + [("closed", nil)], [promise]).isLate(now: at.adding(seconds: 600)))
        // Who says later that they call now has taken the time back, and is to have called in 10 minutes.
        let now = state(promised + [("acknowledged", .callingNow)], [promise])
        #expect(now.callsNowSince == at.adding(seconds: 2) && now.promisedBy == at.adding(seconds: 602))
    }

    @Test func whoCallsNowIsLateAfterTenMinutes() {
        let now = state([("delivered", nil), ("acknowledged", .callingNow)], [])
        #expect(!now.isLate(now: at.adding(seconds: 600)) && now.isLate(now: at.adding(seconds: 601)))
        #expect(!state([("acknowledged", .callingNow), ("closed", nil)], []).isLate(now: at.adding(seconds: 900)))
        #expect(state([("acknowledged", .needInfo)], []).promisedBy == nil)
        // Handed on, it is the other's time that counts.
        #expect(state([("acknowledged", .callingNow), ("handed_off", nil)], handedOn: [], []).promisedBy == nil)
    }

    @Test func whoHandsOnIsStillTheOneWhoPromised() {
        let promise = promise(by: clara, 600)
        for acts in [[], [("delivered", nil), ("read", nil)], [("declined", .unavailable)]]
            as [[(String, ReceiptReason?)]]
        {
            let waits = state(handed, handedOn: acts, [promise])
            #expect(
                waits.earlierPromise == EarlierPromise(member: clara, reason: .willCallBy, by: promise.promisedAt))
            #expect(waits.promise == nil && waits.isLate(now: at.adding(seconds: 600)))
        }
        // Whoever took it up has their own time.
        let taken = state(handed, handedOn: [("acknowledged", .callingNow)], [promise])
        #expect(taken.earlierPromise?.by == promise.promisedAt && taken.promisedBy == at.adding(seconds: 600))
        #expect(!taken.isLate(now: at.adding(seconds: 599)))
        let own = self.promise(by: dan, 900)
        let both = state(handed, handedOn: [("acknowledged", .willCallBy)], [promise, own])
        #expect(both.promisedBy == own.promisedAt && both.earlierPromise?.by == promise.promisedAt)
        #expect(state(handed, handedOn: [("closed", nil)], [promise]).earlierPromise == nil)
    }

    @Test func whoPromisedNothingIsHeldToNothing() {
        #expect(state([("acknowledged", .needInfo), ("handed_off", nil)], handedOn: [], []).earlierPromise == nil)
        #expect(state([("read", nil), ("handed_off", nil)], handedOn: [], []).earlierPromise == nil)
        let now = state([("acknowledged", .callingNow), ("handed_off", nil)], handedOn: [], []).earlierPromise
        #expect(now == EarlierPromise(member: clara, reason: .callingNow, by: nil))
    }

    @Test func eachPromiseIsToldOnce() {
        var promises = BrokenPromises(began: at)
        let (first, second) = (MessageID.make(at: at), MessageID.make(at: at.adding(seconds: 1)))
        #expect(promises.isStale(1, 1))
        promises.learn([(first, at.adding(seconds: 60)), (second, at.adding(seconds: -86_400))], at: 1, 1)
        #expect(!promises.isStale(1, 1) && promises.isStale(2, 1) && promises.isStale(1, 2))
        let told = [59, 60, 61].map { promises.take(now: at.adding(seconds: $0)) }
        // What was broken a day before is nobody's news.
        #expect(told == [[], [first], []])
        promises.learn([(first, at.adding(seconds: 120))], at: 2, 1)
        let again = [119, 120, 121].map { promises.take(now: at.adding(seconds: $0)) }
        #expect(again == [[], [first], []])
    }

    /// Whom two ids mean that begin alike is told without a word of what they say.
    @Test func candidatesAreToldApart() {
        let words = Candidates.words("msg-a", .sameDay, "from", "Dr. Noor", at, now: at)
        #expect(words == "msg-a (SAME DAY from Dr. Noor, \(WallClock.here.minute(at)))")
    }
}
