import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension OwnPracticeTests {
    /// What would survive a power cut: no word leaves a program before what it says is on the disk.
    @Suite(.serialized) struct DurabilityOrderTests {
        @Test func theRelayAnswersAfterItsTransactionIsOnTheDisk() async throws {
            let practice = try await Practice.make()
            try await practice.relay.stop()
            let file = practice.folder + "/trace"
            try await practice.relay.start(KillPoint(classes: KillPoint.everything, trace: file))
            let acts: [@Sendable () async throws -> Void] = [
                { try await practice.text("to one who is away") }, { try await practice.clara.json("inbox") },
                { try await practice.join("dan2", as: Practice.danName, "provider") },
                { try await practice.textToAStoppedListener() },
            ]
            for act in acts {
                let before = try KillTrace(file).steps.count
                try await act()
                let order = WriteOrder(Array(try KillTrace(file).steps.dropFirst(before)), files: ["relay.sqlite-wal"])
                #expect(order.wordsBeforeDurability == [])
                #expect(order.commits > 0)
                // The answer is a word, and after it nothing more is written: so the answer was not first.
                #expect(order.wordsAfterLastCommit > 0)
            }
            try await practice.remove()
        }

        /// The disk is held at each synchronisation in turn: others are answered meanwhile, and whoever waits for what is
        /// being written is not.
        @Test func noAnswerLeavesWhileItsTransactionWaitsForTheDisk() async throws {
            let practice = try await Practice.make()
            let message = try await practice.text("to be held")
            try await practice.relay.stop()
            var disk = DiskHold(in: practice.folder)
            try await practice.relay.start(
                KillPoint(classes: KillPoint.everything, trace: disk.trace, hold: disk.path))
            let acts: [(person: Person, words: [String], transactions: Int)] = [
                // The claim, and the message with its `served` or without.
                (practice.desk, ["send", "--to", Practice.danName, "--urgency", "urgent", "--text", "held"], 2),
                // `served`, and the receipts.
                (practice.clara, ["inbox"], 2), (practice.clara, ["ack", message], 1),
                // The member, and the invitation.
                (practice.admin, ["admin", "invite", "--member", "Held Newcomer", "--role", "provider"], 2),
            ]
            for act in acts {
                try disk.begin()
                let writer = try act.person.start(words: act.words)
                var transactions = 0
                let hasEnded = try await ProfileProcesses.wait {
                    guard let step = try disk.waiting().first else { return writer.now.hasEnded }
                    if step.about.hasSuffix("/relay.sqlite-wal") {
                        transactions += 1
                        // Whoever waits for an answer waits 20 s.
                        let began = ContinuousClock.now
                        for _ in 0..<3 where ContinuousClock.now - began < .seconds(5) {
                            try await practice.auditor.json("status")
                        }
                        #expect(writer.now.status == nil, "\(act.words): answered before \(step.about) was on the disk")
                        #expect(writer.now.out == [])
                    }
                    try disk.letGo(step)
                    return false
                }
                #expect(hasEnded, "\(act.words)")
                try disk.end()
                let outcome = try await writer.outcome()
                #expect(outcome.status == 0, "\(outcome.err)")
                #expect(transactions >= act.transactions, "\(act.words): \(transactions) transactions")
            }
            try await practice.remove()
        }

        /// The judge itself: it convicts a program that speaks too early, in either way of doing so.
        @Test func aWordBeforeItsDurabilityIsSeen() {
            func order(_ kinds: String...) -> WriteOrder {
                let lines = kinds.enumerated().map { index, kind in
                    "\(index + 1) \(kind) call 400 \(kind == "send" ? "socket" : "/data/relay.sqlite-wal")"
                }
                return WriteOrder(KillTrace(text: lines.joined(separator: "\n")).steps, files: ["relay.sqlite-wal"])
            }
            let good = order("page", "page", "sync", "send")
            #expect(good.wordsBeforeDurability == [])
            #expect(good.commits == 1 && good.wordsAfterLastCommit == 1 && good.unsafeFiles == [])
            #expect(order("page", "send", "sync").wordsBeforeDurability == ["step 2, /data/relay.sqlite-wal"])
            #expect(order("send", "page", "sync").wordsAfterLastCommit == 0)
            #expect(order("page", "sync", "page").unsafeFiles == ["/data/relay.sqlite-wal"])
        }

        @Test func aClientSpeaksAfterItsStepIsOnTheDisk() async throws {
            let practice = try await SharedStage.shared.stage().practice
            let newcomer = practice.person("order-newcomer")
            let invitation = try await practice.invite("Order Newcomer", "provider")
            let message = try await practice.text("ordered")
            let acts: [(Person, [String])] = [
                (newcomer, ["--ca", practice.relay.authority, "join", invitation]),
                (practice.desk, ["send", "--to", Practice.danName, "--urgency", "routine", "--text", "ordered"]),
                (practice.clara, ["inbox"]), (practice.clara, ["read", message]), (practice.clara, ["ack", message]),
            ]
            for (index, (person, arguments)) in acts.enumerated() {
                let file = practice.folder + "/trace-order-\(index)"
                let outcome = try await person.run(
                    arguments, kill: KillPoint(classes: KillPoint.everything, trace: file))
                #expect(outcome.status == 0)
                let files = [
                    "store.sqlite", "store.sqlite-journal", "profile.json.new", "ca.pem.new", "key-", "profile-",
                ]
                let order = WriteOrder(try KillTrace(file).steps, files: files)
                #expect(order.wordsBeforeDurability == [], "\(arguments)")
                #expect(order.commits > 0)
            }
        }

        /// A receipt is posted after the commit that holds it: between the answer that brought the message and the receipt's
        /// own words lies a whole commit of the store.
        @Test func aReceiptIsPostedAfterItIsStored() async throws {
            let practice = try await SharedStage.shared.stage().practice
            _ = try await practice.clara.json("inbox")
            try await practice.text("to be receipted")
            let file = practice.folder + "/trace-receipt"
            let outcome = try await practice.clara.run(
                ["inbox"], kill: KillPoint(classes: KillPoint.everything, trace: file))
            #expect(outcome.status == 0)
            let steps = try KillTrace(file).steps
            // The last long word is the receipt: a signed note has hundreds of bytes; what ends TLS has 24.
            let words = steps.indices.filter { steps[$0].kind == "send" && steps[$0].bytes > 500 }
            let receipt = try #require(words.last)
            let question = try #require(
                steps.indices.last { $0 < receipt && steps[$0].kind == "send" && steps[$0].bytes > 300 })
            let between = WriteOrder(Array(steps[question..<receipt]), files: ["store.sqlite", "store.sqlite-journal"])
            #expect(between.commits > 0)
            #expect(between.unsafeFiles == [])
        }
    }
}

extension Practice {
    /// A message to a watcher that hears nothing of it while the relay writes: so that its receipt comes later.
    fileprivate func textToAStoppedListener() async throws {
        let watcher = try dan.start("watch")
        try await watcher.waitForLine(containing: "\"drained\"")
        watcher.signal(SIGSTOP)
        let message = try await text("to one who listens", to: Self.danName)
        watcher.signal(SIGCONT)
        try await watcher.waitForLine(containing: message)
        // Shown before its receipt is posted: ended then, the watcher would not hear the answer, which the relay would not send.
        let isAnswered = try await ProfileProcesses.wait {
            try await dan.run("steps", message).out.contains("(delivered) is entry")
        }
        guard isAnswered else { throw PreparationFailed("the receipt was not answered") }
        watcher.signal(SIGTERM)
        _ = try await watcher.outcome()
    }
}
