import Secrets
import Statements
import Testing

@testable import DeviceKit
@testable import TerminalClient

/// What a watcher says to people of what was sent from here: each once, and whole.
@Suite struct ToldLinesTests {
    private let message = ListedMessage.sample(1, .urgent, age: 0).id
    private let start = ContinuousClock.now

    @Test func theSameIsSaidOnce() {
        var lines = ToldLines()
        let first = lines.isNews(message, "with Dr. Noor", waitsForTime: false)
        let again = lines.isNews(message, "with Dr. Noor", waitsForTime: false)
        let other = lines.isNews(message, "read by Dr. Noor", waitsForTime: false)
        #expect(first && !again && other)
        lines.said(message, "CALL BY TELEPHONE")
        let told = lines.isNews(message, "CALL BY TELEPHONE", waitsForTime: false)
        #expect(!told)
    }

    @Test func anAcknowledgementIsSaidWithTheTimeThatItPromises() {
        var lines = ToldLines()
        let early = lines.isNews(message, "will call", waitsForTime: true, now: start)
        #expect(!early && lines.waiting == [message])
        let whole = lines.isNews(message, "calls by 03:40", waitsForTime: false, now: start.advanced(by: .seconds(1)))
        #expect(whole && lines.waiting.isEmpty)
    }

    /// A time that does not come keeps the rest from nobody for long.
    @Test func aTimeThatDoesNotComeIsNotWaitedFor() {
        var lines = ToldLines()
        let heard = [0, 9, 10, 11].map {
            lines.isNews(message, "will call", waitsForTime: true, now: start.advanced(by: .seconds($0)))
        }
        #expect(heard == [false, false, true, false])
    }
}

/// What the desk reads of promises, of hand-offs and of its own words.
@Suite struct DeskWordsTests {
    private let now = ScreenStage.start
    private let noor = MemberID.random()
    private let max = MemberID.random()

    private func name(_ member: MemberID?) -> String { member == noor ? "Dr. Noor" : "Dr. Max" }

    private func fact(_ action: String, _ reason: ReceiptReason?, by member: MemberID, _ index: UInt64) -> SentFact {
        SentFact(action: action, reason: reason?.rawValue, device: nil, member: member, at: now, index: index)
    }

    private func sent(
        _ state: String, _ facts: [SentFact] = [], forwards: [SentForward] = [], replies: [SentReply] = [],
        reference: Manifest.Reference? = nil
    ) -> SentState {
        SentState(
            message: .make(at: now), member: noor, urgency: .urgent, at: now, expires: nil, manifestHash: nil, index: 1,
            state: state, facts: facts, devices: [], reference: reference, forwards: forwards, replies: replies)
    }

    private func promise(_ seconds: Int64) -> SentReply {
        SentReply(
            message: .make(at: now), answers: .make(at: now), device: DeviceID(key: SigningKey().verifyingKey),
            member: noor, at: now, promisedAt: now.adding(seconds: seconds), isVerified: true)
    }

    /// Who promised a time and handed it on then may still be the one who calls.
    @Test func aHandOffDoesNotHideThePromiseBeforeIt() {
        let forward = SentForward(
            message: .make(at: now), from: noor, to: max, at: now, expires: now.adding(seconds: 900), state: "waiting",
            facts: [], devices: [])
        let state = sent(
            "handed_off", [fact("acknowledged", .willCallBy, by: noor, 2), fact("handed_off", nil, by: noor, 3)],
            forwards: [forward], replies: [promise(1_200)])
        let time = WallClock.here.moment(now.adding(seconds: 1_200))
        let standing = Desk.standing(state, name)
        #expect(standing.hasPrefix("handed on to Dr. Max at "))
        #expect(standing.hasSuffix("; Dr. Noor had promised to call by \(time), and handed it on"))
        #expect(Desk.brokenPromise(state, name) == "Dr. Noor promised to call by \(time), which is over")
    }

    /// Until somebody takes up what was handed on to them, whoever handed it on is called; after a no they are again.
    @Test func whoeverHasItIsNamed() {
        func handedOn(_ state: String) -> SentState {
            sent(
                "handed_off", [fact("handed_off", nil, by: noor, 3)],
                forwards: [
                    SentForward(
                        message: .make(at: now), from: noor, to: max, at: now, expires: now.adding(seconds: 900),
                        state: state, facts: [], devices: [])
                ])
        }
        #expect(Desk.whoHasIt(handedOn("read"), name) == "Dr. Noor, who handed it on to Dr. Max")
        #expect(Desk.whoHasIt(handedOn("acknowledged"), name) == "Dr. Max")
        #expect(Desk.whoHasIt(sent("read"), name) == "Dr. Noor")
        #expect(
            Desk.whomToCall(handedOn("declined"), wrote: nil, name)
                == "telephone Dr. Noor, who handed it on and has it again, or somebody else")
        #expect(Desk.whomToCall(sent("declined"), wrote: nil, name) == "telephone somebody else")
        #expect(Desk.whomToCall(sent("declined"), wrote: "Dr. Max", name) == "telephone Dr. Max, or somebody else")
    }

    @Test func whoCallsNowAndClosesNothingIsToBeTelephoned() {
        let calls = sent(
            "acknowledged", [fact("read", nil, by: noor, 1), fact("acknowledged", .callingNow, by: noor, 2)])
        let (early, late) = (now.adding(seconds: 599), now.adding(seconds: 720))
        let time = WallClock.here.moment(now)
        #expect(Desk.standing(calls, name, now: early) == "acknowledged by Dr. Noor at \(time), calls now")
        #expect(Desk.doubt(calls, now: early) == nil && Desk.callOverdue(calls, now: early) == nil)
        #expect(Desk.standing(calls, name, now: late) == "acknowledged by Dr. Noor at \(time), was to call NOW")
        #expect(Desk.doubt(calls, now: late) == "CALL BY TELEPHONE")
        #expect(Desk.callOverdue(calls, now: late) == "promised to call NOW 12 min ago, not closed")
        #expect(Desk.brokenPromise(calls, now: late, name) == "Dr. Noor promised to call NOW 12 min ago")
        // With a time, it is said as before.
        let promised = sent("acknowledged", [fact("acknowledged", .willCallBy, by: noor, 2)], replies: [promise(60)])
        #expect(Desk.doubt(promised, now: late) == "NOT CLOSED IN THE PROMISED TIME")
    }

    @Test func whoAcknowledgesUnreadIsNamedSo() {
        let unread = sent("acknowledged", [fact("acknowledged", .needInfo, by: noor, 2)])
        #expect(Desk.standing(unread, name).hasPrefix("acknowledged UNREAD by Dr. Noor at "))
    }

    @Test func aPromiseThatIsOnItsWayIsWaitedFor() {
        let acknowledged = [fact("acknowledged", .willCallBy, by: noor, 2)]
        #expect(Desk.waitsForTime(sent("acknowledged", acknowledged)))
        #expect(!Desk.waitsForTime(sent("acknowledged", acknowledged, replies: [promise(60)])))
        #expect(!Desk.waitsForTime(sent("acknowledged", [fact("acknowledged", .callingNow, by: noor, 2)])))
    }

    @Test func whatNeverLeftWasNotSent() {
        for state in ["pending", "refused"] { #expect(Desk.written(sent(state)).hasPrefix("written ")) }
        #expect(Desk.written(sent("waiting")).hasPrefix("sent "))
        let news = SentNews(
            mark: nil, what: "URGENT", name: "Dr. Noor", at: now, isSent: false, standing: "REFUSED", id: "msg-a")
        #expect(news.sentence(now: now).hasPrefix("URGENT to Dr. Noor, written "))
    }

    @Test func whatTheDeskRepliedStandsInTheThread() {
        let state = sent("acknowledged", [fact("acknowledged", .needInfo, by: noor, 2)], replies: [promise(60)])
        let toIt = sent("delivered", reference: .inReplyTo(state.message))
        let toReply = sent("pending", reference: .inReplyTo(state.replies[0].message))
        let other = sent("delivered", reference: .inReplyTo(.make(at: now)))
        let found = Desk.ownReplies(to: state, [.sent(state), .sent(toIt), .sent(toReply), .sent(other)])
        #expect(found.map(\.message) == [toIt.message, toReply.message])
        let time = LocalTime.short(now)
        #expect(
            Desk.ownReplyLine(toIt, to: "Dr. Noor")
                == "  your reply to Dr. Noor at \(time), delivered: \(toIt.message)")
        #expect(Desk.ownReplyLine(toReply, to: "Dr. Noor").contains(", NOT SENT YET, it waits here: "))
    }

    @Test func whatOneWroteOneselfIsNotToldOfAnother() throws {
        let reply = try Reply(promisedAt: now)
        #expect(ContentText.human(reply).hasPrefix("  calls the patient by "))
        #expect(ContentText.human(reply, isOwn: true).hasPrefix("  you promised to call the patient by "))
    }

    @Test func aThreadSaysStatesInWords() throws {
        let entry = ThreadEntry(
            message: .make(at: now), kind: .sent, at: now, from: "you", to: "Dr. Noor", state: "handed_off",
            reply: try Reply(promisedAt: now))
        let lines = ThreadText.lines([entry])
        #expect(lines.first == "  \(LocalTime.short(now))  from you to Dr. Noor  handed off  \(entry.message)")
        #expect(lines.last?.contains("you promised to call the patient by ") == true)
    }

    @Test(arguments: [
        ("Dr. Noor Haddad", 20, "Dr. Noor Haddad"), ("Dr. Alexandra Haddad", 14, "Dr. A. Haddad"),
        ("Dr. Alexandra Haddad", 10, "A. Haddad"), ("Dr. Alexandra Haddad", 6, "Haddad"),
        ("Featherstonehaugh", 8, "Feather…"), ("Answering Service North", 14, "A. S. North"),
    ])
    func aNameIsCutWhereItTellsLeast(_ name: String, _ columns: Int, _ short: String) {
        #expect(ShortNames([name]).fitting(name, columns) == short)
    }
    /// Both names of somebody who was renamed are shortened, each as a name; where there is no room for both, the one at its time.
    @Test(arguments: [
        (60, "Dr. Alexandra Haddad (now called Dr. Marcus Hill)"), (48, "Dr. A. Haddad (now called Dr. M. Hill)"),
        (36, "Haddad (now called Hill)"), (20, "Dr. Alexandra Haddad"),
        (14, "Dr. A. Haddad"), (6, "Haddad"),
    ])
    func aRenamedOneIsNotCutAsOneName(_ columns: Int, _ short: String) {
        let name = "Dr. Alexandra Haddad (now called Dr. Marcus Hill)"
        #expect(ShortNames([name]).fitting(name, columns) == short)
    }

    /// A newcomer bears the name that another one had: neither stands for the other.
    @Test func aFormerNameIsNotItsNewOwner() {
        let former = "Dr. Max Moor (now called Dr. Max Vogel)"
        let names = ShortNames([former, "Dr. Max Moor", "Dr. Max Vogel"])
        let least = names.least(of: [former])
        #expect(names.fitting(former, least).contains("now called"))
        #expect(names.fitting("Dr. Max Moor", 12) == "Dr. Max Moor")
    }
}
