import DeviceStorage
import RelayAPI
public import Statements

extension DeviceSession {
    /// Compares what a broken link left open of stored messages: any program of the profile that is connected does.
    ///
    /// What cannot be compared now either stays open.
    /// - Returns: The messages of which all is known now.
    public func compareAgain() async throws -> [MessageID] {
        var settled: [MessageID] = []
        for message in try profile.store.look({ try $0.uncompared() }) {
            let isSettled = try await compareAgain(message)
            try Task.checkCancellation()
            // The link is broken still: the others wait as well.
            guard isSettled else { break }
            settled.append(message)
        }
        return settled
    }

    /// The same for whoever watches.
    func compareAgain(_ hear: (WatchEvent) throws -> Void, _ state: inout WatchState) async throws {
        for id in try await compareAgain() {
            guard let message = try? inboxMessage(id.description) else { continue }
            state.news.told(id.description, isVerified: message.isVerified)
            try hear(.message(message))
        }
    }

    /// - Returns: Whether nothing of it is open any more.
    private func compareAgain(_ id: MessageID) async throws -> Bool {
        guard let row = try profile.store.look({ try $0.message(id.description) }),
            let received = ReceivedItem(row), let before = MessageDetails(row.details)
        else {
            try profile.store.step { step in try step.setUncompared(id, to: false) }
            return true
        }
        var timer = StepTimer(message: id)
        let broken = try await compareAgain(received, row.content, before.broken, timer: &timer)
        let isSettled = !broken.contains(where: \.isOpen)
        guard isSettled || broken != before.broken.filter(\.isOpen) else { return false }
        if isSettled {
            timer.note(
                .manifest,
                broken.isEmpty
                    ? "what a broken link had left open is compared, and holds"
                    : "what a broken link had left open is compared; not proven: "
                        + broken.map(\.promise).joined(separator: ", "))
        }
        let notes = timer.take()
        let time = connection.clock.now()
        try durably { step, lines in
            guard var row = try step.message(id.description), var details = MessageDetails(row.details) else { return }
            details.broken = details.broken.filter { !$0.isOpen } + broken
            row.details = details.bytes
            row.summary = MessageSummary(details).bytes
            try step.update(row)
            try step.setUncompared(id, to: !isSettled)
            lines += try StepLog.append(notes, at: time, to: step).lines
        }
        return isSettled
    }

    /// - Returns: What of that which was open does not hold, or is open still.
    private func compareAgain(
        _ received: ReceivedItem, _ content: [UInt8]?, _ before: [BrokenPromise], timer: inout StepTimer
    ) async throws -> [BrokenPromise] {
        let open = Set(before.filter(\.isOpen).map(\.promise))
        var broken: [BrokenPromise] = []
        if open.contains("roster") {
            try await bringRosterUpTo(received.manifest.seen.roster.size, &broken)
            if broken.isEmpty { _ = try checkManifest(received, broken: &broken) }
        }
        // An older roster says nothing of what the sender had seen of it since.
        let isSeenSettled = before.contains { $0.promise == "seen" && !$0.isOpen }
        if !isSeenSettled, open.contains("seen") || open.contains("roster") {
            await checkSeen(received.manifest, received, broken: &broken)
        }
        if open.contains("original"), let content {
            broken += try await checkOriginal(in: content, received, timer: &timer)
        }
        return broken
    }
}

extension ReceivedItem {
    /// A stored message as it arrived; its place was proven then, or is being asked for apart.
    fileprivate init?(_ row: MessageRow) {
        guard let item = try? APIJSON.decode(QueueItem.self, from: row.envelope),
            let entry = try? Entry(parsing: Array(item.entry.entry.utf8)),
            case .manifest(let manifest, let note)? = try? ActivityStatement(parsing: entry.body)
        else { return nil }
        self.init(item: item, entry: entry, index: item.entry.index, note: note, manifest: manifest, isProven: true)
    }
}

// MARK: Storing

extension SettingName {
    fileprivate static let uncompared = SettingName(rawValue: "uncompared")
}

extension StoreReading {
    /// The messages of which a broken link left something open, oldest first.
    func uncompared() throws -> [MessageID] {
        String(decoding: try setting(.uncompared) ?? [], as: UTF8.self).split(separator: " ")
            .compactMap { MessageID(String($0)) }
    }
}

extension StoreStep {
    func setUncompared(_ message: MessageID, to isOpen: Bool) throws {
        var messages = try uncompared().filter { $0 != message }
        if isOpen { messages.append(message) }
        let text = messages.map(\.description).joined(separator: " ")
        try set(.uncompared, to: text.isEmpty ? nil : Array(text.utf8))
    }
}
