import DeviceKit
import Foundation
import Statements
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension WatcherTests {
    /// `watch`: one object a line, for as long as it is let.
    @Suite struct WatchTests {
        @Test func aWatcherShowsWhatWaitedAndWhatComes() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let waiting = try await practice.text("waited", urgency: "emergent")
            let watcher = try practice.clara.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            try await watcher.waitForLine(containing: "\"message\"", waiting)
            let coming = try await practice.text("comes")
            try await watcher.waitForLine(containing: "\"message\"", coming)
            watcher.signal(SIGTERM)
            let outcome = try await watcher.outcome()
            #expect(outcome.status == ExitCode.done)
            let events = try outcome.lines()
            for message in [waiting, coming] {
                let shown = events.filter { $0["event"]?.string == "message" && $0["message"]?.string == message }
                #expect(shown.count == 1)
                // Shown as soon as it is stored: its receipt may not be proven yet.
                #expect(shown.first?["state"]?.string.map { ["waiting", "delivered"].contains($0) } == true)
                #expect(shown.first?["from"]?.string == Practice.deskName)
                #expect(shown.first?["verified"]?.bool == true)
            }
            let names = events.compactMap { $0["event"]?.string }
            #expect(
                Set(names).isSubset(of: [
                    "connected", "drained", "message", "progressed", "notice", "disconnected", "heartbeat",
                ]))
            #expect(names.first { $0 == "connected" } != nil)
        }

        @Test func aSenderSeesTheAnswerLive() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let watcher = try practice.desk.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            let message = try await practice.text("answer me")
            try await practice.clara.json("ack", message)
            try await watcher.waitForLine(containing: "\"notice\"", message, "acknowledged")
            watcher.signal(SIGINT)
            #expect(try await watcher.outcome().status == ExitCode.done)
        }

        /// Who joined since the watcher last saw the roster is no stranger, and the relay no liar for passing the answer on.
        @Test func theAnswerOfWhoJoinedSinceCounts() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let watcher = try practice.desk.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            let newcomer = practice.person("joined-since")
            try await practice.join(newcomer.name, as: "Dr. Joined Since", "provider")
            let carriedOn = try await practice.text("for you", to: "Dr. Joined Since")
            try await newcomer.json("ack", carriedOn)
            try await watcher.waitForLine(containing: "\"notice\"", carriedOn, "acknowledged")
            let another = practice.person("joined-later")
            try await practice.join(another.name, as: "Dr. Joined Later", "provider")
            try await newcomer.json("hand-off", carriedOn, "--to", "Dr. Joined Later")
            try await another.json("inbox")
            let state = try await practice.desk.json("sent", carriedOn)
            #expect(state["forwards"]?.array?.count == 1)
            watcher.signal(SIGINT)
            let outcome = try await watcher.outcome()
            #expect(outcome.status == ExitCode.done)
            #expect(!outcome.out.contains("finding") && !outcome.err.contains("FINDING"), "\(outcome.out)")
        }

        @Test func whatWasReadIsNotShownAgain() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let message = try await practice.text("read before")
            try await practice.clara.json("read", message)
            let watcher = try practice.clara.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            watcher.signal(SIGTERM)
            #expect(!(try await watcher.outcome().out.contains(message)))
        }

        /// Somebody read it, and was called away: people are told of it once more, and what it costs to wait.
        @Test func whatWasReadAndNotAnsweredIsSaidToPeople() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let person = practice.person("called-away")
            try await practice.join(person.name, as: "Dr. Called Away", "provider")
            let message = try await practice.text("read, and called away", to: "Dr. Called Away", urgency: "urgent")
            try await person.json("read", message)
            let watcher = try person.startSaying("watch")
            try await watcher.waitForLine(
                containing: "read, NOT ANSWERED: URGENT from \(Practice.deskName), answer in", " read msg-")
            try await watcher.waitForLine(containing: "connected; 1 message waits")
            watcher.signal(SIGTERM)
            #expect(!(try await watcher.outcome().out.contains("read, and called away")))
        }

        /// What was dealt with before a device joined, or while it was away, is not what somebody has to do.
        @Test func whatAnotherDeviceAnsweredBeforeIsKnownFromTheStart() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let (first, second) = (practice.person("twice-1"), practice.person("twice-2"))
            for person in [first, second] { try await practice.join(person.name, as: "Dr. Twice", "provider") }
            let message = try await practice.text("dealt with", to: "Dr. Twice", urgency: "urgent")
            try await first.json("ack", message)
            try await first.json("close", message)
            let watcher = try second.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            try await watcher.waitForLine(containing: "\"progressed\"", message, "closed")
            watcher.signal(SIGTERM)
            let events = try await watcher.outcome().lines()
            #expect(!events.contains { $0["event"]?.string == "disconnected" })
        }

        @Test func whatWasPromisedIsBroughtUpUntilItIsClosed() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let person = practice.person("reminded")
            try await practice.join(person.name, as: "Dr. Reminded", "provider")
            let message = try await practice.text("promised", to: "Dr. Reminded")
            let watcher = try person.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            // What is promised must still be to come when it is said.
            let promised = Timestamp.now().adding(seconds: 40)
            try await person.json("ack", message, "--by", promised.description)
            try await watcher.waitForLine(containing: "\"not_closed\"", message, promised.description)
            try await person.json("close", message)
            try await watcher.waitForLine(containing: "\"progressed\"", message, "closed")
            watcher.signal(SIGTERM)
            let events = try await watcher.outcome().lines()
            #expect(events.filter { $0["event"]?.string == "not_closed" }.count == 1)
        }

        @Test func aWatcherOutlivesItsRelay() async throws {
            let practice = try await Practice.make()
            let watcher = try practice.clara.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            try await practice.relay.kill()
            try await watcher.waitForLine(containing: "\"disconnected\"", "retry_in_milliseconds")
            try await practice.relay.start()
            let message = try await practice.text("after the fall")
            try await watcher.waitForLine(containing: "\"message\"", message)
            let stopped = try await practice.relay.stop()
            #expect(stopped.status == 0)
            watcher.signal(SIGTERM)
            #expect(try await watcher.outcome().status == ExitCode.done)
            try await practice.remove()
        }

        @Test func aRevokedWatcherEnds() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let lost = practice.person("lost-watcher")
            let device = try await practice.join(lost.name, as: "Lost Watcher", "provider")["device"]?.string ?? ""
            let watcher = try lost.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            try await practice.admin.json("admin", "revoke", device, "--reason", "stolen")
            let outcome = try await watcher.outcome()
            #expect(outcome.status == ExitCode.refused)
            #expect(outcome.code == "revoked")
            #expect(try await lost.run("inbox").code == "revoked")
        }

        /// The relay keeps one stream a device: of two watchers one follows it, the other the store, and both tell the same.
        @Test func twoWatchersTellTheSameAndTheSecondTakesOver() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let first = try practice.clara.start("watch")
            try await first.waitForLine(containing: "\"drained\"")
            let second = try practice.clara.start("watch")
            try await second.waitForLine(containing: "\"drained\"")
            let message = try await practice.text("to both")
            try await first.waitForLine(containing: "\"message\"", message)
            try await second.waitForLine(containing: "\"message\"", message)
            try await practice.clara.json("ack", message)
            try await second.waitForLine(containing: "\"progressed\"", message, "acknowledged")
            #expect(!first.now.outText.contains("\"disconnected\""))
            #expect(!second.now.outText.contains("\"disconnected\""))
            first.signal(SIGKILL)
            _ = try await first.outcome()
            let later = try await practice.text("to the one that is left")
            try await second.waitForLine(containing: "\"message\"", later)
            try await second.waitForLine(containing: "\"connected\"")
            second.signal(SIGTERM)
            let outcome = try await second.outcome()
            #expect(outcome.status == ExitCode.done)
            for id in [message, later] {
                let shown = try outcome.lines().filter {
                    $0["event"]?.string == "message" && $0["message"]?.string == id
                }
                #expect(shown.count == 1)
            }
        }
    }
}
