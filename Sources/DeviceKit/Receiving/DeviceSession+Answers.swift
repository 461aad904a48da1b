import DeviceStorage
import Membership
import RelayAPI
import Secrets
public import Statements
import TransparencyLog

extension DeviceSession {
    /// How many open messages are asked about at once.
    private static let askedAtOnce = 50

    /// Asks what other devices said about the messages that are open here, so that nobody answers what is answered.
    ///
    /// Every receipt is proven and verified before it is kept; one that is not is a finding and counts for nothing.
    public func learnAnswers() async throws {
        // Where nobody else has it, nobody else can answer.
        let open = try inbox().filter { message in
            message.isSharedWithOthers && ["delivered", "read", "declined"].contains(message.state)
        }
        for message in open.suffix(Self.askedAtOnce) { try await learnAnswers(on: message) }
    }

    /// The same for one message.
    public func learnAnswers(on message: InboxMessage) async throws {
        guard message.isSharedWithOthers, let subject = try subject(of: message) else { return }
        let history: MessageHistory
        do {
            history = try await connection.answer(
                to: .get(APIPath.message(identity.organisation, message.message), query: knownSizes),
                signer: signer, as: MessageHistory.self)
        } catch let refusal as RelayRefusal where refusal.problem.code == .notFound {
            return
        }
        for logged in history.entries { try await learn(logged, subject: subject) }
    }

    /// What other devices said about a message, in the order of the log: nobody answers unaware of another's answer.
    public func answersOfOthers(on message: MessageID) throws -> [OtherAnswer] {
        try profile.store.look { try $0.answers(on: message.description) }.compactMap { row in
            guard let entry = try? Entry(parsing: row.entry),
                case .receipt(let receipt, _)? = try? ActivityStatement(parsing: entry.body),
                [.acknowledged, .declined, .handedOff, .closed].contains(receipt.action)
            else { return nil }
            return OtherAnswer(
                action: receipt.action, reason: receipt.reason, device: receipt.device,
                member: view.device(receipt.device)?.member, at: receipt.at)
        }
    }

    private func learn(_ logged: LoggedEntry, subject: ReceiptRules.Subject) async throws {
        let proven = try await prove(logged, log: .activity)
        guard case .receipt(let receipt, let note) = try ActivityStatement(parsing: proven.entry.body),
            receipt.device != identity.device
        else { return }
        do {
            try ReceiptRules.check(
                receipt, note: note, subject: subject, view: view(inForceAt: proven.entry.time),
                chain: ReceiptRules.Chain(number: receipt.number - 1, last: receipt.previous))
        } catch {
            try record(
                .badNotice, "the relay logged a receipt that its rules forbid (\(error))", message: receipt.message,
                parts: [("entry", proven.entry.bytes), ("proof", proven.proof)])
            return
        }
        try profile.store.step { step in
            try step.add(
                AnswerRow(
                    index: proven.index, message: receipt.message.description, action: receipt.action.rawValue,
                    entry: proven.entry.bytes))
        }
    }

    /// What a receipt on a stored message must be about.
    private func subject(of message: InboxMessage) throws -> ReceiptRules.Subject? {
        guard let row = try profile.store.look({ try $0.message(message.message.description) }),
            let item = try? APIJSON.decode(QueueItem.self, from: row.envelope),
            let entry = try? Entry(parsing: Array(item.entry.entry.utf8)),
            case .manifest(let manifest, let note) = try? ActivityStatement(parsing: entry.body)
        else { return nil }
        return ReceiptRules.Subject(manifest, hash: note.hash)
    }
}
