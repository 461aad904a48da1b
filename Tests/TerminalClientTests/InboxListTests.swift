import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// The inbox for people, and what `status` counts.
@Suite struct InboxListTests {
    private let now = ScreenStage.start
    private let policy = Policy()

    private func message(
        _ number: Int, _ urgency: Urgency, age: Int64, _ state: String = "delivered", isReply: Bool = false,
        unproven: ReceiptAction? = nil
    ) -> ListedMessage {
        .sample(
            number, urgency, age: age, state: state, unproven: unproven,
            answers: isReply ? ListedMessage.sample(7, .urgent, age: 0).id : nil)
    }

    private var secondsUntilDue: Int64 {
        AnswerTime.due(message(1, .emergent, age: 0), policy).milliseconds(since: now) / 1000
    }

    @Test func whatPressesMostIsFirst() {
        let messages = [
            message(0, .emergent, age: 900, "closed"), message(1, .routine, age: 500),
            message(2, .urgent, age: 100, "read"), message(3, .emergent, age: 50),
            message(4, .emergent, age: 800, "acknowledged"), message(5, .emergent, age: 950, "read", isReply: true),
        ]
        // A reply that was read is done, as what is closed: the newest of those first.
        #expect(InboxList(messages).messages.map(\.id) == [3, 2, 1, 4, 0, 5].map { messages[$0].id })
    }

    @Test func theTimeLeftIsSaid() {
        func time(_ age: Int64, _ state: String = "read", isReply: Bool = false) -> String {
            AnswerTime.words(message(1, .emergent, age: age, state, isReply: isReply), policy, now: now)
        }
        #expect(time(secondsUntilDue - 61) == "answer in 1:01")
        #expect(time(secondsUntilDue + 30) == "OVERDUE by 30 s")
        #expect(time(86_400 + 7_200) == "EXPIRED 2 h ago")
        #expect(time(0, "acknowledged") == "close it when done")
        #expect(time(0, "closed").isEmpty)
        #expect(time(secondsUntilDue + 30, "read", isReply: true).isEmpty)
    }

    @Test func whatWasReadAndNotAnsweredIsCounted() {
        let list = InboxList([
            message(0, .sameDay, age: 10), message(1, .emergent, age: secondsUntilDue - 61, "read"),
            message(2, .routine, age: 1, "closed"), message(3, .emergent, age: 9, "read", isReply: true),
            message(4, .urgent, age: 1, "acknowledged"), message(5, .urgent, age: 1, "read", unproven: .acknowledged),
        ])
        #expect(
            list.groups(policy, now: now).map(\.words) == [
                "1 EMERGENT read, NOT ANSWERED (61 s left)", "1 same day not read",
            ])
    }

    /// Nobody has to answer a reply; whoever took something up has to close it.
    @Test func repliesAreCalledSoAndWhatIsNotClosedIsCounted() {
        let list = InboxList([
            message(0, .emergent, age: 9, isReply: true), message(1, .emergent, age: 9, isReply: true),
            message(2, .urgent, age: 1, "acknowledged"), message(3, .urgent, age: 1),
            message(4, .routine, age: 1, "acknowledged"), message(5, .urgent, age: 1, isReply: true),
        ])
        #expect(
            list.groups(policy, now: now).map(\.wordsWithoutTime) == [
                "2 EMERGENT replies not read", "1 URGENT not read", "1 URGENT reply not read",
            ])
        #expect(list.notClosed?.words == "2 acknowledged, not closed (1 URGENT)")
        #expect(
            InboxList([message(0, .sameDay, age: 1, "acknowledged")]).notClosed?.words
                == "1 same day acknowledged, not closed"
        )
        #expect(InboxList([message(0, .emergent, age: 1, "read")]).notClosed == nil)
    }

    @Test func whatWasDeclinedIsCountedAsYoursAgain() {
        func handed(_ number: Int, _ state: String) -> ListedMessage {
            let carriedOn = CarriedOn(
                to: "Dr. Noor", state: state, since: now, at: now, expires: now.adding(seconds: 9_000))
            return .sample(number, .urgent, age: 9, state: "handed_off", carriedOn: carriedOn)
        }
        let groups = InboxList([handed(0, "declined"), handed(1, "read"), handed(2, "acknowledged")])
            .groups(policy, now: now)
        #expect(
            groups.map(\.wordsWithoutTime) == ["1 URGENT DECLINED, YOURS AGAIN", "1 URGENT handed on, not taken yet"])
        #expect(groups.first?.words == "1 URGENT DECLINED, YOURS AGAIN")
    }

    private func listed(
        _ urgency: Urgency, from: String, _ state: String, answers: MessageID? = nil, carriedOn: CarriedOn? = nil,
        taken: TakenUp? = nil, unproven: ReceiptAction? = nil, isVerified: Bool = true
    ) -> ListedMessage {
        let at = now.adding(seconds: -90_000)
        return ListedMessage(
            id: .make(at: at), urgency: urgency, from: from, at: at, expires: at.adding(seconds: 180_000), state: state,
            isVerified: isVerified, quarantine: nil, unproven: unproven,
            place: answers.map { ListedMessage.Place(root: $0, isReply: true) }, taken: taken, carriedOn: carriedOn)
    }

    /// On a terminal of 80 columns no line is broken, and two who share a title and half a name stay two.
    @Test func theTableFitsAndTellsWhoIsWho() throws {
        let forward = CarriedOn(
            to: "Dr. Wilhelmina Featherstonehaugh", state: "delivered", since: now, at: now,
            expires: now.adding(seconds: 9_000))
        let messages = [
            listed(.emergent, from: "Dr. Alexandra Okonkwo", "read"),
            listed(.emergent, from: "Dr. Alexander Oyelaran", "acknowledged"),
            listed(.sameDay, from: "Dr. Noor Haddad", "handed_off", carriedOn: forward),
            listed(.urgent, from: "Night Desk", "delivered", unproven: .acknowledged, isVerified: false),
        ]
        let reply = listed(.urgent, from: "Dr. Sam Haddad", "delivered", answers: messages[0].id)
        let list = InboxList(messages + [reply], promises: [messages[2].id: now.adding(seconds: 600)])
        let references: InboxCommand.References = [
            reply.id: (reference: .inReplyTo(messages[0].id), root: messages[0].id)
        ]
        for columns in [80, 100, 132] {
            let text = list.table(references, policy, columns: columns, now: now)
            let lines = text.split(separator: "\n").map(String.init)
            #expect(lines.allSatisfy { TextWidth.of($0) <= columns && $0.last != " " }, "\(text)")
            #expect(text.contains("reply to msg-") && text.contains("you promised to call by "), "\(text)")
            for name in ["Noor Haddad", "Sam Haddad", "Night Desk", "Okonkwo", "Oyelaran"] {
                let last = name.split(separator: " ").last ?? ""
                #expect(text.contains(columns == 80 ? last.prefix(6) : last), "\(name): \(text)")
            }
            #expect(text.contains("N. Haddad") || text.contains("Noor Haddad"), "\(text)")
            #expect(text.contains("S. Haddad") || text.contains("Sam Haddad"), "\(text)")
        }
        // Where nobody looks at the lines' ends, a message is a line.
        let whole = list.table(references, policy, columns: nil, now: now)
        #expect(whole.split(separator: "\n").count == 6 && whole.contains("Dr. Alexandra Okonkwo"))
    }

    @Test func whatIsOverdueIsSaidToBe() {
        let group = InboxList.Group(urgency: .urgent, isRead: false, count: 2, left: -30_000)
        #expect(group.words == "2 URGENT not read (OVERDUE by 30 s)")
    }
}

/// What `watch` says to people.
@Suite struct WatchTalkTests {
    @Test func theLinkIsSaidOnceAndAgainAfterAnOutage() {
        var talk = WatchTalk()
        #expect(said(&talk, open: 0) == "connected; nothing waits")
        #expect(said(&talk, open: 0) == nil)
        talk.disconnected()
        #expect(said(&talk, open: 2) == "connected again; 2 messages wait: nightbell inbox")
        talk.disconnected()
        talk.disconnected()
        #expect(said(&talk, open: 1) == "connected again; 1 message waits: nightbell inbox")
    }

    /// What is to be telephoned waits for somebody, too.
    @Test func nothingWaitsOnlyWhenNothingIsToBeTelephoned() {
        var talk = WatchTalk()
        #expect(
            said(&talk, open: 0, calls: 1)
                == "connected; CALL BY TELEPHONE about 1 sent message: nightbell sent --overdue")
        talk.disconnected()
        #expect(
            said(&talk, open: 1, calls: 2)
                == "connected again; CALL BY TELEPHONE about 2 sent messages (\"nightbell sent --overdue\"), and 1 message "
                + "waits: nightbell inbox")
    }

    private func said(_ talk: inout WatchTalk, open: Int, calls: Int = 0) -> String? {
        talk.drained(open: open) { calls }
    }

    /// The first two attempts follow each other within a second.
    @Test func theSameOutageIsNotSaidTwiceInABreath() {
        var talk = WatchTalk()
        let start = ContinuousClock.now
        let said = [("1 s", 0), ("1 s", 1), ("2 s", 2), ("2 s", 60)].map { words, seconds in
            talk.isNews(down: words, now: start.advanced(by: .seconds(seconds)))
        }
        #expect(said == [true, false, true, true])
    }

    @Test func whatArrivesLateSaysSo() {
        let (policy, now) = (Policy(), ScreenStage.start)
        func late(_ seconds: Int64) -> String? {
            let at = now.adding(seconds: -seconds)
            return AnswerTime.late(.emergent, at: at, expires: at.adding(seconds: 3_600), policy, now: now)
        }
        #expect(late(299) == nil)
        #expect(late(330) == "OVERDUE by 30 s")
        #expect(late(3_660) == "EXPIRED 60 s ago")
        #expect(
            WatchLines.arrival("EMERGENT", from: "Night Desk", [nil, late(330)], id: "msg-agrceart")
                == "EMERGENT from Night Desk, OVERDUE by 30 s: nightbell read msg-agrceart")
        #expect(
            WatchLines.arrival("URGENT", from: "Night Desk", [nil, nil], id: "msg-agrceart")
                == "URGENT from Night Desk: nightbell read msg-agrceart")
    }

    @Test func whatNobodyTookUpIsNotCalledRead() {
        let now = ScreenStage.start
        let waits = CarriedOn(to: "Dr. Noor", state: "read", since: now, at: now, expires: now.adding(seconds: 60))
        let handed = ListedMessage.sample(1, .urgent, age: 9, state: "handed_off", carriedOn: waits)
        #expect(WatchLines.unanswered(handed) == "handed on, not taken yet")
        let refused = CarriedOn(
            to: "Dr. Noor", state: "declined", since: now, at: now, expires: now.adding(seconds: 60))
        let again = ListedMessage.sample(3, .urgent, age: 9, state: "handed_off", carriedOn: refused)
        #expect(WatchLines.unanswered(again) == "handed on, DECLINED")
        #expect(WatchLines.unanswered(.sample(2, .urgent, age: 9, state: "read")) == "read, NOT ANSWERED")
    }

    private static let unreachable = DeviceKitError(
        "relay_unreachable", .unreachable, "the relay cannot be reached", next: "wait")

    @Test(arguments: [(11_000, 11), (10_001, 11), (0, 1)] as [(Int64, Int)])
    func anOutageIsToldInSeconds(_ milliseconds: Int64, _ seconds: Int) {
        #expect(
            WatchTalk.down(Self.unreachable, retryInMilliseconds: milliseconds)
                == "the relay cannot be reached: nothing new arrives, and no answer is seen; trying again in \(seconds) s"
        )
    }
}

/// What commands say when something did not go as it was meant.
@Suite struct CommandWordsTests {
    private let missing = DeviceKitError("no_such_member", .notFound, "there is none", next: "look")

    @Test(arguments: ["dr noor", "Dr. Nor", "dr. noor"])
    func theNearestNameIsSuggested(_ typed: String) {
        let error = NamedMember.suggesting(typed, among: ["Dr. Noor", "Night Desk"], missing)
        #expect(error.code == missing.code)
        #expect(error.next == "did you mean \"Dr. Noor\"? look")
    }

    @Test func aPartOfANameNamesThoseWhoBearIt() {
        let names = ["Dr. Noor Haddad", "Dr. Sam Haddad", "Night Desk"]
        let error = NamedMember.suggesting("Haddad", among: names, missing)
        #expect(error.next == "did you mean \"Dr. Noor Haddad\" or \"Dr. Sam Haddad\"? look")
        #expect(
            NamedMember.suggesting("dr. sam", among: names, missing).next == "did you mean \"Dr. Sam Haddad\"? look")
        #expect(NamedMember.suggesting("Dr. Who", among: names, missing).next == "look")
    }

    @Test func nothingNearIsNotGuessed() {
        #expect(NamedMember.suggesting("Somebody Else", among: ["Dr. Noor"], missing).next == "look")
        let other = DeviceKitError("relay_unreachable", .unreachable, "away", next: "wait")
        #expect(NamedMember.suggesting("dr noor", among: ["Dr. Noor"], other).next == "wait")
    }

    @Test func whatIsNotSentIsSaidLoudestFirst() throws {
        let cause = DeviceKitError("relay_unreachable", .unreachable, "the relay does not answer", next: "x")
        let lost = SendCommand.unsent(cause, to: "Dr. Noor", kept: nil)
        #expect(lost.code == cause.code && lost.category == .unreachable)
        #expect(lost.message.hasPrefix("NOT SENT, and nothing is kept: Dr. Noor knows nothing of it"))
        #expect(lost.next == "CALL BY TELEPHONE, or repeat the command when the relay answers")
        let id = ListedMessage.sample(1, .urgent, age: 0).id
        let kept = SendCommand.unsent(cause, to: "Dr. Noor", kept: id)
        #expect(kept.message.hasPrefix("NOT SENT YET: \(id) waits here"))
        #expect(kept.next.hasPrefix("CALL BY TELEPHONE"))
    }

    @Test func timesOfAMessageHaveBounds() throws {
        for seconds in [nil, 1, 604_800] as [UInt64?] {
            try SendCommand.check(seconds, "--expires", "bad_expires", atMost: 604_800)
        }
        for seconds in [0, 604_801, .max] as [UInt64] {
            let error = #expect(throws: DeviceKitError.self) {
                try SendCommand.check(seconds, "--expires", "bad_expires", atMost: 604_800)
            }
            #expect(error?.category == .usage)
            #expect(error?.message.hasPrefix("--expires takes 1 to 604800 seconds: ") == true)
            #expect(error?.message.contains("7 days") == true)
        }
    }

    @Test func whatIsRevokedAgainIsSaidToBe() {
        let text = AdminRevokeCommand.again(
            "inv-a", at: ScreenStage.start, reason: "wrong\u{1B} person", "entry 4 of the roster log")
        #expect(
            text.hasPrefix("inv-a was revoked BEFORE, on \(LocalTime.short(ScreenStage.start)) (reason: wrong\\u{1B}"))
        #expect(text.hasSuffix("nothing is done now"))
    }

    /// Whose device it is, and what follows, before nothing brings it back.
    @Test func whoRevokesIsToldWhoseItIs() {
        let last = RevokeQuestion(device: "dev-a", label: "ward phone", of: "Dr. Noor", isLast: true)
        #expect(last.question == "Revoke the device \"ward phone\" of Dr. Noor?")
        #expect(last.warning.contains("LAST device of Dr. Noor: nothing reaches them then"))
        #expect(last.unrevoked == "dev-a is NOT revoked")
        let another = RevokeQuestion(device: "dev-a", label: "ward phone", of: "Dr. Noor", isLast: false)
        #expect(!another.warning.contains("LAST"))
        #expect(RevokeQuestion(invitation: "inv-a", for: "Dr. Noor").question.contains("invitation for Dr. Noor"))
    }

    @Test func whoWaitsHearsForWhomAndHowLong() {
        let now = ScreenStage.start
        func begins(expires: Timestamp?) -> String {
            AnswerWatcher.begins(300, to: "Dr. Noor", expires: expires, now: now)
        }
        for expires in [nil, now.adding(seconds: 300)] {
            #expect(begins(expires: expires).hasPrefix("waiting for the answer of Dr. Noor, up to 5 min; Ctrl-C ends"))
        }
        // Nobody is told to wait for what nobody can answer any more.
        let sooner = now.adding(seconds: 299)
        #expect(
            begins(expires: sooner).hasPrefix(
                "waiting for the answer of Dr. Noor until the message expires at \(ClockTime.text(sooner, now: now)); Ctrl-C ends"
            ))
        #expect(
            AnswerWatcher.news("with Dr. Noor since 03:19, not read", at: ScreenStage.start)
                == "\(WallClock.here.second(ScreenStage.start)) with Dr. Noor since 03:19, not read")
    }

    @Test func handingBackIsNoAnswer() {
        let id = ListedMessage.sample(1, .urgent, age: 0).id
        let text = HandOffCommand.returning(id, to: "Night Desk")
        #expect(text.hasPrefix("Night Desk sent this message and waits for the answer"))
        #expect(text.hasSuffix("nightbell decline \(id)"))
    }

    @Test(arguments: [
        (Receiver.running(hasTerminal: true, hasCommand: false), "tells you of the answer, and when it stays away"),
        (.unknown, "tells you of the answer, and when it stays away"), (.stopped, "tells you nothing: type fg"),
        (.none, "nothing watches for the answer, and nobody tells you when it stays away"),
    ])
    func whoSendsHearsWhoTellsOfTheAnswer(_ receiver: Receiver, _ words: String) {
        let id = ListedMessage.sample(1, .urgent, age: 0).id
        let text = SendCommand.whoTells(of: id, receiver)
        #expect(text.contains(words) && text.contains("nightbell sent \(id)"), "\(text)")
    }

    @Test func whatWentOutBeforeIsNoSecondPage() {
        let text = SendCommand.sentBefore("DECLINED by Dr. Noor")
        #expect(text.hasPrefix("NOT SENT AGAIN, and nothing rings anew"))
        #expect(text.contains("(DECLINED by Dr. Noor)"))
    }

    @Test func whatAMemberBecomesIsAskedFirst() throws {
        #expect(AdminRolesCommand.question([.provider], for: "Dr. Noor", whoIs: [.provider]) == nil)
        #expect(AdminRolesCommand.question([.provider], for: "Ada", whoIs: [.provider, .admin]) == nil)
        #expect(
            AdminRolesCommand.question([.intake], for: "Ada\u{1B}", whoIs: [.provider, .admin])
                == "Ada\\u{1B} is provider, admin and becomes intake, admin, AT ONCE and on all devices. Go on?")
        let none = AdminRolesCommand.question([], for: "Dr. Noor", whoIs: [.provider]) ?? ""
        #expect(none.contains("becomes without a role, AT ONCE"), "\(none)")
        #expect(try AdminRolesCommand.roles(["intake", "provider", "intake"], none: false) == [.provider, .intake])
        #expect(try AdminRolesCommand.roles([], none: true).isEmpty)
    }

    @Test func whatAMemberWillBeCalledIsAskedFirst() {
        #expect(AdminRenameCommand.question("Dr. Noor", for: "Dr. Noor") == nil)
        #expect(
            AdminRenameCommand.question("Dr. Noor Haddad", for: "Dr. Noor\u{1B}")
                == "Dr. Noor\\u{1B} will be called Dr. Noor Haddad, AT ONCE and by everybody. Go on?")
        #expect(
            AdminRenameCommand.words("Dr. Noor Haddad", formerly: "Dr. Noor", isNew: true)
                == "Dr. Noor is called Dr. Noor Haddad from now on")
        #expect(
            AdminRenameCommand.words("Dr. Noor", formerly: "Dr. Noor", isNew: false)
                == "Dr. Noor is called so already: nothing is done")
    }

    @Test func invitingAMemberAgainIsSaid() {
        // A role counts at once, and the invitation's end does not take it back.
        #expect(AdminInviteCommand.question(.provider, for: "Dr. Noor", whoIs: [.provider]) == nil)
        let question = AdminInviteCommand.question(.intake, for: "Dr. Noor", whoIs: [.provider]) ?? ""
        #expect(question.contains("becomes intake as well, AT ONCE and on all devices"), "\(question)")
        #expect(question.contains("does not take that back (\"nightbell admin roles\" does)"), "\(question)")
        #expect(AdminRevokeCommand.remaining([.provider], of: "Dr. Noor") == nil)
        #expect(
            AdminRevokeCommand.remaining([.provider, .intake], of: "Dr. Noor")
                == "Dr. Noor KEEPS the roles provider, intake: revoking an invitation takes no role back, \"nightbell admin roles\" "
                + "does")
        #expect(AdminInviteCommand.further("Dr. Noor", .provider, formerly: nil) == nil)
        #expect(
            AdminInviteCommand.further("Dr. Noor", .provider, formerly: [.provider])
                == "Dr. Noor exists (provider): this is a further device of the same person")
        #expect(
            AdminInviteCommand.further("Dr. Noor", .intake, formerly: [.provider])
                == "Dr. Noor exists (provider): this is a further device of the same person, who is given the role intake as well"
        )
    }
}
