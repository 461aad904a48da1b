import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ProgramTests {
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

        @Test func aClientSpeaksAfterItsStepIsOnTheDisk() async throws {
            let practice = try await SharedPractice.shared.practice()
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
            let practice = try await SharedPractice.shared.practice()
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
        watcher.signal(SIGTERM)
        _ = try await watcher.outcome()
    }
}

/// Reads from a trace whether everything that was written was on the disk when a word left.
struct WriteOrder {
    /// Words that left while something was only in the kernel's memory: the step, and the file.
    private(set) var wordsBeforeDurability: [String] = []
    /// How often a file of those that are looked at was made durable.
    private(set) var commits = 0
    /// How many words left after the last commit.
    private(set) var wordsAfterLastCommit = 0
    /// What was not durable at the end.
    private(set) var unsafeFiles: Set<String> = []

    /// Shorter ones are signs of life and what ends a connection: they say nothing.
    private static let wordBytes = 100

    init(_ steps: [KillTrace.Step], files: [String]) {
        func concerns(_ path: String) -> Bool {
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            return files.contains { name == $0 || ($0.hasSuffix("-") && name.hasPrefix($0)) }
        }
        // A name that changed is safe when its folder is.
        var unsafeFolders: Set<String> = []
        for step in steps {
            let folder = step.about.split(separator: "/").dropLast().joined(separator: "/")
            switch step.kind {
            case "write", "truncate":
                if concerns(step.about) { unsafeFiles.insert(step.about) }
            case "sync":
                if unsafeFiles.remove(step.about) != nil {
                    commits += 1
                    wordsAfterLastCommit = 0
                }
                unsafeFolders.remove(step.about.split(separator: "/").joined(separator: "/"))
            case "name":
                // The name of a renamed file is looked at as the one that was written: with or without `.new`.
                if concerns(step.about) || concerns(step.about + ".new") { unsafeFolders.insert(folder) }
            case "send" where step.bytes >= Self.wordBytes:
                wordsAfterLastCommit += 1
                for place in unsafeFiles.union(unsafeFolders) {
                    wordsBeforeDurability.append("step \(step.number), \(place)")
                }
            default: break
            }
        }
    }
}
