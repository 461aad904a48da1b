import Membership
import Statements

extension ActivityReplay {
    mutating func judge(_ receipt: Receipt, _ proof: SignatureProof, at place: Place) {
        let view = view(at: place)
        let number = messages.place(of: receipt.message)
        let chain = chains[receipt.device] ?? .start
        var isSound = true
        do {
            guard let number else {
                try ReceiptRules.verifySignature(receipt, isSigned: proof.isSigned, view: view)
                advance(receipt, proof)
                find(
                    .unknownMessage, place.index, message: receipt.message,
                    "the receipt of entry \(place.index) is about a message that is not logged before it")
                return
            }
            let subject = ReceiptRules.Subject(
                message: receipt.message, manifest: messages[number].manifest,
                recipients: messages[number].recipients.map { $0.device },
                forwarders: messages.forwarders(of: receipt.message))
            try ReceiptRules.check(
                receipt, isSigned: proof.isSigned, subject: subject, view: view, chain: chain)
        } catch {
            let what = error.code == .brokenChain ? brokenChain(receipt, after: chain) : error.part
            find(
                .init(error.code), place.index, message: receipt.message,
                "the receipt of entry \(place.index) by \(who.device(receipt.device)) breaks a rule, and the relay"
                    + " accepted it: \(what)")
            // A true receipt out of its order is told once, and counts.
            isSound = error.code == .brokenChain
            // What its device signed is one of its receipts, whatever else is wrong with it.
            if ![.badSignature, .unknown].contains(error.code) { advance(receipt, proof) }
        }
        if isSound { advance(receipt, proof) }
        do { try check(receipt.seen, proof) } catch {
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
        endPages(number, receipt.action, at: place)
        if let state = MessageState(receipt.action) { messages[number].state = max(messages[number].state, state) }
        switch receipt.action {
        case .delivered:
            if messages[number].recipients[recipient].isDelivered {
                judgeAgain(receipt, at: place)
            } else {
                fill.remove(from: receipt.device)
            }
            messages[number].recipients[recipient].isDelivered = true
            let word: CapsuleVerdict = receipt.capsule ?? .none
            if (word == .none) == messages[number].hasCapsule {
                find(
                    .capsuleVerdictUntrue, [messages[number].index, place.index], message: receipt.message,
                    "\(who.device(receipt.device)) says of the capsule of \(receipt.message) \"\(word.rawValue)\", and its manifest"
                        + " names \(word == .none ? "one" : "none"): nobody can have seen that")
            } else if word == .differs {
                find(
                    .capsuleDiffers, [messages[number].index, place.index], message: receipt.message,
                    "\(who.device(receipt.device)) says that the capsule which \(who.device(messages[number].sender))"
                        + " sealed into \(receipt.message) names something else than the message")
            }
        case .acknowledged:
            messages[number].isAcknowledged = true
            messages[number].isOpened = true
        case .read, .handedOff: messages[number].isOpened = true
        case .undecryptable: judgeUndecryptable(receipt, on: number, at: place)
        case .declined, .closed, .filed, .disclosed: break
        }
    }

    private mutating func judgeAgain(_ receipt: Receipt, at place: Place) {
        note(
            .deliveredTwice, place.index, message: receipt.message,
            "\(who.device(receipt.device)) says a second time that \(receipt.message) was delivered to it: its store was set"
                + " back, or a clone of it runs")
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
