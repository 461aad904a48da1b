import Membership
import Statements

/// Pages, subscriptions, and the prekeys that go out with messages.
extension ActivityReplay {
    /// 60 s: how long an attempt and its event may take.
    static let pushMilliseconds: Int64 = 60_000

    // MARK: Pages

    /// A page to a device to which the message was sealed.
    mutating func judgePage(_ number: Int, to device: DeviceID, _ transport: PageTransport, at place: Place) {
        let record = messages[number]
        let what = "the relay pushed the page of \(record.message) to \(who.device(device))"
        if let (since, why) = readsNothing(device, at: place) {
            // What was on its way by then is known to have gone out only after that.
            guard place.time.milliseconds(since: since) > Self.pushMilliseconds else { return }
            return find(.servedToRevoked, place.index, message: record.message, "\(what), which is \(why) there")
        }
        expectPage(number, to: device, at: place)
        guard subscriptions.reaches(device, over: transport, at: place.time, within: Self.pushMilliseconds) else {
            return find(
                .pushedUnsubscribed, place.index, message: record.message,
                "\(what) over \(transport.rawValue), where it has no subscription that it proved")
        }
        let end = min(record.over ?? record.expires, record.expires)
        guard place.time.milliseconds(since: end) > Self.pushMilliseconds else { return }
        let why = record.over.map { $0 <= record.expires } == true ? "it was answered or turned down" : "it expired"
        find(
            .pagedAfterEnd, place.index, message: record.message,
            "\(what) at \(place.time), and \(why) at \(end): its pages were over")
    }

    /// Since when a device that may read nothing may not, and why.
    private func readsNothing(_ device: DeviceID, at place: Place) -> (since: Timestamp, why: String)? {
        let view = view(at: place)
        if let revoked = view.device(device)?.revoked { return (revoked.place.time, "revoked") }
        guard view.liveDevice(device) == nil, let member = view.device(device)?.member,
            let since = suspended(member)
        else { return nil }
        return (since, "a suspended member's")
    }

    /// When the member's suspension was put in force, if it is.
    private func suspended(_ member: MemberID) -> Timestamp? {
        var since: Timestamp?
        for standing in standings[member] ?? [] where standing.index < inForce {
            if standing.status == .active {
                since = nil
            } else if since == nil {
                since = rosterTimes[Int(standing.index)]
            }
        }
        return since
    }

    /// From here on nobody needs the message's pages.
    mutating func endPages(_ number: Int, _ action: ReceiptAction, at place: Place) {
        switch action {
        case .acknowledged, .handedOff, .closed, .declined: break
        case .delivered where messages[number].isReply: break
        default: return
        }
        if messages[number].over == nil { messages[number].over = place.time }
    }

    // MARK: Pages that did not go out

    /// A page of the message to the device must follow within the policy's time, and 70 s for what goes out on a stream first
    /// and for the attempt.
    mutating func expectPage(_ number: Int, to device: DeviceID, at place: Place) {
        let repeats = view(at: place).policy.alerts[messages[number].urgency]?.realertSeconds ?? 0
        guard repeats > 0, messages[number].over == nil, subscriptions.reaches(device) else { return }
        pageWatch.expect(number, to: device, at: place.time, within: Int64(repeats) + 70)
    }

    /// Before an entry of this time is judged.
    mutating func settlePages(before time: Timestamp) {
        for wait in pageWatch.advance(to: time) {
            let record = messages[wait.message]
            guard record.over == nil, !record.isUnanswered, time < record.expires, subscriptions.reaches(wait.device),
                inForceView.at(time).liveDevice(wait.device) != nil
            else { continue }
            note(
                .notPaged, record.index, message: record.message,
                "from \(wait.since) to \(time) no page of \(record.message) went to \(who.device(wait.device)), whose"
                    + " subscription works, and nobody had answered it: the relay or its push service was in trouble, or the"
                    + " relay kept it back")
        }
    }

    // MARK: Subscriptions

    mutating func judgeSubscription(
        _ device: DeviceID, _ transport: PageTransport, _ change: SubscriptionChange, at place: Place
    ) {
        if !subscriptions.note(change, transport, of: device, at: place.time) {
            find(
                .subscriptionUntrue, place.index,
                "the event of entry \(place.index) says that a subscription of \(who.device(device)) over"
                    + " \(transport.rawValue) was \(change.rawValue), and none was there")
        }
        // Another registration has its own pages: those of the one before ended with it.
        for number in pageWatch.messages(to: device) { expectPage(number, to: device, at: place) }
    }

    // MARK: Prekeys

    mutating func judgePrekeys(_ manifest: Manifest, at place: Place) {
        for recipient in manifest.recipients {
            let fault = prekeys.use(
                recipient.prekey, of: recipient.device, for: manifest.message, entry: place.index, at: place.time)
            switch fault {
            case .again(let first):
                find(
                    .prekeyAgain, [first, place.index], message: manifest.message,
                    "\(manifest.message) is sealed to the prekey \(recipient.prekey) of \(who.device(recipient.device)),"
                        + " which entry \(first) used before: the relay gave it out twice, or its sender kept it")
            case .unannounced:
                find(
                    .fallbackMissing, place.index, message: manifest.message,
                    "\(manifest.message) is sealed to the fallback prekey \(recipient.prekey) of"
                        + " \(who.device(recipient.device)), and no event says that the relay gave it out for it")
            case nil: break
            }
        }
    }
}
