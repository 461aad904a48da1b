import Foundation
import Statements
import Testing

@testable import DeviceKit

/// What can still be said of a message.
@Suite struct AnswerRulesTests {
    private let message = MessageID.make(at: Timestamp(milliseconds: 0))
    private let at = Timestamp(Array("2026-11-28T11:47:00.000Z".utf8))!

    private func refusal(
        _ action: ReceiptAction, after said: [ReceiptAction], handed: AnswerRules.Handed? = nil,
        takenBy name: String? = nil
    ) -> DeviceKitError? {
        let rules = AnswerRules(
            said: said.map { ($0, at) }, handed: handed, taken: name.map { ($0, at) }, sender: "Night Desk")
        do {
            try rules.check(action, on: message, now: at)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            (.acknowledged, "already_yours"), (.handedOff, "already_handed_off"), (.closed, "already_closed"),
        ] as [(ReceiptAction, DeviceKitError.Code)])
    func whatIsFurtherCannotBeDeclined(_ last: ReceiptAction, _ code: DeviceKitError.Code) {
        let refusal = refusal(.declined, after: [.delivered, .read, .declined, last])
        #expect(refusal?.code == code)
        #expect(refusal?.category == .refused)
        #expect(refusal?.message.contains(WallClock.here.minute(at)) == true)
    }

    @Test func whoHasItIsToldHowToGiveItAway() {
        let refusal = refusal(.declined, after: [.acknowledged])
        #expect(refusal?.message == "it is yours since \(WallClock.here.minute(at)) and cannot be declined any more")
        #expect(refusal?.next == "hand it off: nightbell hand-off \(message) --to NAME, or telephone the desk")
    }

    /// Whoever hears no and then that it is closed takes it for dealt with.
    @Test func whatOneDeclinedOneDoesNotClose() {
        let refusal = refusal(.closed, after: [.delivered, .read, .declined])
        #expect(refusal?.code == "declined_by_you" && refusal?.category == .refused)
        #expect(
            refusal?.message
                == "you declined it: Night Desk must find somebody else, and closing would tell them that it is dealt with"
        )
        #expect(refusal?.next == "\"nightbell ack \(message)\" takes it up after all")
        #expect(self.refusal(.closed, after: [.declined, .acknowledged]) == nil)
        #expect(self.refusal(.closed, after: [.declined, .closed]) == nil)
        // What is on its way to another cannot be acknowledged.
        let handed = AnswerRules.Handed(name: "Dr. Eve", at: at, state: "read")
        #expect(self.refusal(.closed, after: [.declined, .handedOff], handed: handed)?.next == "telephone Night Desk")
    }

    @Test func whatWasClosedBeforeItWasTakenUpElsewhereStaysSo() {
        #expect(refusal(.closed, after: [.handedOff, .closed], takenBy: "Dr. Eve") == nil)
        // Until somebody has taken it up, whoever handed it off may see to it.
        #expect(refusal(.closed, after: [.acknowledged, .handedOff]) == nil)
    }

    @Test func afterANoNobodyIsSentBackToTheOneWhoSaidIt() {
        let handed = AnswerRules.Handed(name: "Dr. Eve", at: at, state: "declined")
        let refusal = refusal(.declined, after: [.handedOff], handed: handed)
        #expect(refusal?.next.hasPrefix("hand it to somebody else") == true)
        #expect(refusal?.next.contains("to see to it yourself, acknowledge it anew: nightbell ack") == true)
        #expect(refusal?.next.contains("Dr. Eve") == false)
    }

    @Test func afterANoItIsAcknowledgedAnewAndThenIsOnesOwn() {
        let handed = AnswerRules.Handed(name: "Dr. Eve", at: at, state: "declined")
        #expect(refusal(.acknowledged, after: [.acknowledged, .handedOff], handed: handed) == nil)
        #expect(refusal(.acknowledged, after: [.handedOff], handed: handed, takenBy: "Dr. Fay")?.code == "taken_up")
        let anew: [ReceiptAction] = [.acknowledged, .handedOff, .acknowledged]
        #expect(refusal(.declined, after: anew, handed: handed)?.code == "already_yours")
        func isTakenBack(_ said: [ReceiptAction], _ handed: AnswerRules.Handed?, by name: String? = nil) -> Bool {
            AnswerRules(said: said.map { ($0, at) }, handed: handed, taken: name.map { ($0, at) }).isTakenBack
        }
        #expect(isTakenBack(anew, handed))
        #expect(!isTakenBack([.acknowledged, .handedOff], handed))
        #expect(!isTakenBack(anew + [.handedOff], handed))
        #expect(!isTakenBack(anew, handed, by: "Dr. Fay"))
        #expect(!isTakenBack(anew, AnswerRules.Handed(name: "Dr. Eve", at: at, state: "read")))
        #expect(!isTakenBack([.acknowledged], nil))
        // Through further hands, it is as much one's own again.
        let further = AnswerRules.Handed(name: "Dr. Eve", at: at, state: "handed_off", isTurnedDown: true)
        #expect(refusal(.acknowledged, after: [.handedOff], handed: further) == nil)
        #expect(isTakenBack(anew, further))
    }

    @Test(arguments: [.acknowledged, .declined, .closed] as [ReceiptAction])
    func whatAnotherHasTakenUpIsTheirs(_ action: ReceiptAction) {
        let refusal = refusal(action, after: [.acknowledged, .handedOff], takenBy: "Dr. Eve")
        #expect(refusal?.code == "taken_up")
        #expect(refusal?.message.contains("Dr. Eve") == true)
    }

    /// Max → Noor → Max: nobody is told that what is theirs is theirs no more.
    @Test(
        arguments: [
            ("acknowledged", true, "taken_up", "it is yours there since", "nightbell close"),
            ("closed", true, "taken_up", "you closed it there at", "nightbell read"),
            ("delivered", false, "already_handed_off", "it waits there for your answer", "nightbell ack"),
        ] as [(String, Bool, DeviceKitError.Code, String, String)])
    func whatCameBackIsAnsweredWhereItIs(
        _ state: String, _ isTaken: Bool, _ code: DeviceKitError.Code, _ standing: String, _ command: String
    ) throws {
        let back = MessageID.make(at: at)
        var rules = AnswerRules(
            said: [(.acknowledged, at), (.handedOff, at)],
            handed: AnswerRules.Handed(name: "Dr. Noor", at: at, state: "handed_off"),
            taken: isTaken ? ("Dr. Max", at) : nil)
        rules.back = AnswerRules.Back(message: back, at: at, state: state)
        let error = #expect(throws: DeviceKitError.self) { try rules.check(.acknowledged, on: message, now: at) }
        #expect(error?.code == code)
        #expect(error?.message.contains("to Dr. Noor at") == true)
        #expect(error?.message.contains("and it came back to you as \(back): \(standing)") == true)
        #expect(error?.message.contains("Dr. Max") == false)
        #expect(error?.next.contains("\(command) \(back)") == true)
    }

    @Test(
        arguments: [
            ("waiting", "no device of theirs has it yet"), ("delivered", "who has not read it yet"),
            ("read", "who has read it and not answered"), ("handed_off", "who handed it on"),
        ])
    func whatWasHandedOffIsNotAcknowledgedAsIfItWereOnes(_ state: String, _ words: String) {
        let time = at.adding(seconds: -600)
        let handed = AnswerRules.Handed(name: "Dr. Eve", at: time, state: state)
        let refusal = refusal(.acknowledged, after: [.acknowledged, .handedOff], handed: handed)
        #expect(refusal?.code == "already_handed_off")
        #expect(refusal?.category == .refused)
        #expect(
            refusal?.message.hasPrefix(
                "you handed it off to Dr. Eve at \(WallClock.here.minute(time)), \(words): it cannot be acknowledged any more"
            )
                == true)
        #expect(
            refusal?.next.hasPrefix("telephone Dr. Eve; to see to it yourself, tell the desk when you call: ") == true)
    }

    @Test func whatWasHandedOffAndIsNotKnownAnyMoreIsRefusedAllTheSame() {
        let refusal = refusal(.acknowledged, after: [.handedOff])
        #expect(refusal?.code == "already_handed_off")
        #expect(refusal?.message.contains("at \(WallClock.here.minute(at)), and nobody has taken it up") == true)
    }

    @Test func whatIsClosedIsNotAcknowledgedAnyMore() {
        #expect(refusal(.acknowledged, after: [.acknowledged, .closed])?.code == "already_closed")
    }

    @Test func whatChangesSomethingIsAllowed() {
        #expect(refusal(.acknowledged, after: [.delivered, .declined]) == nil)
        #expect(refusal(.declined, after: [.delivered, .read]) == nil)
        #expect(refusal(.declined, after: [.declined]) == nil)
        // Another promise, or the same one said twice.
        #expect(refusal(.acknowledged, after: [.delivered, .acknowledged]) == nil)
        #expect(refusal(.read, after: [.acknowledged]) == nil)
    }

    @Test(arguments: [
        ("agrce", "msg-agrce"), ("msg-agrce", "msg-agrce"), ("msg-", "msg-"), ("msg", "msg"), ("", ""), ("%", "msg-%"),
    ])
    func idsMayBeTypedWithoutWhatTheyAllBeginWith(_ typed: String, _ beginning: String) {
        #expect(MessageID.beginning(typed) == beginning)
        #expect(DeviceID.beginning(typed.replacing("msg", with: "dev")) == beginning.replacing("msg", with: "dev"))
    }

    @Test func whoMayWriteIsNamed() {
        var policy = Policy()
        policy.writeRights = [.init(from: .intake, to: .provider), .init(from: .provider, to: .provider)]
        #expect(
            DeviceSession.whoMayWrite(to: [.provider], named: "Ada", policy)
                == "those with the role provider or intake may write to Ada; telephone, or ask one of them to write")
        #expect(DeviceSession.whoMayWrite(to: [.gateway], named: "Ada", policy) == "nobody may write to Ada; telephone")
        // Nobody's role lets them write to an auditor, whatever else that one is.
        #expect(
            DeviceSession.whoMayWrite(to: [.auditor], named: "Ada", policy)
                == "Ada is an auditor, and nobody may write to an auditor: telephone")
        #expect(
            DeviceSession.whoMayWrite(to: [.provider, .auditor], named: "Ada", policy)
                == "Ada is an auditor, and nobody may write to an auditor: telephone; if that is a mistake, an admin takes it "
                + "back: nightbell admin roles \"Ada\" provider")
    }

    @Test func theDayIsSaidWhenItIsAnother() {
        let later = at.adding(seconds: 3 * 86_400)
        #expect(WallClock.here.moment(at, now: at) == WallClock.here.minute(at))
        #expect(WallClock.here.moment(at, now: later).hasSuffix(" Nov \(WallClock.here.minute(at))"))
    }
}
