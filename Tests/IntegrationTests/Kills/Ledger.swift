import Membership
import Secrets
import Statements
import TransparencyLog

/// Both logs as an auditor's device reads them, and everything in them that must be there exactly once.
struct Ledger: Sendable {
    let roster: [Entry]
    let activity: [Entry]
    /// What is not as it must be, in words; empty when all is well.
    private(set) var faults: [String] = []
    /// Manifests by message.
    private(set) var messages: [MessageID: Manifest] = [:]
    /// The receipts on a message, in the order of the log.
    private(set) var receipts: [MessageID: [Receipt]] = [:]
    /// Devices by the invitation that let them in.
    private(set) var enrolments: [InvitationID: DeviceID] = [:]

    /// Reads both logs, whole, each under its signed root.
    init(readBy auditor: RawDevice) async throws {
        roster = try await auditor.statements(of: .roster)
        activity = try await auditor.statements(of: .activity)
        readRoster(auditor.organisation)
        readActivity()
    }

    /// The actions of one message, in order.
    func actions(on message: String) -> [String] {
        MessageID(message).flatMap { receipts[$0] }?.map(\.action.rawValue) ?? []
    }

    private mutating func readRoster(_ organisation: OrganisationID) {
        do {
            var replayed = try Roster(genesis: roster[0], organisation: organisation)
            for entry in roster.dropFirst() { try replayed.append(entry) }
        } catch {
            faults.append("the roster log breaks a rule: \(error)")
        }
        for entry in roster {
            guard let note = try? SignedNote(parsing: entry.body),
                case .enrol(let enrol)? = try? RosterStatement(parsing: note.text)
            else { continue }
            if enrolments.updateValue(enrol.device, forKey: enrol.invitation) != nil {
                faults.append("\(enrol.invitation) let two devices in")
            }
        }
    }

    private mutating func readActivity() {
        var reading = Reading()
        for entry in activity {
            guard let statement = try? ActivityStatement(parsing: entry.body) else {
                faults.append("an entry of the activity log cannot be read")
                continue
            }
            switch statement {
            case .manifest(let manifest, _):
                if messages.updateValue(manifest, forKey: manifest.message) != nil {
                    faults.append("\(manifest.message) was accepted twice")
                }
            case .receipt(let receipt, let note): read(receipt, note.hash, &reading)
            case .access: break
            case .event(let event): read(event, &reading)
            }
        }
        if reading.rosterSize != UInt64(roster.count) {
            faults.append("the last roster event names \(reading.rosterSize) of \(roster.count) entries")
        }
    }

    private struct Reading {
        var chains: [DeviceID: (number: UInt64, last: Digest)] = [:]
        var served: Set<Pair> = []
        var ended: Set<Pair> = []
        var fallbacks: Set<Pair> = []
        var unanswered: Set<MessageID> = []
        var rosterSize: UInt64 = 0

        struct Pair: Hashable {
            let device: DeviceID
            let message: MessageID
        }
    }

    private mutating func read(_ receipt: Receipt, _ hash: Digest, _ reading: inout Reading) {
        let chain = reading.chains[receipt.device]
        if receipt.number != (chain?.number ?? 0) + 1 || receipt.previous != chain?.last {
            faults.append("receipt \(receipt.number) of \(receipt.device) does not continue its chain")
        }
        reading.chains[receipt.device] = (receipt.number, hash)
        let earlier = receipts[receipt.message, default: []].filter { $0.device == receipt.device }
        if earlier.contains(where: { $0.action == receipt.action && $0.reason == receipt.reason }) {
            faults.append("\(receipt.device) said \(receipt.action.rawValue) twice on \(receipt.message)")
        }
        if messages[receipt.message] == nil { faults.append("a receipt stands before its message") }
        if receipt.action == .delivered,
            !reading.served.contains(.init(device: receipt.device, message: receipt.message))
        {
            faults.append("\(receipt.message) was delivered and never served")
        }
        receipts[receipt.message, default: []].append(receipt)
    }

    private mutating func read(_ event: RelayEvent, _ reading: inout Reading) {
        switch event.kind {
        case .roster(let size, _):
            if size <= reading.rosterSize { faults.append("the roster event of \(size) entries does not go on") }
            reading.rosterSize = size
        case .served(let device, let message, _):
            if !reading.served.insert(.init(device: device, message: message)).inserted {
                faults.append("\(message) was noted as served to \(device) twice")
            }
        case .undeliverable(let device, let message, _):
            if !reading.ended.insert(.init(device: device, message: message)).inserted {
                faults.append("\(message) ended as undeliverable to \(device) twice")
            }
        case .unanswered(let message):
            if !reading.unanswered.insert(message).inserted { faults.append("\(message) ended unanswered twice") }
        case .fallback(let device, let message, _):
            if !reading.fallbacks.insert(.init(device: device, message: message)).inserted {
                faults.append("\(device) gave a fallback prekey for \(message) twice")
            }
        // Each attempt is one.
        case .pushed, .subscription: break
        }
    }
}
