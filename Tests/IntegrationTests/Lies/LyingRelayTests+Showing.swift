import Foundation
import RelayAPI
import Statements
import Synchronization
import Testing

@testable import DeviceKit

/// A relay has no say in whether and when a person is shown what the device has.
extension LyingRelayTests {
    /// A refusal beside as many logged receipts as were posted names no receipt: it is answered with the door.
    @Test func refusalOfAReceiptThatWasNotPostedStopsNobody() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("still here")
            world.liar.tell(
                LyingRelay.Lie(answer: { question, forward in
                    guard question.method == "POST", question.path.hasSuffix("/receipts") else { return nil }
                    let truth = try APIJSON.decode(ReceiptsAnswer.self, from: try await forward(question).body)
                    let problem = Problem(.brokenChain, status: 409, detail: "No.", next: "Nothing.")
                    return .json(ReceiptsAnswer(logged: truth.logged, refused: problem))
                }))
            let inbox = try await world.nightbell(.clara, "inbox")
            #expect(inbox.status == 0, "\(inbox)")
            #expect(inbox.err.contains("not about the receipts that were posted"), "\(inbox)")
            #expect(try inbox.json()["messages"]?.array?.first?["message"]?.string == message)
            world.liar.tell(nil)
            try await world.expectDeliveredOnce(message, text: "still here")
        }
    }

    /// The relay takes the receipt and does not answer: the message is on the screen meanwhile.
    @Test func watcherAndReaderSeeAMessageBeforeTheRelayTakesItsReceipt() async throws {
        try await LieWorld.run { world in
            let gate = Gate()
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.path.hasSuffix("/receipts") else { return nil }
                    await gate.pass()
                    return nil
                }))
            let watch = try world.person(.clara).start("watch")
            try await watch.waitForLine(containing: "\"drained\"")
            let message = try await world.send("now")
            try await watch.waitForLine(containing: "\"message\"", message, "\"waiting\"")
            let read = try world.person(.clara).start("read", message)
            #expect(await read.wait { $0.outText.contains("\"content\":{\"text\":\"now\"}") })
            #expect(!read.now.hasEnded)
            gate.open()
            let outcome = try await read.outcome()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try outcome.json()["verified"]?.bool == true, "\(outcome)")
            watch.signal(15)
            #expect(try await watch.outcome().status == 0)
            try await world.expectDeliveredOnce(message, text: "now")
        }
    }

    /// An answer that the relay does not take, whatever it says, is stored, and whoever gave it is told that nobody knows it.
    @Test func answerThatTheRelayDoesNotTakeIsSaidToBeUnknown() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("yours?")
            #expect(try await world.state(message, of: .clara) == "delivered")
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.path.hasSuffix("/receipts") else { return nil }
                    return LyingRelay.Answer(
                        status: 503, type: Problem.contentType,
                        body: APIJSON.encode(Problem(.unavailable, status: 503, detail: "Down.", next: "Wait.")))
                }))
            let refused = try await world.nightbell(.clara, "ack", message)
            #expect(refused.status == 75 && refused.code == "unavailable", "\(refused)")
            #expect(refused.error?["message"]?.string?.contains("NOT yet known") == true, "\(refused)")
            world.liar.tell(nil)
            #expect(try await world.nightbell(.clara, "inbox").status == 0)
            #expect(try await world.receipts(on: message).contains("acknowledged \(world.device(.clara))"))
        }
    }

    /// "You are revoked", without the statement that did it, ends no watcher.
    @Test func bareWordOfARevocationDoesNotEndAWatcher() async throws {
        try await LieWorld.run { world in
            world.liar.tell(
                LyingRelay.Lie(end: { _ in Problem(.revoked, status: 403, detail: "Revoked.", next: "Go away.") }))
            let watch = try world.person(.clara).start("watch")
            try await watch.waitForLine(containing: "\"disconnected\"")
            world.liar.tell(nil)
            let message = try await world.send("you are not")
            try await watch.waitForLine(containing: "\"message\"", message)
            watch.signal(15)
            #expect(try await watch.outcome().status == 0)
            try await world.expectDeliveredOnce(message, text: "you are not")
        }
    }

    /// What others answered cannot be learned: what came is listed all the same.
    @Test func inboxListsWhatCameWhateverTheHistoryIs() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("listed")
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.method == "GET", question.path.contains("/messages/") else { return nil }
                    return LyingRelay.Answer(body: Array("garbage".utf8))
                }))
            let inbox = try await world.nightbell(.clara, "inbox")
            #expect(inbox.status == 0, "\(inbox)")
            #expect(inbox.err.contains("\"warning\""), "\(inbox)")
            #expect(try inbox.json()["messages"]?.array?.first?["message"]?.string == message)
        }
    }

    /// An answer that says nothing, once, is no history beside the other: it ends an audit, and is told by none that follows.
    @Test func anAnswerThatSaysNothingIsNoSecondHistory() async throws {
        try await LieWorld.run { world in
            #expect(try await world.nightbell(.vera, "audit", "verify").status == 0)
            let hasAnswered = Mutex(false)
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.path.hasSuffix("/head") else { return nil }
                    let isFirst = hasAnswered.withLock { hasAnswered in
                        defer { hasAnswered = true }
                        return !hasAnswered
                    }
                    guard isFirst else { return nil }
                    return LyingRelay.Answer(type: "text/html", body: Array("<p>Please sign in.</p>".utf8))
                }))
            let verified = try await world.nightbell(.vera, "audit", "verify")
            #expect(verified.status == ExitCode.verificationFailed, "\(verified)")
            #expect(verified.error?["code"]?.string == "relay_answer_unreadable", "\(verified)")
            try await world.expectNothingSeen(by: .vera)
            #expect(try await world.nightbell(.vera, "audit", "verify").status == 0)
        }
    }

    /// Who is told that there is too much to do, or is asked to ask for less, has been shown no second history.
    @Test func aRelayThatIsBusyIsNotConvictedOfTwoHistories() async throws {
        try await LieWorld.run { world in
            try await world.expectNothingSeen(by: .clara)
            _ = try await world.send("the log has grown")
            world.liar.tell(
                LyingRelay.Lie(
                    answer: { question, _ in
                        guard question.path.contains("/tile/") else { return nil }
                        return LyingRelay.Answer(
                            status: 503, type: Problem.contentType,
                            body: APIJSON.encode(Problem(.busy, status: 503, detail: "Busy.", next: "Later.")))
                    },
                    // Without the proof: whoever asks has to make it from the tiles.
                    head: { head, _ in
                        HeadAnswer(
                            head: head.head, roster: head.roster, activity: head.activity, rosterConsistency: [],
                            activityConsistency: [])
                    }))
            let status = try await world.nightbell(.clara, "status")
            #expect(status.status == ExitCode.tryAgain && status.findings.isEmpty, "\(status)")
            world.liar.tell(nil)
            try await world.expectNothingSeen(by: .clara)
        }
    }

    /// What the sender had seen could not be compared when the message came: the next program that is connected does so.
    @Test func whatCouldNotBeComparedIsComparedLater() async throws {
        try await LieWorld.run { world in
            #expect(try await world.nightbell(.clara, "inbox").status == 0)
            let messages = [try await world.send("first"), try await world.send("second")]
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.path.contains("/tile/") else { return nil }
                    return LyingRelay.Answer(
                        status: 503, type: Problem.contentType,
                        body: APIJSON.encode(Problem(.busy, status: 503, detail: "Busy.", next: "Later.")))
                }))
            #expect(try await world.nightbell(.clara, "inbox").status == 0)
            func open() async throws -> [String] {
                var open: [String] = []
                for message in messages {
                    let read = try await world.nightbell(.clara, "read", message).json()
                    guard read["verified"]?.bool == false else { continue }
                    open.append(message)
                    let broken = read["broken"]?.array?.first
                    #expect(broken?["promise"]?.string == "seen", "\(read)")
                    #expect(broken?["why"]?.string?.hasSuffix("tries again by itself") == true, "\(read)")
                }
                return open
            }
            #expect(try await !open().isEmpty)
            world.liar.tell(nil)
            #expect(try await world.nightbell(.clara, "inbox").status == 0)
            #expect(try await open().isEmpty)
        }
    }

    @Test func inboxListsWhatCameBeforeWhateverIsAnsweredNow() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("listed")
            #expect(try await world.nightbell(.clara, "inbox").status == 0)
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    question.path == APIPath.inbox ? LyingRelay.Answer(body: Array("garbage".utf8)) : nil
                }))
            let inbox = try await world.nightbell(.clara, "inbox")
            #expect(inbox.status == ExitCode.verificationFailed, "\(inbox)")
            #expect(inbox.error?["code"]?.string == "relay_answer_unreadable", "\(inbox)")
            #expect(try inbox.json()["messages"]?.array?.first?["message"]?.string == message)
        }
    }

    // MARK: Time

    /// Whatever the relay answers while a sender waits, garbage, "too busy" or nothing: the deadline is the sender's own,
    /// the id was told, and so is what to do.
    @Test(arguments: ["garbage", "busy", "nothing"])
    func sendersDeadlineIsItsOwn(_ lie: String) async throws {
        try await LieWorld.run { world in
            let gate = Gate()
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.path == APIPath.inbox else { return nil }
                    if lie == "garbage" { return LyingRelay.Answer(body: Array("garbage".utf8)) }
                    if lie == "nothing" { await gate.pass() }
                    var problem = Problem(.busy, status: 503, detail: "Busy.", next: "Later.")
                    problem.retryAfter = 5
                    return LyingRelay.Answer(
                        status: 503, type: Problem.contentType, body: APIJSON.encode(problem))
                }))
            let sent = try await world.nightbell(
                .ina, "send", "--to", "Clara", "--urgency", "urgent", "--text", "?", "--wait", "--timeout", "2")
            gate.open()
            #expect(sent.status == 1 && sent.code == "unanswered", "\(sent)")
            let message = try #require(try sent.json()["message"]?.string)
            #expect(sent.error?["message"]?.string?.contains(message) == true, "\(sent)")
            #expect(sent.error?["next"]?.string == "CALL BY TELEPHONE")
            let told = sent.err.split(separator: "\n").first { $0.hasPrefix("{\"sent\":") }
            #expect(told?.contains(message) == true, "\(sent)")
        }
    }

    /// A sender's watcher tells, by its own clock, that nobody answered.
    @Test func watcherKeepsTheDeadlineOfItsOwnMessages() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("anybody?")
            let session = try world.session(of: .ina)
            var told: [String] = []
            await #expect(throws: CancellationError.self) {
                try await session.watch(clock: WatchClock(wall: { Timestamp.now().adding(seconds: 1_200) })) { event in
                    guard case .unanswered(let state) = event else { return }
                    told.append(state.message.description)
                    throw CancellationError()
                }
            }
            await session.close()
            #expect(told == [message])
        }
    }

    /// Streams that are kept alive without a head that verifies: told, opened again, and in the end a finding.
    @Test func headsThatStopAreToldAndFound() async throws {
        try await LieWorld.run { world in
            world.liar.tell(
                LyingRelay.Lie(head: { head, _ in
                    HeadAnswer(
                        head: head.head.replacing("time ", with: "time  "), roster: head.roster,
                        activity: head.activity, rosterConsistency: head.rosterConsistency,
                        activityConsistency: head.activityConsistency)
                }))
            let session = try world.session(of: .clara)
            var passed: Duration = .zero
            let began = ContinuousClock.now
            var stale: [Int64] = []
            var ends = 0
            await #expect(throws: CancellationError.self) {
                try await session.watch(clock: WatchClock(instant: { began.advanced(by: passed) })) { event in
                    switch event {
                    case .drained: passed += .seconds(160)
                    case .stale(let seconds): stale.append(seconds)
                    case .disconnected(let error, _):
                        #expect(error.code == "heads_missing")
                        ends += 1
                        if ends == HeadSilence.streamsBeforeFinding { throw CancellationError() }
                    default: break
                    }
                }
            }
            #expect(stale == [320])
            #expect(try session.findings().contains { $0.finding.code == .headsWithheld })
            await session.close()
        }
    }

    /// A file whose bytes are not those of the manifest is not saved; the true ones are fetched as if nothing had been.
    @Test func bytesThatTheRelayChangesAreAFindingAndFetchedAgain() async throws {
        try await LieWorld.run { world in
            let path = world.folder + "/call.wav"
            try Data("the call".utf8).write(to: URL(fileURLWithPath: path))
            let sent = try await world.nightbell(
                .ina, "send", "--to", "Clara", "--urgency", "urgent", "--text", "x", "--attach", path
            ).json()
            let message = try #require(sent["message"]?.string)
            world.liar.tell(
                LyingRelay.Lie(answer: { question, forward in
                    guard question.path.contains("/attachments/") else { return nil }
                    var answer = try await forward(question)
                    answer.body[100] ^= 1
                    return answer
                }))
            let target = world.folder + "/saved"
            let lied = try await world.nightbell(.clara, "read", message, "--save", target, "--attachment", "1")
            #expect(lied.status == ExitCode.verificationFailed)
            #expect(lied.code == "bytes_changed")
            #expect(!FileManager.default.fileExists(atPath: target))
            world.liar.tell(nil)
            let read = try await world.nightbell(.clara, "read", message, "--save", target, "--attachment", "1")
            #expect(read.status == ExitCode.done, "\(read)")
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "the call")
        }
    }
}
