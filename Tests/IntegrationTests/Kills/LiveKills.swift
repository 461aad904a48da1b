import DeviceKit
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An evening with open streams: the relay is ended somewhere within, and those who watch find it again by themselves.
struct LiveStory: Sendable {
    let name = "relay: live"

    /// Goes through the story with the relay ended at a point; `base` is untouched.
    func run(from base: Practice, _ point: KillPoint) async throws -> KillResult {
        let practice = try base.copy()
        var result = KillResult()
        var watchers: [ChildProcess] = []
        do {
            try await run(in: practice, point, &watchers, &result)
        } catch {
            result.faults.append("\(error) (ended during: \(result.place ?? "nothing"))")
        }
        for watcher in watchers { watcher.signal(SIGKILL) }
        try await practice.remove()
        return result
    }

    private func run(
        in practice: Practice, _ point: KillPoint, _ watchers: inout [ChildProcess], _ result: inout KillResult
    ) async throws {
        if !(try await practice.relay.start(point)) {
            result.place = "start"
            try await practice.relay.start()
        }
        let clara = try practice.clara.start("watch")
        watchers.append(clara)
        try await wait("clara connects", for: clara, in: practice, &result) { $0.contains("\"drained\"") }
        let desk = try practice.desk.start("watch")
        watchers.append(desk)
        try await wait("the desk connects", for: desk, in: practice, &result) { $0.contains("\"drained\"") }
        var messages: [String] = []
        for number in 1...2 {
            let words = ["send", "--to", Practice.claraName, "--urgency", "urgent", "--text", "live \(number)"]
            let sent = try await practice.told("send \(number)", &result) { try await practice.desk.run(words) }
            let message = sent["message"]?.string ?? ""
            messages.append(message)
            try await wait("message \(number)", for: clara, in: practice, &result) { $0.contains(message) }
            _ = try await practice.told("ack \(number)", &result) { try await practice.clara.run(["ack", message]) }
            try await wait("notice \(number)", for: desk, in: practice, &result) { Self.knows($0, message) }
        }
        // With the streams open.
        try await practice.stopRelay(&result)
        for watcher in watchers {
            watcher.signal(SIGTERM)
            let ended = try await watcher.outcome()
            if ended.status != 0 { result.faults.append("a watcher ended with \(ended.status): \(ended.err)") }
        }
        for message in messages {
            // Shown before the relay could prove it, a message is shown once more when it is proven.
            let shown = KillStage.verdicts(on: message, shownIn: clara.now.outText)
            if ![[true], [false, true], [false]].contains(shown) {
                result.faults.append("\(message) was shown, proven or not: \(shown)")
            }
            let sent = try await practice.desk.json("sent", message)
            let states = (sent["states"]?.array ?? []).compactMap { $0["action"]?.string }
            if states != ["delivered", "acknowledged"] { result.faults.append("the desk knows of \(states)") }
        }
        let inbox = try await practice.clara.json("inbox")["messages"]?.array ?? []
        if inbox.count != messages.count { result.faults.append("\(inbox.count) messages arrived") }
        result.faults += try await practice.faults(of: ["admin", "desk", "clara", "auditor"])
    }

    /// Waits until a watcher has said something; starts the relay again when it was ended before.
    private func wait(
        _ name: String, for watcher: ChildProcess, in practice: Practice, _ result: inout KillResult,
        _ isSaid: @Sendable (String) -> Bool
    ) async throws {
        let relay = practice.relay.child
        // Of two programs: whichever tells first, the other one's word may be late.
        let isThere = try await ProfileProcesses.wait {
            isSaid(watcher.now.outText) || watcher.now.hasEnded || relay?.now.status != nil
        }
        if isSaid(watcher.now.outText) { return }
        guard isThere, !watcher.now.hasEnded else {
            throw PreparationFailed("\(name): \(watcher.now.outText)\(watcher.now.errText)")
        }
        try await practice.restartRelay(name, &result)
        guard await watcher.wait(until: { isSaid($0.outText) || $0.hasEnded }), !watcher.now.hasEnded else {
            throw PreparationFailed("\(name), after the restart: \(watcher.now.outText)\(watcher.now.errText)")
        }
    }

    /// Whether a sender's watcher was told, verified, that the message is acknowledged.
    private static func knows(_ out: String, _ message: String) -> Bool {
        out.split(separator: "\n").contains {
            $0.contains("\"notice\"") && $0.contains(message) && $0.contains("\"acknowledged\"")
        }
    }

    /// Runs the row of this story.
    func row(few: Int) async throws -> KillRow {
        let base = try await Practice.make()
        try await base.relay.stop()
        let row = await KillRow.run(name, few: few) {
            let trace = base.folder + "/trace"
            let unharmed = try await run(from: base, KillPoint(classes: KillMatrix.classes, trace: trace))
            guard unharmed.faults.isEmpty else { throw PreparationFailed("faults: \(unharmed.faults)") }
            return try KillTrace(trace)
        } _: { point in
            try await run(from: base, point)
        }
        try await base.remove()
        return row
    }
}
