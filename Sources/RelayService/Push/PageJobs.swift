import Membership
import RelayAPI
import RelayStorage
import Statements

/// How a message's pages come into the outbox and leave it, always in the transaction of what decides it.
extension Batch {
    /// How many open messages are looked at for one device: what is beyond was never answered in weeks.
    private static let openLimit = 4_096
    /// 10 s: what leaves on a stream is pushed only when nothing came back by then.
    private static let streamGrace: Int64 = 10

    /// A message waits for a device: a page on each subscription that works.
    /// - Parameter served: Whether it leaves on the device's stream with the commit.
    mutating func page(_ message: StoredMessage, _ urgency: Urgency, to device: DeviceID, served: Bool) throws {
        let due = served ? now.adding(seconds: Self.streamGrace) : now
        try page(message.id, urgency, expires: message.expires, to: device, due: due)
    }

    private mutating func page(
        _ message: MessageID, _ urgency: Urgency, expires: Timestamp, to device: DeviceID, due: Timestamp
    ) throws {
        for subscription in try transaction.subscriptions(of: device, of: organisation) where subscription.takesPages {
            try transaction.addPushJob(
                StoredPushJob(
                    message: message, device: device, subscription: subscription.id, urgency: urgency,
                    expires: expires, due: due), of: organisation)
            then(.pagesDue)
        }
    }

    /// A subscription works from now on: what waits for its device is pushed there, too, unless the device deals with it in the
    /// next moments.
    mutating func pageWhatWaits(for device: DeviceID) throws {
        for message in try transaction.openMessages(to: device, at: time, limit: Self.openLimit, of: organisation) {
            guard let manifest = try transaction.manifest(of: message, of: organisation),
                manifest.recipients.contains(where: { $0.device == device && $0.step == 0 }),
                try !RingWord.isDeclined(message, for: device, view: view, reader: transaction, organisation)
            else { continue }
            let waits = try transaction.waitingEnvelope(message.id, of: device, of: organisation) != nil
            guard let pause = realertSeconds(manifest.urgency) ?? (waits ? Self.streamGrace : nil) else { continue }
            try page(
                message.id, manifest.urgency, expires: message.expires, to: device, due: now.adding(seconds: pause))
        }
    }

    /// A device has a message: what was not tried yet waits until the message must be said again, if ever.
    mutating func pagesDelivered(_ message: MessageID, to device: DeviceID) throws {
        for job in try transaction.pushJobs(of: message, to: device, of: organisation) {
            guard let pause = realertSeconds(job.urgency) else {
                try transaction.removePushJob(job, of: organisation)
                continue
            }
            guard job.attempts == 0 else { continue }
            var job = job
            job.due = max(job.due, now.adding(seconds: pause))
            try transaction.updatePushJob(job, of: organisation)
        }
    }

    /// Nobody needs the message's pages any more.
    /// - Parameter devices: Those that do not; `nil` for all.
    mutating func pagesOver(_ message: MessageID, for devices: [DeviceID]? = nil) throws {
        try transaction.removePushJobs(of: message, to: devices, of: organisation)
        then(.pagesOver(message))
    }

    /// How long until a page repeats; `nil` for never.
    func realertSeconds(_ urgency: Urgency) -> Int64? {
        let seconds = view.policy.alerts[urgency]?.realertSeconds ?? 0
        return seconds == 0 ? nil : Int64(seconds)
    }
}
