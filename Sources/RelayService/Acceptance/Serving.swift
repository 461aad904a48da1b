import Membership
import RelayAPI
import RelayStorage
import Statements

/// Letting sealed bytes out: the `served` event is durable before they leave.
enum Serving {
    /// Notes that the relay may let these envelopes out to the device.
    static func write(_ messages: [MessageID], to device: DeviceID, in batch: inout Batch) throws {
        guard batch.view.liveDevice(device) != nil else { throw Problems.revoked }
        for message in messages {
            // Between the read that found it and this batch it may have left, or been noted by another.
            let waiting = try batch.transaction.waitingEnvelope(message, of: device, of: batch.organisation)
            guard let waiting, !waiting.served else { continue }
            _ = try batch.append(.served(device, message, .envelope))
            try batch.transaction.markServed(message, to: device, of: batch.organisation)
        }
    }
}

/// Time that runs out: a message that nobody answered never ends silently.
enum Expiry {
    private static let batchSize = 100

    /// - Returns: The senders' messages that ended unanswered.
    static func write(to batch: inout Batch) throws -> [MessageID] {
        let messages = try batch.transaction.unansweredMessages(
            at: batch.time, limit: batchSize, of: batch.organisation)
        for message in messages {
            let place = try batch.append(.unanswered(message.id))
            try batch.transaction.markUnanswered(message.id, of: batch.organisation)
            try batch.notify(about: message, at: place)
        }
        return messages.map(\.id)
    }
}
