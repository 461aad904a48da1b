import Membership
import Statements

extension ActivityReplay {
    /// - Returns: What is needed to open its capsule.
    mutating func judge(_ manifest: Manifest, _ proof: SignatureProof, at place: Place) -> CapsuleSubject? {
        let view = view(at: place)
        manifests[DayCount.day(of: place.time), default: 0] += 1
        let reference = messages.reference(manifest.reference)
        let senderMember = view.device(manifest.sender)?.member
        let senders = (senderMember.map { [$0] } ?? []) + carriedSenders(manifest, reference)
        let record = AuditedMessage(
            manifest, hash: proof.hash, index: place.index, logged: place.time, senderMember: senderMember,
            senders: senders, facts: early.take(about: manifest.message))
        let number = messages.add(record)
        if number == nil {
            find(
                .init(.duplicate), place.index, message: manifest.message,
                "entry \(place.index) is a second message \(manifest.message), and the relay accepted it")
        }
        do {
            try ManifestRules.check(
                manifest, isSigned: proof.isSigned, view: view, time: place.time, reference: reference)
            try check(manifest.seen, proof)
        } catch {
            find(
                .init(error.code), place.index, message: manifest.message,
                "the manifest of \(manifest.message) from \(who.device(manifest.sender)) breaks a rule, and the relay"
                    + " accepted it: \(error.part)")
        }
        for recipient in manifest.recipients where recipient.step == 0 {
            queues.add(place.index, leaf: place.leaf, to: recipient.device)
        }
        tellOthers(manifest, senders: senders, at: place)
        guard let number else { return nil }
        deadlines.add(number, expires: manifest.expires)
        judgePrekeys(manifest, at: place)
        judgeQueues(manifest, at: place)
        for recipient in manifest.recipients { expectPage(number, to: recipient.device, at: place) }
        for left in manifest.without {
            obligations.append(
                Obligation(device: left.device, message: number, index: place.index, time: place.time))
        }
        return CapsuleSubject(manifest, index: place.index)
    }

    /// Whether the message of this id is the one of this place.
    func isMessage(_ id: MessageID, at index: UInt64) -> Bool {
        messages.place(of: id).map { messages[$0].index == index } ?? false
    }

    /// The senders of what a message carries on: as many as tell that it was handed on too often, and no more with every further
    /// time.
    private func carriedSenders(_ manifest: Manifest, _ reference: Reference) -> [MemberID] {
        guard case .forwardOf = manifest.reference, case .logged(let referred) = reference else { return [] }
        return Array(referred.senders.prefix(ReferredMessage.maximumForwards))
    }

    /// Those whose message goes on learn so from its manifest, where it is not sealed to them.
    private mutating func tellOthers(_ manifest: Manifest, senders: [MemberID], at place: Place) {
        guard case .forwardOf = manifest.reference else { return }
        notify(
            Array(senders.dropFirst()).filter { $0 != senders.first }, at: place,
            but: Set(manifest.recipients.filter { $0.step == 0 }.map(\.device)))
    }

    /// An entry about a message is an item of the queues of the devices of those whom it concerns.
    mutating func notify(_ members: [MemberID], at place: Place, but others: Set<DeviceID> = []) {
        // Most entries concern one.
        for member in members.count > 1 ? Array(Set(members)) : members {
            for device in liveDevices(of: member, at: place) where !others.contains(device) {
                queues.add(place.index, leaf: place.leaf, to: device)
            }
        }
    }

    /// Looked up once for every roster that is in force: most entries concern a few members.
    private mutating func liveDevices(of member: MemberID, at place: Place) -> [DeviceID] {
        if let known = liveDevices[member] { return known }
        let devices = view(at: place).liveDevices(of: member).map(\.id)
        liveDevices[member] = devices
        return devices
    }

    /// Keeps a fact about a message whose facts were asked for.
    /// - Parameter at: The signer's own time; `nil` for an event.
    mutating func keep(
        _ word: String, reason: String?, device: DeviceID?, at: Timestamp? = nil, of message: MessageID, _ place: Place
    ) {
        guard detail.covers(message, device) else { return }
        let member = device.flatMap(member(of:))
        let fact = AuditedMessage.Fact(
            word: word, reason: reason, device: device, member: member, at: at ?? place.time, logged: place.time,
            index: place.index)
        if let number = messages.place(of: message) {
            messages[number].facts.append(fact)
        } else {
            early.add(fact, about: message)
        }
    }
}
