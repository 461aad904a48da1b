import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import PushPeer
import RelayAPI
import Sealing
import Secrets
import Statements
import Testing

/// The relay and push services, each a process of its own, over TLS: what they answer, what the relay does then, and what it
/// notes of it.
@Suite(.serialized, .timeLimit(.minutes(20))) struct PushServiceTests {
    private static let member = "Dr. Pia Page"

    // MARK: Web Push

    /// Each answer at a path of its own, all for one message.
    @Test func eachAnswerOfAWebPushServiceIsFollowed() async throws {
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            let answers: [(path: String, answer: PushServicePeer.Answer, state: PushSubscription.State)] = [
                ("/wp/201", .init(status: 201), .working), ("/wp/200", .init(status: 200), .working),
                ("/wp/404", .init(status: 404), .dropped), ("/wp/410", .init(status: 410), .dropped),
                ("/wp/400", .init(status: 400), .failing), ("/wp/413", .init(status: 413), .failing),
                ("/wp/302", .init(status: 302, headers: ["location": "/wp/elsewhere"]), .failing),
                ("/wp/503", .init(status: 503), .failing),
            ]
            var ids: [SubscriptionID] = []
            for (path, _, _) in answers { ids.append(try await device.subscribe(at: path)) }
            let ninth = try await device.register(device.registration(at: "/wp/ninth"))
            #expect(ninth.problem?.code == .quota)
            for (path, var answer, _) in answers {
                answer.path = path
                try pushed.service.answer(answer)
            }
            let message = try await pushed.practice.text("short of breath", to: Self.member)
            for (place, id) in ids.enumerated() {
                try await device.wait(for: answers[place].state, of: id)
            }
            // What failed for a while is tried again, what the service does not take is not, and what is gone never.
            try await pushed.arrival(3, at: "/wp/503")
            try pushed.service.answer(.init(path: "/wp/503", status: 201))
            try await device.wait(for: .working, of: ids[7])
            // The first two stand as they did before their pages went out: of those the log alone tells.
            let outcomes = try await pushed.outcomes(of: message) { $0.count { $0 == "accepted" } >= 3 }
            #expect(outcomes.count { $0 == "accepted" } == 3 && outcomes.count { $0 == "gone" } == 2)
            #expect(outcomes.count { $0 == "rejected" } == 3)
            #expect(outcomes.count { $0 == "later" } == pushed.arrivals(at: "/wp/503").count - 2)
            for path in ["/wp/201", "/wp/200", "/wp/404", "/wp/410", "/wp/400", "/wp/413", "/wp/302"] {
                #expect(pushed.arrivals(at: path).count == 2, "\(path)")
            }
            #expect(pushed.arrivals(at: "/wp/elsewhere").isEmpty && pushed.arrivals(at: "/wp/ninth").isEmpty)
            let audit = try await pushed.practice.auditor.run("audit", "verify")
            #expect(audit.status == 0, "\(audit)")
        }
    }

    /// A service that asks for time, one that hangs, cuts the connection, or answers by halves: each page arrives in the end.
    @Test(arguments: ["429", "cut", "half", "hang", "drip"])
    func aPageThatWasNotTakenIsPushedAgain(_ how: String) async throws {
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            let path = "/wp/\(how)"
            try await device.subscribe(at: path)
            try pushed.service.answer(
                how == "429"
                    ? .init(path: path, times: 1, status: 429, headers: ["retry-after": "3"])
                    : .init(path: path, times: 1, how: how))
            let message = try await pushed.practice.text("short of breath", to: Self.member)
            let again = try await pushed.arrival(3, at: path)
            if how == "429" { #expect(again.request.at - pushed.arrivals(at: path)[1].request.at >= 3) }
            #expect(try device.alert(of: device.open(again.request)) != nil)
            let outcomes = try await pushed.outcomes(of: message, atLeast: 2)
            #expect(outcomes == ["later", "accepted"])
            // They are one page to the service: what waits there is replaced.
            let topics = Set(pushed.arrivals(at: path).dropFirst().map { $0.request.headers["topic"] })
            #expect(topics.count == 1)
        }
    }

    // MARK: Apple and Google

    @Test func applesAnswersAreFollowed() async throws {
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            let path = "/3/device/00aabbff"
            let id = try await device.subscribe("apns", token: "00aabbff", requestedAt: path)
            try pushed.service.answer(.init(path: path, times: 1, status: 503, body: #"{"reason":"Shutdown"}"#))
            let first = try await pushed.practice.text("short of breath", to: Self.member)
            #expect(try await pushed.outcomes(of: first, atLeast: 2).suffix(1) == ["accepted"])
            let taken = try #require(pushed.arrivals(at: path).last?.request)
            #expect(taken.http == 2 && taken.headers["apns-priority"] == "10")
            #expect(try device.alert(of: PagedDevice.field(of: taken)) != nil)

            // Gone before it was registered: another device's end. Gone since: this one's.
            let old = Timestamp.now().milliseconds - 3_600_000
            let seen = pushed.arrivals(at: path).count
            try pushed.service.answer(
                .init(path: path, status: 410, body: #"{"reason":"Unregistered","timestamp":\#(old)}"#))
            let third = try await pushed.practice.text("worse still", to: Self.member)
            try await pushed.arrival(seen + 1, at: path)
            try await device.wait(for: .failing, of: id)
            let new = Timestamp.now().milliseconds + 3_600_000
            try pushed.service.answer(
                .init(path: path, status: 410, body: #"{"reason":"Unregistered","timestamp":\#(new)}"#))
            try await device.wait(for: .dropped, of: id)
            let outcomes = try await pushed.outcomes(of: third)
            #expect(outcomes.allSatisfy { $0 == "gone" })

            // A relay that the service refuses is no subscription's fault.
            let other = "/3/device/00aabbee"
            try pushed.service.answer(.init(path: other, status: 200))
            let refused = try await device.subscribe("apns", token: "00aabbee", requestedAt: other)
            try pushed.service.answer(.init(path: other, status: 403, body: #"{"reason":"InvalidProviderToken"}"#))
            let last = try await pushed.practice.text("worst", to: Self.member)
            try await device.wait(for: .failing, of: refused)
            // By then it may have been tried again.
            let all = try await pushed.outcomes(of: last)
            #expect(!all.isEmpty && all.allSatisfy { $0 == "unauthorized" }, "\(all)")
        }
    }

    @Test func googlesAnswersAreFollowed() async throws {
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            let path = "/v1/projects/practice-1/messages:send"
            let id = try await device.subscribe("fcm", token: "device:token-1", requestedAt: path)
            // The access token was revoked before its time, and there is no other at first.
            let tokens = pushed.arrivals(at: "/token").count
            try pushed.service.answer(.init(path: path, times: 1, status: 401))
            try pushed.service.answer(
                .init(path: "/token", status: 200, body: #"{"access_token":"ya29.second","expires_in":3599}"#))
            try pushed.service.answer(.init(path: "/token", times: 1, status: 500))
            let first = try await pushed.practice.text("short of breath", to: Self.member)
            let tried = try await pushed.outcomes(of: first, atLeast: 2)
            #expect(tried == ["later", "accepted"], "\(pushed.arrivals.map(\.request.path))")
            let last = try #require(pushed.arrivals(at: path).last?.request)
            #expect(
                last.headers["authorization"] == "Bearer ya29.second"
                    && pushed.arrivals(at: "/token").count > tokens + 1)
            #expect(try device.alert(of: PagedDevice.field(of: last)) != nil)

            try pushed.service.answer(
                .init(path: path, status: 404, body: #"{"error":{"details":[{"errorCode":"UNREGISTERED"}]}}"#))
            let second = try await pushed.practice.text("worse", to: Self.member)
            try await device.wait(for: .dropped, of: id)
            let ended = try await pushed.outcomes(of: second)
            #expect(ended == ["gone"])
        }
    }

    // MARK: When pages stop, and when they come

    /// Another device of the same member acknowledges while a repetition waits: it never goes out.
    @Test func acknowledgingEndsARepetitionThatWaits() async throws {
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            try await pushed.practice.join("pia", as: Self.member, "provider")
            try await device.subscribe(at: "/wp/limited")
            // Long enough for somebody to acknowledge meanwhile.
            try pushed.service.answer(.init(path: "/wp/limited", status: 429, headers: ["retry-after": "40"]))
            let answered = try await pushed.practice.text("short of breath", to: Self.member)
            try await pushed.arrival(2, at: "/wp/limited")
            #expect(try await pushed.outcomes(of: answered, atLeast: 1) == ["later"])
            try await pushed.practice.person("pia").json("ack", answered)
            // The repetition of a later message shows that the first one's time is over.
            let open = try await pushed.practice.text("another patient", to: Self.member)
            try await pushed.arrival(4, at: "/wp/limited")
            let messages = try pushed.arrivals(at: "/wp/limited").dropFirst().compactMap {
                Page(parsing: try device.open($0.request))?.message.description
            }
            #expect(messages == [answered, open, open])
            #expect(try await pushed.outcomes(of: answered) == ["later"])
        }
    }

    /// A stream that ends while a message waits is followed by a page, long before it would repeat (after 5 minutes).
    @Test func aPageFollowsWhenTheStreamEndsWithMessagesWaiting() async throws {
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            try await device.subscribe(at: "/wp/away")
            let message = try await pushed.practice.text("short of breath", to: Self.member)
            try await pushed.arrival(2, at: "/wp/away")
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
            configuration.timeout.connect = .seconds(60)
            try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                var request = HTTPClientRequest(url: "https://\(device.raw.http.address)\(APIPath.stream)")
                for (name, value) in device.raw.signature("GET", APIPath.stream) {
                    request.headers.add(name: name, value: value)
                }
                let response = try await client.execute(request, timeout: .seconds(60))
                var text = ""
                var body = response.body.makeAsyncIterator()
                while !text.contains("event: drained"), let part = try await body.next() {
                    text += String(buffer: part)
                }
                #expect(text.contains("event: item") && pushed.arrivals(at: "/wp/away").count == 2)
            }
            let page = try await pushed.arrival(3, at: "/wp/away", seconds: 200)
            #expect(Page(parsing: try device.open(page.request))?.message.description == message)
        }
    }

    // MARK: Kills

    /// Ended without a word after the acceptance, in the middle of an attempt, and after the service's answer: the page goes
    /// out at least once, and the message is there.
    @Test func aKilledRelayPushesWhenItIsBack() async throws {
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            let path = "/wp/killed"
            try await device.subscribe(at: path)
            for how in ["accepted", "hang", "answered"] {
                let came = pushed.arrivals(at: path).count
                try pushed.service.answer(.init(path: path, how: how == "hang" ? "hang" : "whole"))
                let message = try await pushed.practice.text("short of breath \(how)", to: Self.member)
                if how != "accepted" { try await pushed.arrival(came + 1, at: path) }
                try await pushed.practice.relay.kill()
                try pushed.service.answer(.init(path: path))
                try await pushed.practice.relay.start()
                let isThere = try await ProfileProcesses.wait {
                    pushed.arrivals(at: path).dropFirst(came).contains { arrival in
                        guard let body = try? device.open(arrival.request) else { return false }
                        return Page(parsing: body)?.message.description == message
                    }
                }
                #expect(isThere, "\(how)")
                // One that hung for too long before the end is noted, too.
                _ = try await pushed.outcomes(of: message) { $0.contains("accepted") }
                let items = try await device.raw.get(APIPath.inbox).shape(InboxAnswer.self).items
                #expect(items.count { $0.entry.entry.contains(message) && $0.sealedKey != nil } == 1)
            }
            let audit = try await pushed.practice.auditor.run("audit", "verify")
            #expect(audit.status == 0, "\(audit)")
        }
    }

    // MARK: What others learn

    /// Every byte that leaves for a push service: the headers that there must be, a page of one length, and no name, text or
    /// written id.
    @Test func nothingLeavesButWhatMust() async throws {
        try await PushedPractice.run { pushed in
            // Words so long that no chance makes them of sealed bytes.
            let member = "Dr. Persephone Pagewright"
            let device = try await PagedDevice.join(pushed, as: member)
            let apple = "/3/device/00aabbff"
            let google = "/v1/projects/practice-1/messages:send"
            try await device.subscribe(at: "/wp/looked-at")
            try await device.subscribe("apns", token: "00aabbff", requestedAt: apple)
            try await device.subscribe("fcm", token: "device:token-1", requestedAt: google)
            let text = "Bartholomew Featherstone is short of breath"
            let message = try await pushed.practice.text(text, to: member)
            for path in ["/wp/looked-at", apple, google] { try await pushed.arrival(2, at: path) }
            let words = [
                message, text, "Bartholomew", "Featherstone", "breath", member, "Persephone", Practice.deskName,
                "Example Family Practice",
                device.raw.device.description, device.raw.member.description, device.raw.organisation.description,
                "127.0.0.1", "urgent",
            ]
            let beginnings = ["org-", "mem-", "dev-", "msg-"]
            for arrival in pushed.arrivals where arrival.request.path != "/token" {
                let request = arrival.request
                let all = request.headers.map { "\($0.key): \($0.value)" }.joined(separator: "\n") + request.path
                let bytes = [UInt8](all.utf8) + [UInt8](request.body)
                for word in words {
                    #expect(!contains(bytes, word), "\(word) at \(request.path)")
                    #expect(!contains(bytes, Base64.encode(Array(word.utf8)).filter { $0 != "=" }), "\(word), encoded")
                }
                // Of any id; what is sealed or signed is far longer than one, and has four such letters by chance.
                let rest = String(decoding: bytes.filter { $0 < 0x80 }, as: UTF8.self)
                    .replacing(/[A-Za-z0-9_-]{64,}/, with: " ")
                for word in beginnings { #expect(!rest.contains(word), "\(word) at \(request.path)") }
            }
            let pages = [
                try device.open(pushed.arrivals(at: "/wp/looked-at")[1].request),
                try PagedDevice.field(of: pushed.arrivals(at: apple)[1].request),
                try PagedDevice.field(of: pushed.arrivals(at: google)[1].request),
            ]
            #expect(Set(pages).count == 1 && pages[0].count == Page.byteCount)
            for word in words + beginnings { #expect(!contains(pages[0], word), "\(word)") }
            // Test pages and pages are of one length everywhere.
            for path in ["/wp/looked-at", apple, google] {
                #expect(Set(pushed.arrivals(at: path).map(\.request.body.count)).count == 1, "\(path)")
            }
            #expect(
                Set(pushed.arrivals(at: "/wp/looked-at")[1].request.headers.keys)
                    == [
                        "ttl", "urgency", "topic", "content-encoding", "content-type", "authorization",
                        "content-length",
                    ])
            #expect(
                Set(pushed.arrivals(at: apple)[1].request.headers.keys)
                    == [
                        "authorization", "apns-topic", "apns-push-type", "apns-priority", "apns-expiration",
                        "apns-collapse-id", "apns-id", "content-type", "content-length",
                    ])
            #expect(
                Set(pushed.arrivals(at: google)[1].request.headers.keys)
                    == ["authorization", "content-type", "content-length"])
            // Nor does the relay's own log say where anybody is reached.
            let log = pushed.practice.relay.child?.now.errText ?? ""
            for word in ["looked-at", "00aabbff", "device:token-1", "ya29"] { #expect(!log.contains(word), "\(word)") }
        }
    }

    private func contains(_ bytes: [UInt8], _ word: String) -> Bool {
        Data(bytes).range(of: Data(word.utf8)) != nil
    }

    /// Addresses that lead somewhere else than to a public push service, and more tests than anybody needs.
    @Test func addressesThatAreNobodysBusinessAreRefused() async throws {
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            let port = pushed.practice.relay.port
            for endpoint in [
                "http://localhost/x", "https://127.0.0.1/x", "https://[::1]/x", "https://0x7f000001/x",
                "https://localhost:\(port)/x", "https://localhost:22/x", "https://push.example@localhost/x",
                "https://169.254.169.254/latest", "ftp://push.example/x", "https://push.example/\u{1F4DF}",
            ] {
                let keys = device.registration(at: "/")
                let answer = try await device.register(
                    PushRegistration(
                        transport: "web_push", endpoint: endpoint, p256dh: keys.p256dh, auth: keys.auth))
                #expect(answer.status == 422 && answer.problem?.code == .endpointRefused, "\(endpoint)")
            }
            #expect(try await device.subscriptions.isEmpty)
            let id = try await device.subscribe(at: "/wp/tested")
            var answers: [Int] = []
            repeat {
                answers.append(try await device.raw.send("POST", APIPath.subscriptionTest(id), body: []).status)
            } while answers.last == 200 && answers.count < 40
            #expect(answers.last == 429 && answers.count == Int(APILimits.challengesPerHour))
            #expect(pushed.arrivals(at: "/wp/tested").count == Int(APILimits.challengesPerHour))
            // Another device's subscription is nobody's but its own.
            let other = try await PagedDevice.join(pushed, as: "Dr. Olaf Other")
            #expect(try await other.raw.send("POST", APIPath.subscriptionTest(id), body: []).status == 404)
            _ = try await other.raw.send("DELETE", APIPath.subscription(id))
            #expect(try await device.subscriptions.count == 1)
        }
    }
}
