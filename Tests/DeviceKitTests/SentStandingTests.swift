import Secrets
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

    private func state(_ actions: [String], _ forwards: [SentForward], expires: Timestamp? = nil) -> SentState {
        SentState(
            message: MessageID.make(at: at), member: clara, urgency: .urgent, at: at,
            expires: expires ?? at.adding(seconds: 3_600),
            manifestHash: nil, index: 1, state: MessageProgress.furthest(actions), facts: facts(actions, clara),
            devices: [],
            reference: nil, forwards: forwards, replies: [])
    }

    /// Another device of theirs gets it later, and opens it later: they have had it since the first.
    @Test(arguments: ["delivered", "read"])
    func sinceWhenItIsWithThemIsTheFirstTime(_ action: String) {
        #expect(
            state(["delivered", action, action], []).standing?.since == at.adding(seconds: action == "read" ? 1 : 0))
        #expect(state(["acknowledged", "acknowledged"], []).standing?.since == at.adding(seconds: 1))
    }

    @Test func whatNeedsNobodyAnyMoreHasNoDeadline() {
        var handOff = state(["delivered"], [])
        #expect(handOff.waitsForTheFirst && !handOff.isDone)
        handOff.isMootHandOff = true
        #expect(!handOff.waitsForTheFirst && handOff.isDone)
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

    @Test func whatNobodyTookUpIsNotOverByItsClose() {
        #expect(state(["delivered", "closed"], []).isClosedUnseen && state(["closed"], []).isReadByNobody)
        for actions in [["read", "closed"], ["acknowledged", "closed"], ["delivered"]] {
            #expect(!state(actions, []).isClosedUnseen, "\(actions)")
        }
        let other = state(["read", "handed_off"], [forward(to: dan, ["delivered", "closed"])])
        #expect(other.isClosedUnseen && !other.isReadByNobody)
        #expect(state(["read", "declined", "closed"], []).isClosedAfterDecline)
        for actions in [["read", "closed"], ["declined", "acknowledged", "closed"], ["declined"]] {
            #expect(!state(actions, []).isClosedAfterDecline, "\(actions)")
        }
        // It is another's no.
        #expect(!state(["declined", "handed_off"], [forward(to: dan, ["closed"])]).isClosedAfterDecline)
    }

    @Test func whoPromisesUnreadIsKnown() {
        #expect(state(["delivered", "acknowledged"], []).isAcknowledgedUnread)
        #expect(!state(["acknowledged", "read"], []).isAcknowledgedUnread)
        #expect(!state(["delivered", "closed"], []).isAcknowledgedUnread)
        #expect(state(["read", "handed_off"], [forward(to: dan, ["acknowledged"])]).isAcknowledgedUnread)
    }

    @Test func whatIsTakenUpAfterItsTimeIsKnown() {
        func late(_ actions: [String], _ forwards: [SentForward] = [], expires: Int64) -> Timestamp? {
            state(actions, forwards, expires: at.adding(seconds: expires)).expiredBeforeTaken
        }
        #expect(late(["delivered", "acknowledged"], expires: 1) == at.adding(seconds: 1))
        #expect(late(["delivered", "acknowledged"], expires: 2) == nil)
        // Another promise of theirs is no second taking up.
        #expect(late(["acknowledged", "read", "acknowledged"], expires: 1) == nil)
        #expect(late(["delivered", "acknowledged", "closed"], expires: 1) == nil)
        // What was handed on has its own time.
        #expect(late(["handed_off"], [forward(to: dan, ["read", "acknowledged"])], expires: 0) == nil)
    }

    /// To whom a word more goes: a mere hand-off takes a message from nobody.
    @Test(
        arguments: [
            ("handed_off", ["delivered", "acknowledged"], true), ("handed_off", ["delivered", "read"], false),
            ("handed_off", ["declined"], false), ("handed_off", [], false), ("handed_off", ["handed_off"], true),
            ("closed", ["acknowledged"], false),
        ] as [(String, [String], Bool)])
    func aMessageIsInTheHandThatTookItUp(_ own: String, _ actions: [String], _ isTaken: Bool) {
        let asked = forward(to: dan, actions)
        #expect(SentForward.inHand(of: own, [asked])?.to == (isTaken ? dan : nil))
    }

    @Test func whoAcknowledgedStandsBeforeWhoHandedItOnAndWhoWasAskedLast() {
        let hands = [
            forward(to: clara, ["handed_off"]), forward(to: dan, ["acknowledged"]), forward(to: eve, ["read"]),
        ]
        #expect(SentForward.inHand(of: "handed_off", hands)?.to == dan)
    }

    /// What was promised on a device that is gone may be forgotten with it.
    @Test func whatWasTakenUpIsOutOfReachWithItsLastDeviceUntilItIsClosed() {
        for (actions, isOut) in [
            (["read"], true), (["acknowledged"], true), (["declined"], false), (["closed"], false),
        ] {
            #expect(state(actions, []).isOutOfReach { _ in false } == isOut, "\(actions)")
        }
        #expect(state(["handed_off"], [forward(to: dan, ["acknowledged"])]).isOutOfReach { _ in false })
    }

    /// What was dealt with comes back by anything new, and by nothing else.
    @Test func everythingNewCounts() {
        let before = state(["delivered"], [])
        #expect(before.newsCount == state(["delivered"], []).newsCount)
        #expect(before.newsCount < state(["delivered", "read"], []).newsCount)
        let handed = state(["delivered"], [forward(to: dan, [])])
        #expect(before.newsCount < handed.newsCount)
        #expect(handed.newsCount < state(["delivered"], [forward(to: dan, ["delivered"])]).newsCount)
        #expect(before.newsCount < replied(["delivered"], [], by: clara, after: 60).newsCount)
    }

    private func replied(
        _ actions: [String], _ forwards: [SentForward], by member: MemberID, after seconds: Int64
    ) -> SentState {
        let message = MessageID.make(at: at)
        let reply = SentReply(
            message: MessageID.make(at: at), answers: message, device: DeviceID(key: SigningKey().verifyingKey),
            member: member, at: at.adding(seconds: seconds), promisedAt: nil, isVerified: true)
        return SentState(
            message: message, member: clara, urgency: .urgent, at: at, expires: nil, manifestHash: nil, index: 1,
            state: MessageProgress.furthest(actions), facts: facts(actions, clara), devices: [], reference: nil,
            forwards: forwards, replies: [reply])
    }

    @Test func whoTakesItBackAfterANoHasIt() {
        let no = [forward(to: dan, ["delivered", "declined"])]
        let back = state(["delivered", "handed_off", "acknowledged"], no)
        #expect(back.standing?.member == clara)
        #expect(back.standing?.state == "acknowledged")
        #expect(back.holder == clara)
        #expect(back.isAnswered && !back.isDone)
        // What was acknowledged before the no was handed on with it.
        let before = state(["acknowledged", "handed_off"], no)
        #expect(before.standing?.state == "declined" && before.holder == dan)
        // Through two hands: whoever handed it on last.
        let further = [
            forward(to: dan, ["read", "handed_off", "acknowledged"]), forward(to: eve, ["read", "declined"]),
        ]
        #expect(state(["handed_off"], further).holder == dan)
        #expect(further.takenBack?.forward.to == dan)
        #expect(further.isTurnedDown && no.isTurnedDown)
        #expect(no.takenBack == nil)
        let taken = [forward(to: dan, ["read", "acknowledged"]), forward(to: eve, ["read", "declined"])]
        #expect(taken.takenBack == nil && !taken.isTurnedDown)
    }

    @Test func whoWritesAfterANoIsNamed() {
        let no = [forward(to: dan, ["delivered", "declined"])]
        #expect(replied(["handed_off"], no, by: clara, after: 60).wroteSinceDecline == clara)
        // Before the no, or as its words.
        #expect(replied(["handed_off"], no, by: clara, after: 0).wroteSinceDecline == nil)
        #expect(replied(["handed_off"], no, by: dan, after: 60).wroteSinceDecline == nil)
        let taken = [forward(to: dan, ["acknowledged"])]
        #expect(replied(["handed_off"], taken, by: clara, after: 60).wroteSinceDecline == nil)
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
