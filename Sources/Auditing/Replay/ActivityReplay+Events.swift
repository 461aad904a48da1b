import Membership
import Secrets
import Statements

extension ActivityReplay {
    mutating func judge(_ event: RelayEvent, at place: Place) {
        if event.organisation != roster.organisation {
            find(.init(.wrongOrganisation), place.index, "the event of entry \(place.index) names another organisation")
        }
        switch event.kind {
        case .roster(let size, let root): judgeRoster(size, root, at: place)
        case .served(let device, let message, let what): judgeServed(device, message, what, at: place)
        case .undeliverable(let device, let message, let reason):
            judgeUndeliverable(device, message, reason, at: place)
        case .fallback(let device, let message, let prekey):
            // It stands before the message, which may never come.
            keep("fallback", reason: "\(prekey)", device: device, of: message, place)
            if isEnrolled(device, about: message, at: place),
                let first = prekeys.claim(prekey, of: device, for: message, at: place.time)
            {
                find(
                    .prekeyAgain, [first, place.index], message: message,
                    "the relay gave out the prekey \(prekey) of \(who.device(device)) as its fallback one for \(message), and"
                        + " entry \(first) had used it as a one-time prekey")
            }
        case .unanswered(let message): judgeUnanswered(message, at: place)
        case .pushed(let device, let message, let transport, _, let outcome):
            judgePushed(device, message, transport, outcome, at: place)
        case .subscription(let device, let transport, let change):
            if isEnrolled(device, about: nil, at: place) { judgeSubscription(device, transport, change, at: place) }
        }
    }

    /// Whether a device that an event names was ever enrolled; a finding when not.
    private mutating func isEnrolled(_ device: DeviceID, about message: MessageID?, at place: Place) -> Bool {
        guard view(at: place).device(device) == nil else { return true }
        find(
            .unknownDevice, place.index, message: message,
            "the event of entry \(place.index) is about \(device), which was never enrolled")
        return false
    }

    /// The message that an event is about; a finding when there is none.
    private mutating func subject(_ message: MessageID, at place: Place) -> Int? {
        if let number = messages.place(of: message) { return number }
        find(
            .unknownMessage, place.index, message: message,
            "the event of entry \(place.index) is about a message that is not logged before it")
        return nil
    }

    // MARK: roster

    private mutating func judgeRoster(_ size: UInt64, _ root: Digest, at place: Place) {
        let isNext = inForce == 0 ? size == 1 : size > inForce
        guard isNext, size <= roster.size, roster.root(size: size) == root else {
            find(
                .rosterEventFalse, place.index,
                "the event of entry \(place.index) names a roster of \(size.counted("entry", "entries")), which is not the next true one"
            )
            if size > inForce { putInForce(min(size, roster.size), at: place) }
            return
        }
        let late = (inForce..<size).filter { rosterTimes[Int($0)] != place.time }
        if !late.isEmpty {
            findings.add(
                AuditFinding(
                    .rosterEventLate, log: .roster, entries: Array(late.prefix(100)),
                    "the roster from entry \(late[0]) on was logged at \(rosterTimes[Int(late[0])]) and put in force only"
                        + " at \(place.time), by entry \(place.index) of the activity log: one batch has one time"))
        }
        putInForce(size, at: place)
    }

    private mutating func putInForce(_ size: UInt64, at place: Place) {
        inForce = size
        while let revocation = revocations.first, revocation.index < size {
            revocations.removeFirst()
            for number in messages.waiting(for: revocation.device) {
                obligations.append(
                    Obligation(device: revocation.device, message: number, index: place.index, time: place.time))
            }
        }
    }

    // MARK: served

    private mutating func judgeServed(
        _ device: DeviceID, _ message: MessageID, _ what: RelayEvent.Served, at place: Place
    ) {
        guard let number = subject(message, at: place) else { return }
        keep("served", reason: what.rawValue, device: device, of: message, place)
        let view = view(at: place)
        if view.liveDevice(device) == nil {
            find(
                .servedToRevoked, place.index, message: message,
                "the relay let \(message) out to \(who.device(device)), which is revoked, suspended or unknown there")
        }
        switch what {
        case .envelope:
            guard let recipient = messages[number].recipients.firstIndex(where: { $0.device == device }) else {
                return find(
                    .servedToStranger, place.index, message: message,
                    "the relay let \(message) out to \(who.device(device)), to which it was not sealed")
            }
            messages[number].recipients[recipient].isServed = true
        case .notice:
            guard let member = view.device(device)?.member, messages[number].senders.contains(member) else {
                return find(
                    .servedToStranger, place.index, message: message,
                    "the relay told \(who.device(device)) about \(message), which its member neither sent nor sent what it carries on"
                )
            }
        }
    }

    // MARK: pushed

    /// A page holds the sealed key and alert: it goes where the envelope may go, and nowhere else.
    private mutating func judgePushed(
        _ device: DeviceID, _ message: MessageID, _ transport: PageTransport, _ outcome: PageOutcome, at place: Place
    ) {
        guard let number = subject(message, at: place) else { return }
        keep("pushed", reason: outcome.rawValue, device: device, of: message, place)
        guard messages[number].recipients.contains(where: { $0.device == device }) else {
            return find(
                .servedToStranger, place.index, message: message,
                "the relay pushed the page of \(message) to \(who.device(device)), to which it was not sealed")
        }
        judgePage(number, to: device, transport, at: place)
    }

    // MARK: undeliverable

    private mutating func judgeUndeliverable(
        _ device: DeviceID, _ message: MessageID, _ reason: RelayEvent.UndeliverableReason, at place: Place
    ) {
        guard let number = subject(message, at: place) else { return }
        keep("undeliverable", reason: reason.rawValue, device: device, of: message, place)
        notify(messages[number].senders, at: place)
        let due = obligations.firstIndex { $0.device == device && $0.message == number }
        let isTrue =
            switch reason {
            case .revoked: view(at: place).device(device)?.revoked != nil
            case .noPrekey, .queueFull:
                messages[number].without.contains { $0.device == device && $0.reason.rawValue == reason.rawValue }
            }
        guard let due, isTrue else {
            return find(
                .undeliverableUntrue, place.index, message: message,
                "the relay says that \(message) cannot reach \(who.device(device)) (\(reason.rawValue)), and nothing in the"
                    + " logs says why")
        }
        obligations.remove(at: due)
        giveUp(number, for: device)
    }

    private mutating func giveUp(_ number: Int, for device: DeviceID) {
        if let recipient = messages[number].recipients.firstIndex(where: { $0.device == device }) {
            messages[number].recipients[recipient].isUndeliverable = true
            fill.remove(from: device)
        }
    }

    // MARK: unanswered

    private mutating func judgeUnanswered(_ message: MessageID, at place: Place) {
        guard let number = subject(message, at: place) else { return }
        keep("unanswered", reason: nil, device: nil, of: message, place)
        notify(messages[number].senders, at: place)
        let record = messages[number]
        if record.isAnswered || record.isUnanswered || place.time < record.expires {
            let why =
                record.isAnswered
                ? "it was answered before"
                : record.isUnanswered ? "it was said before" : "it expires at \(record.expires)"
            find(
                .unansweredUntrue, place.index, message: message,
                "the relay says at \(place.time) that nobody answered \(message), and \(why)")
        }
        messages[number].isUnanswered = true
    }

    // MARK: What must have come by now

    /// The messages that expired unanswered by the relay's own clock, and about which the log's end says nothing.
    /// - Parameter times: When the relay signed heads of the log as it ends, the earliest first. As with entries, the first
    ///   after an expiry shows that the relay was there, and one more than a minute later that it did not say it.
    func silent(at times: [Timestamp]) -> [(message: Int, head: Timestamp)] {
        var deadlines = deadlines
        return times.flatMap { time in
            deadlines.advance(to: time).filter(messages.isOwed).map { ($0, time) }
        }
    }

    /// What is to be said of a message of ``silent(at:)``.
    func silence(_ silent: (message: Int, head: Timestamp)) -> AuditFinding {
        let record = messages[silent.message]
        return AuditFinding(
            .unansweredMissing, log: .activity, entries: [record.index], message: record.message,
            "\(record.message) expired at \(record.expires), nobody had answered it, and at \(silent.head) the relay signed"
                + " that nothing was logged since")
    }

    /// Before an entry of this time is judged, or at the log's end (`nil`): what earlier entries called for.
    mutating func settle(before time: Timestamp?) {
        for overdue in obligations where time.map({ overdue.time < $0 }) ?? true {
            let message = messages[overdue.message].message
            find(
                .undeliverableMissing, [messages[overdue.message].index, overdue.index], message: message,
                "\(message) could not reach \(who.device(overdue.device)) from entry \(overdue.index) on, and the relay did"
                    + " not log it")
            giveUp(overdue.message, for: overdue.device)
        }
        obligations.removeAll { overdue in time.map { overdue.time < $0 } ?? true }
        guard let time else { return }
        settlePages(before: time)
        for number in deadlines.advance(to: time) where !messages.owesNothing(number) {
            messages[number].isUnexplained = true
            find(
                .unansweredMissing, messages[number].index, message: messages[number].message,
                "\(messages[number].message) expired at \(messages[number].expires), nobody had answered it, and the relay"
                    + " did not log that")
        }
    }
}
