import DeviceKit
import DeviceStorage
import Statements

/// A long history in a device's store, without the nights that it would take.
enum StoredMessages {
    /// Who closed them.
    enum Closing {
        /// This device, with three receipts on each. They were never posted, so that no relay takes another after them.
        case here
        /// Another one.
        case elsewhere
    }

    /// Repeats the first message that a profile holds, with its lines of the step log: closed, like most.
    static func fill(_ directory: String, key: String, upTo count: Int, closed closing: Closing) throws {
        let profile = try Profile.open(directory, unlock: .keyFile(key))
        try profile.store.step { store in
            guard let model = try store.messages().first, let receipt = try store.receipts(on: model.id).first,
                let proof = receipt.proof
            else { throw BenchFailure.receiptRefused }
            let lines = try store.steps().compactMap { StepLine(parsing: $0.line) }.filter { $0.message != nil }
            var number = receipt.number
            for index in 1..<UInt64(max(1, count)) {
                let message = MessageID.make(at: Timestamp(milliseconds: model.received + Int64(index)))
                _ = try store.add(
                    MessageRow(
                        id: message.description, number: model.number + index,
                        received: model.received + Int64(index), state: model.state, urgency: model.urgency,
                        summary: model.summary, envelope: model.envelope, content: model.content, details: model.details
                    ))
                switch closing {
                case .here:
                    for action in ["delivered", "read", "closed"] {
                        number += 1
                        try store.add(
                            ReceiptRow(
                                number: number, message: message.description, action: action, hash: receipt.hash,
                                steps: receipt.steps, note: receipt.note, index: number, proof: proof))
                    }
                case .elsewhere:
                    try store.add(
                        AnswerRow(
                            index: 1 << 40 + index, message: message.description, action: "closed", entry: receipt.note)
                    )
                }
                let notes = lines.map {
                    StepNote(
                        step: $0.step, message: message, microseconds: $0.microseconds, established: $0.established)
                }
                try StepLog.append(notes, at: Timestamp.now(), to: store)
            }
        }
    }
}
