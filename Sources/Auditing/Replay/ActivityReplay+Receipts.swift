import Membership
import Statements

extension ActivityReplay {
    mutating func judge(_ receipt: Receipt, note: SignedNote, at place: Place) {
        let view = view(at: place)
        let number = messages.place(of: receipt.message)
        let chain = chains[receipt.device] ?? .start
        var isSound = true
        do {
            guard let number else {
                try ReceiptRules.verifySignature(receipt, note: note, view: view)
                chains[receipt.device] = .init(number: receipt.number, last: note.hash)
                find(
                    .unknownMessage, place.index, message: receipt.message,
                    "the receipt of entry \(place.index) is about a message that is not logged before it")
                return
            }
            let subject = ReceiptRules.Subject(
                message: receipt.message, manifest: messages[number].manifest,
                recipients: messages[number].recipients.map(\.device),
                forwarders: messages.forwarders(of: receipt.message))
            try ReceiptRules.check(receipt, note: note, subject: subject, view: view, chain: chain)
        } catch {
            find(
                .init(error.code), place.index, message: receipt.message,
                "the receipt of entry \(place.index) by \(who.device(receipt.device)) breaks a rule, and the relay"
                    + " accepted it: \(error.part)")
            // A true receipt out of its order is told once, and counts.
            isSound = error.code == .brokenChain
        }
        if isSound { chains[receipt.device] = .init(number: receipt.number, last: note.hash) }
        do { try check(receipt.seen) } catch {
            find(
                .init(error.code), place.index, message: receipt.message,
                "the receipt of entry \(place.index) by \(who.device(receipt.device)): \(error.part)")
        }
        if place.time.milliseconds(since: receipt.at).magnitude > UInt64(Self.receiptToleranceMilliseconds) {
            self.note(
                .receiptTime, place.index, message: receipt.message,
                "the receipt of entry \(place.index) was signed at \(receipt.at) by the clock of"
                    + " \(who.device(receipt.device)), and logged at \(place.time)")
        }
        guard let number else { return }
        keep(
            receipt.action.rawValue, reason: receipt.reason?.rawValue, device: receipt.device, at: receipt.at,
            of: receipt.message, place)
        notify(messages[number].senders, at: place)
        if isSound { follow(receipt, on: number, at: place) }
    }

    private mutating func follow(_ receipt: Receipt, on number: Int, at place: Place) {
        guard let recipient = messages[number].recipients.firstIndex(where: { $0.device == receipt.device }) else {
            return
        }
        if !messages[number].recipients[recipient].isServed {
            find(
                .notServed, place.index, message: receipt.message,
                "\(who.device(receipt.device)) has receipted \(receipt.message) (\(receipt.action.rawValue)), and no event"
                    + " before it says that the relay let the message out: logging before release was broken")
        }
        if let state = MessageState(receipt.action) { messages[number].state = max(messages[number].state, state) }
        switch receipt.action {
        case .delivered:
            messages[number].recipients[recipient].isDelivered = true
            messages.release(number, from: receipt.device)
            if receipt.capsule == .differs {
                find(
                    .capsuleDiffers, [messages[number].index, place.index], message: receipt.message,
                    "\(who.device(receipt.device)) says that the capsule which \(who.device(messages[number].sender))"
                        + " sealed into \(receipt.message) names something else than the message")
            }
        case .acknowledged: messages[number].isAcknowledged = true
        case .undecryptable: judgeUndecryptable(receipt, on: number, at: place)
        case .read, .declined, .handedOff, .closed, .filed, .disclosed: break
        }
    }

    private mutating func judgeUndecryptable(_ receipt: Receipt, on number: Int, at place: Place) {
        let reason = receipt.reason?.rawValue ?? "none"
        if receipt.reason == .commitment {
            find(
                .undecryptableCommitment, [messages[number].index, place.index], message: receipt.message,
                "\(who.device(receipt.device)) says that the key which \(who.device(messages[number].sender)) sealed to it"
                    + " for \(receipt.message) is not the one that the manifest commits to")
        } else {
            note(
                .undecryptable, place.index, message: receipt.message,
                "\(receipt.message) from \(who.device(messages[number].sender)) did not open on"
                    + " \(who.device(receipt.device)) (\(reason))")
        }
    }
}
