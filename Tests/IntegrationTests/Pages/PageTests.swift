import DeviceKit
import DeviceStorage
import Foundation
import RelayAPI
import Secrets
import Statements
import Testing
import WebPush

@testable import Sealing

/// Pages of Web Push as the watcher takes them in: by the real program, with a relay that pages what it likes.
@Suite(.serialized, .timeLimit(LiePractices.timeLimit)) struct PageTests {
    private static func count(_ event: String, in child: ChildProcess) -> Int {
        child.now.outText.split(separator: "\n").count { $0.contains("\"event\":\"\(event)\"") }
    }

    /// Until the relay has heard something: the program need not say it.
    private static func wait(at location: SourceLocation = #_sourceLocation, until condition: () -> Bool) async throws {
        let isSo = try await ProfileProcesses.wait { condition() }
        #expect(isSo, sourceLocation: location)
    }

    private static func end(_ watch: ChildProcess) async throws {
        watch.signal(15)
        #expect(try await watch.outcome().status == 0)
    }

    /// Registered, proven by a test page that comes back, listed, and removed with its keys.
    @Test func aTestPageIsSaidBackAndTheSubscriptionGoesWithItsKeys() async throws {
        try await LieWorld.run { world in
            let paging = PagingRelay()
            let id = try await world.subscribe(.clara, at: paging)
            #expect(paging.registered.first?.registration.endpoint == "https://push.example/secret-address")
            let list = try await world.nightbell(.clara, "push", "list").json()
            #expect(list["vapid_key"]?.string == PagingRelay.vapidKey)
            #expect(list["subscriptions"]?.array?.first?["state"]?.string == "unproven")
            #expect(list["subscriptions"]?.array?.first?["keys"]?.bool == true)

            let bridge = try PageBridge(in: world.folder)
            let watch = try world.person(.clara).start("watch", "--web-push", bridge.place)
            let challenge = PushChallenge(subscription: try #require(SubscriptionID(id)))
            // Once with its subscription named, once with none.
            for (times, named) in [(1, id), (2, nil)] {
                try await bridge.hand(PushMessage.seal(challenge.bytes, to: paging.keys()), of: named)
                try await Self.wait { paging.proofs(id).count == times }
            }
            #expect(paging.proofs(id).allSatisfy { $0 == Base64.encode(challenge.secret) })
            try await watch.waitForLine(containing: "\"push_proven\"", id)
            // One that is about another subscription is not said back.
            let other = PushChallenge(subscription: .random())
            try await bridge.hand(PushMessage.seal(other.bytes, to: paging.keys()))
            #expect(await watch.wait { $0.errText.contains("a challenge of another subscription") })
            #expect(paging.proofs(id).count == 2)

            let tested = try world.person(.clara).start("push", "test", String(id.prefix(10)), "--wait", "60")
            try await Self.wait { paging.tests == 1 }
            try await bridge.hand(PushMessage.seal(challenge.bytes, to: paging.keys()))
            let outcome = try await tested.outcome()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try outcome.json()["proven"]?.bool == true)
            try await Self.end(watch)
            #expect(!FileManager.default.fileExists(atPath: bridge.place))

            let silent = try await world.nightbell(.clara, "push", "test", id, "--wait", "1")
            #expect(silent.status == 1)
            #expect(try silent.json()["proven"]?.bool == false)
            for _ in 0..<2 {
                let removed = try await world.nightbell(.clara, "push", "remove", id)
                #expect(removed.status == 0, "\(removed)")
            }
            #expect(paging.registered.isEmpty)
            #expect(try world.profile(of: .clara).store.look { try $0.subscriptions() }.isEmpty)
        }
    }

    /// Keys whose subscription the relay lost are named, with what to do, wherever somebody looks.
    @Test func whatTheRelayDoesNotKnowIsSaid() async throws {
        try await LieWorld.run { world in
            let paging = PagingRelay()
            let id = try await world.subscribe(.clara, at: paging)
            paging.forget()
            let list = try await world.nightbell(.clara, "push", "list")
            #expect(try list.json()["unknown_to_relay"]?.array?.compactMap(\.string) == [id])
            #expect(list.err.contains("the relay does not know it"))
            let status = try await world.person(.clara).say("status")
            #expect(status.out.contains("!! PAGES"), "\(status)")
            let doctor = try await world.nightbell(.clara, "doctor").json()
            let check = doctor["checks"]?.array?.first { $0["name"]?.string == "pages" }
            #expect(check?["status"]?.string == "warning")
            #expect(check?["next"]?.string?.contains("push remove \(id)") == true)
            #expect(try await world.nightbell(.clara, "push", "remove", id).status == 0)
            let after = try await world.nightbell(.clara, "push", "list")
            #expect(try after.json()["unknown_to_relay"]?.array?.isEmpty == true)
        }
    }

    /// The page of an independent implementation opens while no relay answers; its message is delivered once when one does;
    /// what is paged of it after that is dropped.
    @Test func aPageRingsWithoutTheRelayAndItsMessageIsDeliveredOnce() async throws {
        try await LieWorld.run { world in
            let paging = PagingRelay()
            let id = try await world.subscribe(.clara, at: paging)
            let message = try await world.send("short of breath")
            let page = try await world.page(message, for: .clara)
            try await world.relay.stop()
            let bridge = try PageBridge(in: world.folder)
            let watch = try world.person(.clara).start("watch", "--web-push", bridge.place)
            try await watch.waitForLine(containing: "\"disconnected\"")
            let body = try await IndependentWebPush.seal(page.bytes, to: paging.keys())
            try await bridge.hand(body, of: id)
            try await watch.waitForLine(
                containing: "\"event\":\"page\"", message, "\"urgency\":\"urgent\"", "\"from\":\"Ina\"",
                "\"verified\":false")
            // Again, and it is not told anew.
            try await bridge.hand(body)
            try await world.relay.start()
            try await watch.waitForLine(containing: "\"event\":\"message\"", message, "\"verified\":true")
            // The relay has destroyed the sealed key since.
            let later = try #require(
                Page(
                    message: page.message, prekey: page.prekey, binding: page.binding,
                    sealedKey: randomBytes(page.sealedKey.count), sealedAlert: page.sealedAlert))
            try await bridge.hand(PushMessage.seal(later.bytes, to: paging.keys()))
            let challenge = PushChallenge(subscription: try #require(SubscriptionID(id)))
            try await bridge.hand(PushMessage.seal(challenge.bytes, to: paging.keys()))
            try await watch.waitForLine(containing: "\"push_proven\"")
            #expect(Self.count("page", in: watch) == 1)
            #expect(Self.count("page_unconfirmed", in: watch) == 0)
            try await Self.end(watch)
            let steps = try await world.nightbell(.clara, "steps", message)
            #expect(steps.out.components(separatedBy: "opened to its alert").count == 2, "\(steps)")
            try await world.expectNothingSeen(by: .clara)
            try await world.expectDeliveredOnce(message, text: "short of breath")
        }
    }

    /// A body that is none of a page is a reason to connect at once, never an alarm; whatever it is, the watcher stays.
    @Test func whatDoesNotOpenIsAReasonToConnect() async throws {
        try await LieWorld.run { world in
            let paging = PagingRelay()
            let id = try await world.subscribe(.clara, at: paging)
            let message = try await world.send("waits")
            let page = try await world.page(message, for: .clara)
            // Taken in, so that nothing is to be fetched but for a page's sake.
            _ = try await world.nightbell(.clara, "inbox")
            let bridge = try PageBridge(in: world.folder)
            let watch = try world.person(.clara).start("watch", "--web-push", bridge.place)
            try await watch.waitForLine(containing: "\"drained\"")
            let unknown = try #require(
                Page(
                    message: .make(at: .now()), prekey: page.prekey, binding: page.binding, sealedKey: page.sealedKey,
                    sealedAlert: page.sealedAlert))
            let keys = try paging.keys()
            let bodies = [
                // Of no key, of no known kind, of a version to come, and a page whose prekey is gone.
                randomBytes(200), PushMessage.seal(Array("hello".utf8), to: keys),
                PushMessage.seal([9] + randomBytes(2_047), to: keys), PushMessage.seal(unknown.bytes, to: keys),
            ]
            for body in bodies {
                let before = world.liar.count(APIPath.inbox)
                try await bridge.hand(body, of: id)
                try await Self.wait { world.liar.count(APIPath.inbox) > before }
            }
            #expect(Self.count("page", in: watch) == 0)
            #expect(!watch.now.hasEnded)
            try await Self.end(watch)
            try await world.expectNothingSeen(by: .clara)
        }
    }

    /// A stream that is open and brings nothing is given up for a page's sake, long before its silence is noticed (25 s).
    @Test func aPageGivesUpAStreamThatBringsNothing() async throws {
        try await LieWorld.run { world in
            let paging = PagingRelay()
            _ = try await world.subscribe(.clara, at: paging)
            let bridge = try PageBridge(in: world.folder)
            let watch = try world.person(.clara).start("watch", "--web-push", bridge.place)
            try await watch.waitForLine(containing: "\"drained\"")
            let clara = world.device(.clara)
            var deaf = paging.lie
            deaf.passes = { event, asker in asker != clara || event == .drained }
            world.liar.tell(deaf)
            let message = try await world.send("nobody tells")
            let page = try await world.page(message, for: .clara)
            let handed = ContinuousClock.now
            try await bridge.hand(PushMessage.seal(page.bytes, to: paging.keys()))
            try await watch.waitForLine(containing: "\"event\":\"page\"", message)
            try await watch.waitForLine(containing: "\"event\":\"message\"", message)
            #expect(ContinuousClock.now - handed < .seconds(20))
            try await Self.end(watch)
            world.liar.tell(nil)
            try await world.expectDeliveredOnce(message, text: "nobody tells")
        }
    }

    /// A page that is not the message's own is found when the message is here; the message is shown all the same.
    @Test func aPageThatIsNotTheMessagesOwnIsAFinding() async throws {
        try await LieWorld.run { world in
            let paging = PagingRelay()
            _ = try await world.subscribe(.clara, at: paging)
            let message = try await world.send("the true one")
            let page = try world.resealed(try await world.page(message, for: .clara), for: .clara)
            try await world.relay.stop()
            let bridge = try PageBridge(in: world.folder)
            let watch = try world.person(.clara).start("watch", "--web-push", bridge.place)
            try await bridge.hand(PushMessage.seal(page.bytes, to: paging.keys()))
            try await watch.waitForLine(containing: "\"event\":\"page\"", message)
            try await world.relay.start()
            try await watch.waitForLine(containing: "\"event\":\"message\"", message)
            #expect(
                await watch.wait {
                    $0.errText.contains("page_differs")
                        && $0.errText.contains("another sealed key than the message has")
                })
            try await Self.end(watch)
            try world.expectEvidence("page_differs", by: .clara, of: "page", "entry", "proof")
            try await world.expectDeliveredOnce(message, text: "the true one")
        }
    }

    /// A page of a message that the relay does not have is said to be unconfirmed; when it comes after all, it is delivered.
    @Test func aPageWithoutAMessageIsSaidToBeUnconfirmed() async throws {
        try await LieWorld.run { world in
            let paging = PagingRelay()
            _ = try await world.subscribe(.clara, at: paging)
            let bridge = try PageBridge(in: world.folder)
            let watch = try world.person(.clara).start("watch", "--web-push", bridge.place)
            try await watch.waitForLine(containing: "\"drained\"")
            let keys = try paging.keys()
            let message = try await LyingSender.at(.ina, of: world) { sender in
                let letter = try await sender.letter(try MessageContent(text: "late"), to: .clara)
                let place = try #require(letter.recipients.firstIndex { $0.device == world.device(.clara) })
                let page = try #require(
                    Page(
                        message: letter.message, prekey: letter.recipients[place].prekey, binding: letter.binding,
                        sealedKey: letter.sealedKeys[place], sealedAlert: letter.alert))
                try await bridge.hand(PushMessage.seal(page.bytes, to: keys))
                let message = letter.message.description
                try await watch.waitForLine(containing: "\"event\":\"page\"", message)
                try await watch.waitForLine(containing: "\"page_unconfirmed\"", message)
                try await sender.post(try letter.signed(by: sender.signer))
                return message
            }
            try await watch.waitForLine(containing: "\"event\":\"message\"", message)
            try await Self.end(watch)
            try await world.expectVerified(message, text: "late", by: .clara)
        }
    }
}

extension WatcherTests {
    /// Pages while the profile is locked, and by a pipe.
    @Suite struct LockedPageTests {
        private func someone(_ name: String) async throws -> Person {
            let practice = try await SharedPractice.watchers.practice()
            let person = practice.person("paged-\(name)")
            try await practice.join(person.name, as: "Paula \(name)", "provider")
            return person
        }

        /// The socket outlives the worker: what comes while it is locked rings with the constant text, and after that a
        /// worker reads again.
        @Test func whatComesWhileItIsLockedRingsWithoutAWord() async throws {
            let paula = try await someone("locked")
            try await paula.json("unlock")
            let bridge = try PageBridge(in: paula.profile)
            let watch = try paula.startBare("watch", "--web-push", bridge.place)
            try await watch.waitForLine(containing: "\"drained\"")
            try await paula.json("lock")
            try await watch.waitForLine(containing: "\"event\":\"locked\"")
            let began = ContinuousClock.now
            for _ in 0..<3 { try await bridge.hand(randomBytes(200), of: SubscriptionID.random().description) }
            try await watch.waitForLine(
                containing: "\"event\":\"page\"", "\"message\":null", "New secure page. Open Nightbell.")
            try await paula.json("unlock")
            try await watch.waitForLine(containing: "\"event\":\"unlocked\"")
            // Once, however many came; again after ten seconds at the earliest.
            let rings = watch.now.outText.components(separatedBy: "New secure page").count - 1
            #expect(rings >= 1 && rings <= 1 + Int((ContinuousClock.now - began).components.seconds / 10))
            try await bridge.hand(randomBytes(200))
            #expect(await watch.wait { $0.errText.contains("opens with no subscription's keys") })
            watch.signal(15)
            #expect(try await watch.outcome().status == 0)
            #expect(!FileManager.default.fileExists(atPath: bridge.place))
            try await paula.endAgent()
        }

        @Test func aPipeIsReadToItsEndAndWatchingGoesOn() async throws {
            let paula = try await someone("piped")
            let line = PushFrame(subscription: nil, body: randomBytes(200)).line
            let watch = try ChildProcess(
                Programs.nightbell,
                ["--profile", paula.profile, "--key-file", paula.keyFile, "--json", "watch", "--web-push", "-"],
                input: Array("no sense\n".utf8) + line)
            #expect(
                await watch.wait {
                    $0.errText.contains("standard input has ended") && $0.errText.contains("a line was not taken")
                })
            try await watch.waitForLine(containing: "\"drained\"")
            watch.signal(15)
            #expect(try await watch.outcome().status == 0)
        }

        /// The worker shares the program's standard input.
        @Test func aPipeReachesTheWorker() async throws {
            let paula = try await someone("worker")
            try await paula.json("unlock")
            let line = PushFrame(subscription: nil, body: randomBytes(200)).line
            let watch = try ChildProcess(
                Programs.nightbell, ["--profile", paula.profile, "--json", "watch", "--web-push", "-"], input: line)
            #expect(await watch.wait { $0.errText.contains("opens with no subscription's keys") })
            #expect(await watch.wait { $0.errText.contains("standard input has ended") })
            try await watch.waitForLine(containing: "\"drained\"")
            watch.signal(15)
            #expect(try await watch.outcome().status == 0)
            try await paula.endAgent()
        }

        @Test func aSocketThatOthersCouldReachIsRefused() async throws {
            let paula = try await someone("open")
            let refused = try await paula.run(
                "watch", "--web-push", FileManager.default.temporaryDirectory.path + "/pages")
            #expect(refused.status == ExitCode.refused)
            #expect(refused.code == "page_socket")
        }
    }
}
