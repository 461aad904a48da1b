import DeviceStorage
import Membership
import RelayAPI
import Secrets
public import Statements
import TransparencyLog

extension DeviceSession {
    /// How many open messages are asked about in one go, the newest.
    private static let askedInOneGo = 50
    /// How many requests are under way together: each is a question about one message, and the link may be slow.
    private static let askedAtOnce = 4

    /// Asks what other devices said about the messages that are open here, so that nobody answers what is answered.
    ///
    /// Every receipt is proven and verified before it is kept; one that is not is a finding and counts for nothing.
    ///
    /// - Parameter waiting: Only about those that nobody has answered as far as is known here.
    public func learnAnswers(onlyWaiting waiting: Bool = false) async throws {
        let messages = try inbox()
        try await learnAnswers(about: waiting ? messages.filter(\.isUnanswered) : messages)
    }

    /// The same for whoever has the list in hand.
    /// - Parameter messages: As ``inbox()`` gave them just now.
    /// - Returns: Whether anything was learnt: then the list is out of date.
    @discardableResult
    public func learnAnswers(about messages: [InboxMessage]) async throws -> Bool {
        // Where nobody else has it, nobody else can answer.
        let open = messages.filter { message in
            // Until it is closed: what was taken up here may be handed off or closed there.
            message.isSharedWithOthers && message.state != "closed" && message.quarantine == nil
        }.suffix(Self.askedInOneGo)
        var hasLearnt = false
        for first in stride(from: open.startIndex, to: open.endIndex, by: Self.askedAtOnce) {
            if try await learnAnswers(of: open[first..<min(first + Self.askedAtOnce, open.endIndex)]) {
                hasLearnt = true
            }
        }
        return hasLearnt
    }

    /// The same for one message.
    public func learnAnswers(on message: InboxMessage) async throws {
        if message.isSharedWithOthers { _ = try await learnAnswers(of: [message]) }
    }

    /// Asks about a few messages together, and takes the answers in one after another.
    private func learnAnswers(of messages: ArraySlice<InboxMessage>) async throws -> Bool {
        let asked = try messages.compactMap { message in
            try subject(of: message).map { (message: message.message, subject: $0) }
        }
        let answers = await histories(of: asked.map(\.message))
        var hasLearnt = false
        for (question, answer) in zip(asked, answers) {
            let history: MessageHistory
            do {
                history = try answer.get()
            } catch let refusal as RelayRefusal where refusal.problem.code == .notFound {
                continue
            }
            for logged in history.entries {
                if try await learn(logged, subject: question.subject) { hasLearnt = true }
            }
        }
        return hasLearnt
    }

    /// What the relay answers about each, in their order.
    private func histories(of messages: [MessageID]) async -> [Result<MessageHistory, any Error>] {
        let (connection, signer, organisation, sizes) = (connection, signer, identity.organisation, knownSizes)
        return await withTaskGroup(of: (Int, Result<MessageHistory, any Error>).self) { tasks in
            for (index, message) in messages.enumerated() {
                tasks.addTask {
                    do {
                        return (
                            index,
                            .success(
                                try await connection.answer(
                                    to: .get(APIPath.message(organisation, message), query: sizes), signer: signer,
                                    as: MessageHistory.self))
                        )
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var answers: [Int: Result<MessageHistory, any Error>] = [:]
            for await (index, answer) in tasks { answers[index] = answer }
            return messages.indices.compactMap { answers[$0] }
        }
    }

    /// What other devices said about a message, in the order of the log: nobody answers unaware of another's answer.
    public func answersOfOthers(on message: MessageID) throws -> [OtherAnswer] {
        try profile.store.look { try answersOfOthers(on: message, in: $0) }
    }

    func answersOfOthers(on message: MessageID, in store: some StoreReading) throws -> [OtherAnswer] {
        try store.answers(on: message.description).compactMap { row in
            guard let receipt = row.receipt,
                [.acknowledged, .declined, .handedOff, .closed].contains(receipt.action)
            else { return nil }
            return OtherAnswer(
                action: receipt.action, reason: receipt.reason, device: receipt.device,
                member: view.device(receipt.device)?.member, at: receipt.at)
        }
    }

    /// Whether this person acknowledged a message, or handed it off, with another device and not with this one: then neither
    /// what they promised nor what became of it is known here.
    public func actElsewhere(on message: InboxMessage) throws -> ReceiptAction? {
        guard message.isSharedWithOthers, let action = ReceiptAction(rawValue: message.state),
            [.acknowledged, .handedOff].contains(action)
        else { return nil }
        if action == .handedOff, try isTaken(message) { return nil }
        return try profile.store.look { store in
            guard try !store.receipts(on: message.message.description).contains(where: { $0.action == action.rawValue })
            else { return nil }
            let last = try answersOfOthers(on: message.message, in: store).last { $0.action == action }
            return last?.member == identity.member ? action : nil
        }
    }

    /// - Returns: Whether another device's receipt is known here now that was not.
    private func learn(_ logged: LoggedEntry, subject: ReceiptRules.Subject) async throws -> Bool {
        let proven = try await prove(logged, log: .activity)
        guard case .receipt(let receipt, let note) = try ActivityStatement(parsing: proven.entry.body),
            receipt.device != identity.device
        else { return false }
        do {
            try ReceiptRules.check(
                receipt, note: note, subject: subject, view: view(inForceAt: proven.entry.time),
                chain: ReceiptRules.Chain(number: receipt.number - 1, last: receipt.previous))
        } catch {
            try record(
                .badNotice, "the relay logged a receipt that its rules forbid (\(error))", message: receipt.message,
                parts: [("entry", proven.entry.bytes), ("proof", proven.proof)])
            return false
        }
        return try profile.store.step { step in
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
