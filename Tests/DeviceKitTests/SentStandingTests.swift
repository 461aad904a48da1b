import Statements
import Testing

@testable import DeviceKit

/// Who has a message that went through several hands.
@Suite struct SentStandingTests {
    private let at = Timestamp(Array("2026-11-28T11:47:00.000Z".utf8))!
    private let clara = MemberID.random()
    private let dan = MemberID.random()
    private let eve = MemberID.random()

    private func facts(_ actions: [String], _ member: MemberID) -> [SentFact] {
        actions.enumerated().map { place, action in
            SentFact(
                action: action, reason: nil, device: nil, member: member, at: at.adding(seconds: Int64(place)),
                index: UInt64(place))
        }
    }

    private func forward(to member: MemberID, _ actions: [String]) -> SentForward {
        SentForward(
            message: MessageID.make(at: at), from: clara, to: member, at: at, expires: at.adding(seconds: 3_600),
            state: MessageProgress.furthest(actions), facts: facts(actions, member), devices: [])
    }

    private func state(_ actions: [String], _ forwards: [SentForward]) -> SentState {
        SentState(
            message: MessageID.make(at: at), member: clara, urgency: .urgent, at: at,
            expires: at.adding(seconds: 3_600),
            manifestHash: nil, index: 1, state: MessageProgress.furthest(actions), facts: facts(actions, clara),
            devices: [],
            reference: nil, forwards: forwards, replies: [])
    }

    @Test func whoClosedItStandsBeforeWhoWasAskedLast() {
        let state = state(
            ["delivered", "handed_off", "closed"], [forward(to: dan, ["delivered", "read"])])
        #expect(state.standing?.state == "closed")
        #expect(state.standing?.member == clara)
        #expect(state.holder == clara)
    }

    @Test(arguments: ["acknowledged", "closed"])
    func whoTookItUpStandsBeforeWhoWasAskedLast(_ action: String) {
        let state = state(
            ["delivered", "handed_off"],
            [forward(to: dan, ["delivered", action]), forward(to: eve, ["delivered", "read"])])
        #expect(state.standing?.state == action)
        #expect(state.standing?.member == dan)
        #expect(state.holder == dan)
    }

    /// Who passes on what they never acknowledged gives the patient no further time.
    @Test func theFirstTimeCountsUntilSomebodyTookItUp() {
        let waiting = forward(to: dan, ["delivered"])
        #expect(state(["delivered"], []).waitsForTheFirst)
        #expect(state(["delivered", "read", "handed_off"], [waiting]).waitsForTheFirst)
        #expect(!state(["delivered", "acknowledged", "handed_off"], [waiting]).waitsForTheFirst)
        #expect(!state(["delivered", "handed_off"], [forward(to: dan, ["acknowledged"])]).waitsForTheFirst)
        let further = state(["handed_off"], [waiting, forward(to: eve, [])])
        #expect(further.waits(for: further.forwards[0]))
        let taken = state(
            ["handed_off"], [forward(to: dan, ["read", "handed_off"]), forward(to: eve, ["acknowledged"])])
        #expect(!taken.waits(for: taken.forwards[0]) && !taken.waits(for: taken.forwards[1]))
    }

    /// Only the one who closed it can have read it for that.
    @Test func whatNobodyReadWhoClosedItIsClosedUnread() {
        #expect(state(["delivered", "closed"], []).isClosedUnread)
        #expect(!state(["delivered", "closed", "read"], []).isClosedUnread)
        #expect(!state(["delivered", "read"], []).isClosedUnread)
        #expect(
            state(["delivered", "read", "handed_off"], [forward(to: dan, ["delivered", "closed"])]).isClosedUnread)
        #expect(
            !state(["delivered", "handed_off"], [forward(to: dan, ["delivered", "read", "closed"])]).isClosedUnread)
    }

    @Test func untilSomebodyTakesItUpTheLastIsWaitedFor() {
        let state = state(
            ["delivered", "handed_off"], [forward(to: dan, ["delivered", "declined"]), forward(to: eve, [])])
        #expect(state.standing?.state == "waiting")
        #expect(state.holder == eve)
    }

    @Test func whatIsOutOfReachIsToldOnceAndLookedForOnlyWhenTheRosterGrew() {
        var known = OutOfReach()
        let first = state(["delivered", "read"], [])
        let second = state(["delivered"], [])
        #expect(known.isStale(7))
        #expect(known.take([first], at: 7).map(\.message) == [first.message])
        #expect(!known.isStale(7))
        #expect(known.isStale(8))
        #expect(known.take([first, second], at: 8).map(\.message) == [second.message])
    }
}
