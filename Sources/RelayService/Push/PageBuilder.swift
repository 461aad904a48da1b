import PushDelivery
import RelayStorage
import Sealing
import Secrets
import Statements

/// What one attempt needs, as it is read just before.
struct DuePage: Sendable {
    let subscription: StoredSubscription
    let body: [UInt8]
}

/// Makes the bytes of a page from what is stored.
enum PageBuilder {
    /// - Returns: `nil` when there is nothing to push any more: the message or the subscription is gone, or its parts are of
    ///   no page's lengths.
    static func page(
        of job: StoredPushJob, reader: any RelayReader, organisation: OrganisationID
    ) throws -> DuePage? {
        guard let subscription = try reader.subscription(job.subscription, of: job.device, of: organisation),
            subscription.takesPages,
            let message = try reader.message(job.message, of: organisation),
            let parts = try reader.parts(of: message, of: organisation),
            let manifest = try reader.manifest(of: message, of: organisation),
            let recipient = manifest.recipients.first(where: { $0.device == job.device })
        else { return nil }
        // Once the device has it, its sealed key is destroyed here. Nobody on the way shall see that from a page: there are
        // random bytes in its place. The device knows the message by its id.
        let sealedKey =
            try reader.sealedKey(of: message, for: job.device, of: organisation) ?? randomBytes(SealedKey.byteCount)
        let page = Page(
            message: job.message, prekey: recipient.prekey, binding: manifest.binding, sealedKey: sealedKey,
            sealedAlert: parts.alert)
        return page.map { DuePage(subscription: subscription, body: $0.bytes) }
    }
}

extension PushPage {
    /// 28 days: the longest that a service keeps anything.
    private static let mostSeconds: Int64 = 2_419_200

    /// - Parameter expires: The message's.
    init(body: [UInt8], urgency: Urgency, expires: Timestamp, now: Timestamp, tag: String) {
        let left = (expires.milliseconds - now.milliseconds) / 1_000
        self.init(
            body: body, isUrgent: urgency != .routine, lifetime: Int(max(1, min(left, Self.mostSeconds))), tag: tag)
    }
}
