import Foundation
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

    private func state(_ actions: [String], reason: String? = nil, expires: Timestamp? = nil) -> SentState {
        let facts = actions.enumerated().map { place, action in
            SentFact(
                action: action, reason: reason, device: nil, member: noor, at: now.adding(seconds: Int64(place)),
                index: UInt64(place))
        }
        return SentState(
            message: MessageID.make(at: now), member: noor, urgency: .urgent, at: now, expires: expires,
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

    @Test func whomToTelephoneIsSaid() {
        var news = news()
        news.whom = "Dr. Max"
        let alarm = news.alarm("nobody answered in time", now: now)
        #expect(alarm.hasPrefix("CALL BY TELEPHONE Dr. Max: nobody answered in time: SAME DAY to Dr. Noor, sent "))
    }

    /// Nothing of what is inside its seal.
    @Test func aReplySaysWhatItIsAboutAndThatItAsks() {
        let sent = WallClock.here.moment(now, now: now)
        let asked = state(["read", "acknowledged"], reason: "need_info")
        #expect(
            WatchLines.about(asked, by: noor, now: now)
                == "about your URGENT sent \(sent), a QUESTION: they need to know more")
        #expect(WatchLines.about(asked, by: .random(), now: now) == "about your URGENT sent \(sent)")
        #expect(WatchLines.about(state(["read"]), by: noor, now: now) == "about your URGENT sent \(sent)")
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

    /// Whether to find somebody else or to call them again depends on it.
    @Test func aNoIsSaidWithItsReason() {
        let text = Desk.standing(state(["read", "declined"], reason: "not_mine")) { _ in "Dr. Noor" }
        #expect(text.hasPrefix("DECLINED by Dr. Noor at ") && text.hasSuffix(" (not mine)"), "\(text)")
        #expect(DeskList.doneRow(state(["read", "handed_off"]), to: "Dr. Noor")[1] == "handed off")
    }

    @Test func aCloseThatNobodyStandsForStaysToBeTelephoned() {
        let name = { (_: MemberID?) in "Dr. Noor" }
        let unread = state(["delivered", "closed"])
        #expect(Desk.standing(unread, name).hasSuffix(": nobody read it"))
        #expect(Desk.doubt(unread, now: now) == "CALL BY TELEPHONE" && !Desk.isTurnedDown(unread))
        #expect(Desk.doubt(state(["delivered", "read", "closed"]), now: now) == nil)
        let declined = state(["read", "declined", "closed"])
        #expect(Desk.isTurnedDown(declined) && Desk.standing(declined, name).hasSuffix(", who had DECLINED it"))
        #expect(!Desk.isTurnedDown(state(["read", "declined", "acknowledged", "closed"])))
    }

    @Test func whatIsTakenUpLateIsAgreedByTelephone() {
        let late = state(["read", "acknowledged"], expires: now.adding(seconds: 1))
        #expect(
            Desk.takenLate(late, "Dr. Noor")
                == "EXPIRED \(WallClock.here.moment(now.adding(seconds: 1))), taken late by Dr. Noor: agree by telephone who calls"
        )
        #expect(Desk.takenLate(state(["read", "acknowledged"]), "Dr. Noor") == nil)
    }

    @Test func anEmptyListSaysWhatItListed() {
        #expect(DeskList.nothing(isOverdue: true) == "nothing to telephone about")
        #expect(DeskList.nothing(isOverdue: false) == "no messages")
    }

    @Test func whatIsMostUrgentIsFirstAmongWhatIsToBeTelephoned() {
        func message(_ urgency: Urgency, _ state: String) -> SentState {
            SentState(
                message: MessageID.make(at: now), member: noor, urgency: urgency, at: now, expires: nil,
                manifestHash: nil, index: 1, state: state, facts: [], devices: [], reference: nil, forwards: [],
                replies: [])
        }
        let refused = message(.routine, "refused")
        let unanswered = message(.emergent, "delivered")
        #expect(DeskList.isBefore((.telephone, unanswered), (.telephone, refused)))
        #expect(!DeskList.isBefore((.telephone, refused), (.telephone, unanswered)))
        #expect(DeskList.isBefore((.telephone, refused), (.unanswered, unanswered)))
        #expect(DeskList.isBefore((.telephone, refused), (.telephone, message(.routine, "delivered"))))
    }

    /// Nobody has promised to call, and no reply says what is wanted: its sender must telephone.
    @Test func aQuestionWithoutWordsIsToBeTelephoned() {
        let asked = state(["read", "acknowledged"], reason: "need_info")
        #expect(Desk.isAskedWithoutWords(asked))
        #expect(Desk.doubt(asked, now: now) == "THEY NEED TO KNOW MORE, and did not write what")
        #expect(Desk.doubt(state(["read", "acknowledged"], reason: "calling_now"), now: now) == nil)
        #expect(Desk.doubt(state(["acknowledged", "closed"], reason: "need_info"), now: now) == nil)
    }

    @Test func aNoIsNotTheLastWordWhenSomebodyWroteSince() {
        #expect(Desk.turnedDown(wrote: nil) == "NOBODY TAKES IT")
        #expect(Desk.turnedDown(wrote: "Dr. Noor") == "NOBODY TAKES IT, BUT Dr. Noor WROTE SINCE")
    }

    @Test func whoTookItUpOnADeviceThatIsGoneMayHaveLostTheNumber() {
        #expect(Desk.noDeviceLeft(state(["read"]), "Dr. Max") == "no device of Dr. Max is left that has it")
        #expect(
            Desk.noDeviceLeft(state(["acknowledged"]), "Dr. Max")
                == "no device of Dr. Max is left that has it: they acknowledged it, and may have LOST THE NUMBER to call"
        )
    }

    @Test func whatIsDismissedIsNotSaidToBeGone() {
        let sent = state(["declined"])
        #expect(Desk.dismissed(sent).hasPrefix("\(sent.message) is dealt with, on this device: "))
        #expect(Desk.dismissed(sent).contains("comes back when something is new"))
    }

    @Test func whatWasSentIsKnownByItsPatientOrItsFirstWords() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let record = try MessageContent(
            recordFile: Array(try Data(contentsOf: root.appending(path: "Config/demo-call-record.json"))))
        #expect(SentContent.brief(record) == "Zephyrine Quillfeather")
        let long = "Mrs. Ode,\n chest \u{1B}pain " + String(repeating: "x", count: 80)
        let brief = try #require(SentContent.brief(try MessageContent(text: long)))
        #expect(brief.hasPrefix("Mrs. Ode, chest \\u{1B}pain x") && brief.hasSuffix("x…"), "\(brief)")
        #expect(TextWidth.of(brief) <= 48)
        #expect(SentContent.brief(nil) == nil)
        let sent = state(["read"])
        #expect(DeskList.idLine(sent, brief) == "  \(sent.message)  about: \(brief)")
        #expect(DeskList.idLine(sent, nil) == "  \(sent.message)")
    }

    @Test func whoWasAskedLastIsSaidWhereAReplyGoesToAnother() {
        #expect(
            ReplyCommand.handedOn(to: "Dr. Max", state: "read")
                == "it was handed on to Dr. Max, who has not taken it up: --to \"Dr. Max\" writes to them")
        #expect(ReplyCommand.handedOn(to: "Dr. Max", state: "declined").contains("who DECLINED it"))
    }

    @Test func timesOfTheListAreThoseOfTheMachine() {
        #expect(DeskList.doneRow(state(["closed"]), to: "Dr. Noor").last == LocalTime.short(now))
    }
}
