import Statements
import Testing

@testable import DeviceKit
@testable import TerminalClient

/// What the desk reads of what it sent: in `watch`, and in the list of `sent`.
@Suite struct SentNewsTests {
    private let now = ScreenStage.start
    private let noor = MemberID.random()

    private func news(mark: String? = nil) -> SentNews {
        SentNews(
            mark: mark, what: "SAME DAY", name: "Dr. Noor", at: now.adding(seconds: -720), standing: "with Dr. Noor",
            id: "msg-agrceart")
    }

    private func state(_ actions: [String]) -> SentState {
        let facts = actions.enumerated().map { place, action in
            SentFact(
                action: action, reason: nil, device: nil, member: noor, at: now.adding(seconds: Int64(place)),
                index: UInt64(place))
        }
        return SentState(
            message: MessageID.make(at: now), member: noor, urgency: .urgent, at: now, expires: nil,
            manifestHash: nil, index: 1, state: MessageProgress.furthest(actions), facts: facts, devices: [],
            reference: nil, forwards: [], replies: [])
    }

    @Test func isOneSentenceWithWhatToType() {
        let sent = WallClock.here.moment(now.adding(seconds: -720), now: now)
        let sentence = "SAME DAY to Dr. Noor, sent \(sent) (12 min ago), with Dr. Noor: nightbell sent msg-agrceart"
        #expect(news().sentence(now: now) == sentence)
        #expect(news(mark: "NOBODY TAKES IT").sentence(now: now) == "NOBODY TAKES IT: \(sentence)")
    }

    @Test(arguments: [nil, "CALL BY TELEPHONE", "NO DEVICE LEFT, CALL BY TELEPHONE"])
    func whoIsToTelephoneIsToldOnce(_ mark: String?) {
        let alarm = news(mark: mark).alarm("nobody answered in time", now: now)
        #expect(alarm.hasPrefix("CALL BY TELEPHONE: nobody answered in time: SAME DAY to Dr. Noor, sent "))
        #expect(alarm.ranges(of: "CALL BY TELEPHONE").count == 1)
    }

    @Test func whatIsNewBesidesHowItStandsIsSaid() {
        for told in [["delivered", "read"], ["delivered", "unanswered"], ["acknowledged", "read"]] {
            #expect(SentNews.also(state(told)) { _ in "Dr. Noor" } == nil)
        }
        #expect(
            SentNews.also(state(["delivered", "read", "disclosed"])) { _ in "Dr. Noor" } == "Dr. Noor: saved a file")
    }

    @Test func whatWasClosedUnreadLooksLikeNoOtherClose() {
        let unread = state(["delivered", "closed"])
        #expect(Desk.standing(unread) { _ in "Dr. Noor" }.hasPrefix("closed UNREAD by Dr. Noor at "))
        #expect(DeskList.doneRow(unread, to: "Dr. Noor")[1] == "closed UNREAD")
        let read = state(["delivered", "read", "closed"])
        #expect(Desk.standing(read) { _ in "Dr. Noor" }.hasPrefix("closed by Dr. Noor at "))
        #expect(DeskList.doneRow(read, to: "Dr. Noor")[1] == "closed")
    }

    @Test func timesOfTheListAreThoseOfTheMachine() {
        #expect(DeskList.doneRow(state(["closed"]), to: "Dr. Noor").last == LocalTime.short(now))
    }
}
