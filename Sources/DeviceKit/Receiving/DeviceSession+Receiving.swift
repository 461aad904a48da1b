import DeviceStorage
import Membership
import RelayAPI
import Secrets
import Statements
import TransparencyLog

/// What became of a queue item.
enum ItemOutcome: Sendable {
    /// Durably taken in; the queue goes on.
    case taken
    /// Not what the relay must give: asked for again later.
    case heldBack
}

extension DeviceSession {
    /// Takes one item of the queue in, each step in its order and into the step log.
    ///
    /// One transaction holds message, receipt, steps and queue position: a crash anywhere repeats without loss or double.
    /// - Throws: ``DeviceKitError`` when this device must stop; what only this item is guilty of is an outcome.
    func take(_ item: QueueItem) async throws -> ItemOutcome {
        var timer = StepTimer()
        guard (1...Self.largestItemNumber).contains(item.number),
            let entry = try? Entry(parsing: Array(item.entry.entry.utf8))
        else {
            _ = try unproven(item, "a queue item's number or entry cannot be read")
            return .heldBack
        }
        let statement: ActivityStatement
        do {
            statement = try ActivityStatement(parsing: entry.body)
        } catch {
            guard error.code != .unknownType, error.code != .unsupported else {
                throw DeviceKitError(
                    "update_needed", .configuration, "the queue holds a statement that this version does not know",
                    next: "update nightbell")
            }
            _ = try unproven(item, "a queue item's entry is no statement (\(error))")
            return .heldBack
        }
        timer.message = statement.message
        timer.note(.page, "item \(item.number) of the queue arrived")
        let (index, broken) = try await place(of: item)
        // Until its place is proven the item is shown, but the queue does not move past it.
        let proven = broken == nil
        switch statement {
        case .manifest(let manifest, _) where isWordOfAForward(manifest):
            guard proven else { return .heldBack }
            return try await takeNotice(statement, item, entry, index: index, timer: &timer)
        case .manifest(let manifest, let note):
            return try await receive(
                ReceivedItem(item: item, entry: entry, index: index, note: note, manifest: manifest, isProven: proven),
                broken: broken.map { [$0] } ?? [], timer: timer)
        case .receipt, .access, .event:
            guard proven else { return .heldBack }
            return try await takeNotice(statement, item, entry, index: index, timer: &timer)
        }
    }

    /// Verifies where the log has an item's entry.
    private func place(of item: QueueItem) async throws -> (index: UInt64, broken: BrokenPromise?) {
        do {
            return (try await prove(item.entry, log: .activity).index, nil)
        } catch let error as DeviceKitError where error.category == .verification {
            return (item.entry.index, BrokenPromise("log", "its place in the log is not proven: \(error.message)"))
        } catch let error as DeviceKitError where error.category == .unreachable {
            return (
                item.entry.index, BrokenPromise("log", "its place in the log could not be proven: \(error.message)")
            )
        } catch is RelayRefusal {
            return (
                item.entry.index, BrokenPromise("log", "its place in the log could not be proven: the relay refuses")
            )
        }
    }

    private func unproven(_ item: QueueItem, _ sentence: String) throws -> Finding {
        try record(
            .unproven, sentence,
            parts: [("entry", Array(item.entry.entry.utf8)), ("proof", Array(item.entry.proof.utf8))])
    }

    // MARK: Notices

    /// A message that carries one of our member's on, and is sealed to others: what it is and whose, we are told.
    private func isWordOfAForward(_ manifest: Manifest) -> Bool {
        guard case .forwardOf = manifest.reference else { return false }
        return manifest.recipient(identity.device) == nil
    }

    private func takeNotice(
        _ statement: ActivityStatement, _ item: QueueItem, _ entry: Entry, index: UInt64,
        timer: inout StepTimer
    ) async throws -> ItemOutcome {
        guard let message = statement.message else {
            try record(
                .badNotice, "the relay queued an event that is about none of our messages",
                parts: [("entry", Array(item.entry.entry.utf8)), ("proof", Array(item.entry.proof.utf8))])
            try durably { step, _ in try step.advanceQueue(past: item.number, leaf: entry.leafHash) }
            return .taken
        }
        let earlier = try profile.store.look { try $0.notices(on: message.description) }.first { $0.index == index }
        if let earlier, earlier.number != item.number {
            try record(
                .queueDiffers,
                "the relay gave item \(earlier.number) of this device's queue again as item \(item.number)",
                message: message,
                parts: [("entry", Array(item.entry.entry.utf8)), ("proof", Array(item.entry.proof.utf8))],
                occasion: "\(earlier.number) \(item.number)")
            return .heldBack
        }
        // Who joined since the roster was last looked at is no stranger: before anybody is accused, it is looked at again.
        var violation = violation(of: statement, at: entry.time)
        if violation != nil {
            do { try await refresh() } catch { return .heldBack }
            violation = self.violation(of: statement, at: entry.time)
        }
        if let violation {
            try record(
                .badNotice, "the relay queued a receipt on our message that its rules forbid (\(violation))",
                message: message,
                parts: [("entry", Array(item.entry.entry.utf8)), ("proof", Array(item.entry.proof.utf8))])
        }
        timer.note(.manifest, "a verified \(Self.word(statement)) on our message, entry \(index) of the activity log")
        let isValid = violation == nil
        let notes = isValid ? timer.take() : []
        let time = connection.clock.now()
        try durably { step, lines in
            if isValid {
                _ = try step.add(
                    NoticeRow(number: item.number, message: message.description, index: index, entry: entry.bytes))
                if case .manifest(let manifest, _) = statement { try addLink(of: manifest, content: nil, in: step) }
            }
            try step.advanceQueue(past: item.number, leaf: entry.leafHash)
            try storeCheckpoints(step)
            lines += try StepLog.append(notes, at: time, to: step).lines
        }
        return .taken
    }

    private func violation(of notice: ActivityStatement, at time: Timestamp) -> RuleViolation? {
        do {
            try verify(notice: notice, at: time)
            return nil
        } catch {
            return error
        }
    }

    private static func word(_ statement: ActivityStatement) -> String {
        switch statement {
        case .receipt(let receipt, _): "receipt \(receipt.action.rawValue)"
        case .event(let event): "event \(event.kind.word)"
        case .manifest: "manifest"
        case .access: "access"
        }
    }
}

/// A manifest as an item of the queue.
struct ReceivedItem {
    let item: QueueItem
    let entry: Entry
    let index: UInt64
    let note: SignedNote
    let manifest: Manifest
    let isProven: Bool

    var parts: [(String, [UInt8])] {
        [("entry", Array(item.entry.entry.utf8)), ("proof", Array(item.entry.proof.utf8))]
    }
}
