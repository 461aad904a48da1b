import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements

/// Accepts a device's receipts, in order; the first refused one refuses those after it.
struct ReceiptAcceptance: Sendable {
    private struct Signed: Sendable {
        let note: SignedNote
        let receipt: Receipt
    }

    private let receipts: [Signed]
    let device: DeviceID
    private let isWithinQuota: @Sendable (ReceiptSubject, Timestamp) -> Bool

    /// Parses the batch and verifies its signatures, before it waits for a transaction.
    /// - Throws: `StatementError` or `RuleViolation`.
    /// - Parameter isWithinQuota: Asked last, for each receipt that is not logged yet.
    init(
        _ notes: [[UInt8]], device: DeviceID, view: RosterView,
        isWithinQuota: @escaping @Sendable (ReceiptSubject, Timestamp) -> Bool
    ) throws {
        self.device = device
        self.isWithinQuota = isWithinQuota
        receipts = try notes.map { bytes in
            let note = try SignedNote(parsing: bytes)
            let receipt = try Receipt(parsing: note.text)
            guard receipt.device == device else {
                throw RuleViolation(.notPermitted, "a device posts its own receipts only")
            }
            try ReceiptRules.verifySignature(receipt, note: note, view: view)
            return Signed(note: note, receipt: receipt)
        }
    }

    struct Written {
        let statements: WrittenStatements
        /// Where the device's last receipt stands, when the refused one does not continue it.
        var last: UInt64?
    }

    func write(to batch: inout Batch) throws -> Written {
        let statements = try WrittenStatements(receipts) { signed in
            let place = try write(signed, to: &batch)
            return (place.index, place.isNew, signed.receipt.seen.activity.size)
        }
        return Written(statements: statements, last: try statements.refused.flatMap { try last($0, in: batch) })
    }

    func answer(_ written: Written, _ batch: Batch) throws -> ReceiptsAnswer {
        var refused = written.statements.refused
        // It shows the device whether the receipt that it does not know bears its own signature.
        if let last = written.last { refused?.statement = try batch.stored(.activity, at: last, seen: 0) }
        return try written.statements.answer(batch, refused: refused)
    }

    private func last(_ refused: Problem, in batch: Batch) throws -> UInt64? {
        guard refused.code == .brokenChain,
            let last = try batch.transaction.receiptChain(of: device, of: batch.organisation).last
        else { return nil }
        return try batch.transaction.index(ofStatement: last, in: .activity, of: batch.organisation)
    }

    private func write(_ signed: Signed, to batch: inout Batch) throws -> (index: UInt64, isNew: Bool) {
        let organisation = batch.organisation
        let receipt = signed.receipt
        let hash = signed.note.hash
        if let index = try batch.transaction.index(ofStatement: hash, in: .activity, of: organisation) {
            return (index, false)
        }
        guard let message = try batch.transaction.message(receipt.message, of: organisation) else {
            throw Problems.notFound("message of this id")
        }
        try batch.check(receipt.seen)
        let chain = try batch.transaction.receiptChain(of: receipt.device, of: organisation)
        do {
            try ReceiptRules.checkPlace(
                receipt,
                subject: .init(
                    message: message.id, manifest: message.manifest, recipients: message.recipients,
                    forwarders: receipt.action == .handedOff
                        ? try batch.transaction.forwarders(of: message.id, of: organisation) : nil),
                view: batch.view, chain: .init(number: chain.number, last: chain.last))
        } catch {
            var problem = Problems.problem(of: error)
            if problem.code == .brokenChain { problem.last = chain.last?.hex ?? "none" }
            throw problem
        }
        guard isWithinQuota(ReceiptSubject(device: receipt.device, message: receipt.message), batch.time) else {
            throw Problems.quota("This device has said too much about one message within an hour.", retryAfter: 600)
        }
        let place = try batch.appendActivity(signed.note, message: receipt.message, isSought: true)
        try batch.transaction.setReceiptChain(
            StoredChain(number: receipt.number, last: hash), of: receipt.device, of: organisation)
        try follow(receipt, on: message, in: &batch)
        try batch.notify(about: message, at: place)
        return (place.index, true)
    }

    private func follow(_ receipt: Receipt, on message: StoredMessage, in batch: inout Batch) throws {
        switch receipt.action {
        case .delivered:
            try batch.transaction.removeEnvelope(message.id, from: receipt.device, of: batch.organisation)
            try batch.transaction.destroySealedKey(of: message, for: receipt.device, of: batch.organisation)
            batch.then(.receipted(receipt.device, message.id))
            try batch.pagesDelivered(message.id, to: receipt.device)
            // Nobody answers an answer.
            if case .inReplyTo = message.reference {
                try batch.transaction.markAnswered(message.id, of: batch.organisation)
                try batch.pagesOver(message.id)
            }
        case .undecryptable:
            // The item stays: a later `delivered` supersedes this receipt.
            batch.then(.receipted(receipt.device, message.id))
        case .acknowledged, .handedOff, .closed:
            try batch.transaction.markAnswered(message.id, of: batch.organisation)
            try batch.pagesOver(message.id)
            tellOthers(receipt, on: message, in: &batch)
        case .declined:
            // The other devices of whoever turned it down.
            let member = batch.view.device(receipt.device)?.member
            try batch.pagesOver(
                message.id, for: message.recipients.filter { batch.view.device($0)?.member == member })
            tellOthers(receipt, on: message, in: &batch)
        case .read, .filed, .disclosed: break
        }
    }

    /// Who else has the message stops ringing.
    private func tellOthers(_ receipt: Receipt, on message: StoredMessage, in batch: inout Batch) {
        for device in message.recipients { batch.then(.answered(device, message.id, by: receipt.device)) }
    }
}
