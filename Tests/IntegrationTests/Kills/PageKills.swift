import DeviceKit
import Foundation
import RelayAPI
import Sealing
import Statements
import Synchronization
import Testing

/// A message to a device that is not connected. The relay is ended somewhere between its start, the acceptance, the push service's
/// answer and the note of it: the page goes out at least once, and the message is there, once.
struct PageStory: Sendable {
    let name = "relay: pages"
    private static let member = "Dr. Pia Page"
    private static let path = "/wp/killed"

    /// Runs the row of this story.
    func row(few: Int) async throws -> KillRow {
        let made = Mutex<KillRow?>(nil)
        try await PushedPractice.run { pushed in
            let device = try await PagedDevice.join(pushed, as: Self.member)
            try await device.subscribe(at: Self.path)
            try await pushed.practice.relay.stop()
            let row = await KillRow.run(name, few: few) {
                let trace = pushed.practice.folder + "/trace"
                let unharmed = try await run(pushed, device, KillPoint(classes: KillMatrix.classes, trace: trace))
                guard unharmed.faults.isEmpty else { throw PreparationFailed("faults: \(unharmed.faults)") }
                return try KillTrace(trace)
            } _: { point in
                try await run(pushed, device, point)
            }
            made.withLock { $0 = row }
        }
        return try #require(made.withLock { $0 })
    }

    /// Goes through the story with the relay ended at a point; what it begins with is untouched.
    private func run(_ pushed: PushedPractice, _ device: PagedDevice, _ point: KillPoint) async throws -> KillResult {
        let practice = try pushed.practice.copy()
        var result = KillResult()
        do {
            try await run(in: practice, pushed, device, point, &result)
        } catch {
            result.faults.append("\(error) (ended during: \(result.place ?? "nothing"))")
        }
        try await practice.remove()
        return result
    }

    private func run(
        in practice: Practice, _ pushed: PushedPractice, _ device: PagedDevice, _ point: KillPoint,
        _ result: inout KillResult
    ) async throws {
        if !(try await practice.relay.start(point)) {
            result.place = "start"
            try await practice.relay.start()
        }
        let words = ["send", "--to", Self.member, "--urgency", "urgent", "--text", "paged"]
        let sent = try await practice.told("send", &result) { try await practice.desk.run(words) }
        let message = sent["message"]?.string ?? ""
        let relay = practice.relay.child
        _ = try await ProfileProcesses.wait {
            Self.isPaged(message, pushed, device) || relay?.now.status != nil
        }
        try await practice.restartRelay("push", &result)
        let isPaged = try await ProfileProcesses.wait { Self.isPaged(message, pushed, device) }
        if !isPaged { result.faults.append("no page of \(message) went out") }
        var attempts: [String] = []
        let deadline = ContinuousClock.now + .seconds(Programs.patienceSeconds)
        while !attempts.contains("accepted"), ContinuousClock.now < deadline {
            let states =
                try await practice.told("note", &result) {
                    try await practice.auditor.run(["audit", "message", message])
                }["states"]?.array ?? []
            attempts = states.filter { $0["action"]?.string == "pushed" }.compactMap { $0["reason"]?.string }
        }
        if !attempts.contains("accepted") { result.faults.append("the log has the attempts \(attempts)") }
        try await practice.stopRelay(&result)
        let items = try await device.raw.get(APIPath.inbox).shape(InboxAnswer.self).items
        let copies = items.count { $0.sealedKey != nil && $0.entry.entry.contains(message) }
        if copies != 1 { result.faults.append("\(copies) of \(message) wait for the device") }
        result.faults += try await practice.faults(of: ["admin", "desk", "auditor"])
    }

    private static func isPaged(_ message: String, _ pushed: PushedPractice, _ device: PagedDevice) -> Bool {
        pushed.arrivals(at: path).contains { arrival in
            guard let body = try? device.open(arrival.request) else { return false }
            return Page(parsing: body)?.message.description == message
        }
    }
}
