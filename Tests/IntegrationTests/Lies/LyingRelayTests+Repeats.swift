import DeviceKit
import RelayAPI
import Statements
import Synchronization
import Testing

/// Answers that are lost, late or no: what was asked for is done once, and what is not done is said.
extension LyingRelayTests {
    /// A message whose post broke off and that waited for longer than its claims last goes on under a new id, in the one
    /// command that resumes it, and arrives once.
    @Test func messageThatWaitedForADayGoesOnUnderANewId() async throws {
        try await LieWorld.run { world in
            let old = Mutex<String?>(nil)
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.method == "POST", let envelope = try? Envelope(parsing: question.body) else {
                        return nil
                    }
                    old.withLock { $0 = envelope.manifest.message.description }
                    return .refusal(.unavailable, status: 503)
                }))
            let send = ["send", "--to", "Clara", "--urgency", "urgent", "--text", "waited"]
            #expect(try await world.person(.ina).run(send).status == 75)
            let first = try #require(old.withLock { $0 })

            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    let claim = try? APIJSON.decode(ClaimRequest.self, from: question.body)
                    let message =
                        claim?.message ?? (try? Envelope(parsing: question.body))?.manifest.message.description
                    return message == first ? .refusal(.unclaimed, status: 409) : nil
                }))
            let sent = try await world.nightbell(.ina, "sent")
            #expect(sent.status == 0, "\(sent)")
            let listed = try sent.json()["messages"]?.array ?? []
            #expect(listed.count == 1 && listed.first?["state"]?.string == "waiting", "\(sent)")
            let message = try #require(listed.first?["message"]?.string)
            #expect(message != first)
            world.liar.tell(nil)
            try await world.expectDeliveredOnce(message, text: "waited")
            #expect(try await world.nightbell(.clara, "inbox").json()["messages"]?.array?.count == 1)
        }
    }

    /// A message that was refused before it was sealed is no secret: it stands among the sent ones, and on the screen.
    @Test func refusedMessageStaysVisible() async throws {
        try await LieWorld.run { world in
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    question.path.hasSuffix("/claims") ? .refusal(.ruleBroken, status: 422) : nil
                }))
            let send = ["send", "--to", "Clara", "--urgency", "emergent", "--text", "never sent"]
            #expect(try await world.person(.ina).run(send).status == 1)
            world.liar.tell(nil)
            let sent = try await world.nightbell(.ina, "sent").json()["messages"]?.array ?? []
            #expect(sent.first?["state"]?.string == "refused", "\(sent)")
            #expect(sent.first?["urgency"]?.string == "emergent", "\(sent)")
            let status = try await world.nightbell(.ina, "status").json()
            #expect(status["messages_refused"]?.integer == 1 && status["messages_unsent"]?.integer == 0, "\(status)")
        }
    }

    /// The founding's answer is lost, and then the relay has no time: the founder's next command finds its organisation,
    /// and founds no second one with the same key.
    @Test func foundingWhoseAnswerWasLostFoundsNothingTwice() async throws {
        try await LieWorld.run { world in
            let posts = Mutex(0)
            world.liar.tell(
                LyingRelay.Lie(answer: { question, forward in
                    guard question.path == APIPath.organisations else { return nil }
                    let post = posts.withLock { posts in
                        posts += 1
                        return posts
                    }
                    if post == 1 {
                        let answer = try await forward(question)
                        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
                        return LyingRelay.Answer(status: 502, body: [])
                    }
                    return post == 2 ? .refusal(.unavailable, status: 503) : nil
                }))
            let founder = Person(name: "zoe", folder: world.folder)
            let found = [
                "admin", "found", "--relay", "localhost:\(world.practice.port)", "--organisation", "Second", "--member",
                "Zoe", "--ca", world.relay.authority,
            ]
            #expect(try await founder.run(found).status != 0)
            #expect(try await founder.run(found).status == 75)
            try await founder.json(found)
            #expect(try await founder.run("status").status == 0)
            #expect(world.liar.count("/foundings") == 1)
        }
    }

    /// A further device of a member is announced to its other device, until a person has seen it.
    @Test func furtherDeviceIsAnnouncedToTheMember() async throws {
        try await LieWorld.run { world in
            _ = try await world.person(.clara).say("status")
            let invite = try await world.person(.ada).json("admin", "invite", "--member", "Clara", "--role", "provider")
            let tablet = Person(name: "tablet", folder: world.folder)
            try await tablet.json("join", try #require(invite["invitation"]?.string), "--ca", world.relay.authority)
            let device = try #require(try await tablet.json("status")["device"]?.string)

            let watch = try world.person(.phone).start("watch")
            #expect(await watch.wait { $0.outText.contains("device_joined") && $0.outText.contains(device) })
            watch.signal(15)
            #expect(try await watch.outcome().status == 0)
            let inbox = try await world.person(.clara).say("inbox")
            #expect(inbox.err.contains("a further device of this member") && inbox.err.contains(device), "\(inbox)")
            #expect(try await world.person(.clara).say("status").out.contains(device))
            #expect(try await !world.person(.clara).say("status").out.contains("a further device of this member"))
            // Whose invitation it was hears of it too; nobody else does.
            let notices = try await world.nightbell(.ada, "status").json()["notices"]?.array?.compactMap(\.string) ?? []
            #expect(notices.contains { $0.contains(device) && $0.contains("invitation of yours") }, "\(notices)")
            #expect(try await !world.person(.omar).say("status").out.contains(device))
        }
    }

    @Test func aSealedMessageWhoseAnswerWasLostIsPostedByTheNextCommand() async throws {
        try await LieWorld.run { world in
            // The relay accepts it, and its answer never arrives.
            world.liar.tell(
                LyingRelay.Lie(answer: { question, forward in
                    guard question.method == "POST", question.path.hasSuffix("/messages") else { return nil }
                    _ = try await forward(question)
                    throw PreparationFailed("the answer is lost")
                }))
            let lost = try await world.nightbell(
                .ina, "send", "--to", "Clara", "--urgency", "urgent", "--text", "lost")
            #expect(lost.status == ExitCode.relayUnreachable, "\(lost)")
            #expect(lost.error?["message"]?.string?.hasPrefix("NOT SENT YET: msg-") == true, "\(lost)")
            #expect(try await world.nightbell(.ina, "status").json()["messages_unsent"]?.integer == 1)
            world.liar.tell(nil)
            // Any command of the desk takes the outbox along.
            #expect(try await world.nightbell(.ina, "sent").status == ExitCode.done)
            #expect(try await world.nightbell(.ina, "status").json()["messages_unsent"]?.integer == 0)
            let messages = try await world.nightbell(.clara, "inbox").json()["messages"]?.array ?? []
            #expect(messages.count == 1)
            try await world.expectDeliveredOnce(messages.first?["message"]?.string ?? "", text: "lost")
        }
    }
}

extension LyingRelay.Answer {
    fileprivate static func refusal(_ code: Problem.Code, status: Int) -> Self {
        LyingRelay.Answer(
            status: status, type: Problem.contentType,
            body: APIJSON.encode(Problem(code, status: status, detail: "Refused by a test.", next: "Nothing.")))
    }
}
