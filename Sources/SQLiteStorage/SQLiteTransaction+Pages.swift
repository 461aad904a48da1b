import Foundation
import GRDB
import RelayStorage
import Secrets
import Statements

extension SQLiteTransaction {
    // MARK: Subscriptions

    func subscriptions(of device: DeviceID, of organisation: OrganisationID) throws -> [StoredSubscription] {
        try rows(
            """
            SELECT device, id, transport, address, registered, challenge, challenge_expires, proven, accepted, failing, dropped
            FROM push_subscriptions WHERE org = ? AND device = ? ORDER BY registered, id
            """, [try key(organisation), blob(device)]
        ).map(subscription)
    }

    private func subscription(_ row: Row) throws -> StoredSubscription {
        guard let transport = PageTransport(rawValue: row[2]) else { throw StorageError(.broken, part: "transport") }
        let challenge = try optionalTime(row, 6).map {
            StoredSubscription.Challenge(hash: try digest(row, 5), expires: $0)
        }
        return StoredSubscription(
            device: try identifier(row, 0), id: try identifier(row, 1), transport: transport,
            sealedAddress: bytes(row, 3),
            registered: time(row, 4), challenge: challenge, proven: optionalTime(row, 7),
            accepted: optionalTime(row, 8),
            failingSince: optionalTime(row, 9), dropped: optionalTime(row, 10))
    }

    func storeSubscription(_ subscription: StoredSubscription, of organisation: OrganisationID) throws {
        try run(
            """
            INSERT OR REPLACE INTO push_subscriptions (org, device, id, transport, address, registered, challenge,
                challenge_expires, proven, accepted, failing, dropped) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                try key(organisation), blob(subscription.device), blob(subscription.id),
                subscription.transport.rawValue,
                blob(subscription.sealedAddress), subscription.registered.milliseconds,
                subscription.challenge.map { blob($0.hash) }, subscription.challenge?.expires.milliseconds,
                subscription.proven?.milliseconds, subscription.accepted?.milliseconds,
                subscription.failingSince?.milliseconds, subscription.dropped?.milliseconds,
            ])
    }

    func removeSubscription(_ id: SubscriptionID, of device: DeviceID, of organisation: OrganisationID) throws {
        let key = try key(organisation)
        try run(
            "DELETE FROM push_jobs WHERE org = ? AND device = ? AND subscription = ?", [key, blob(device), blob(id)])
        try run(
            "DELETE FROM push_subscriptions WHERE org = ? AND device = ? AND id = ?", [key, blob(device), blob(id)])
    }

    // MARK: Jobs

    private static let jobColumns =
        "push_jobs.message, push_jobs.device, subscription, urgency, expires, due, attempts, last, failures"

    private func job(_ row: Row) throws -> StoredPushJob {
        let place = try number(row, 3)
        guard place < UInt64(Urgency.allCases.count) else { throw StorageError(.broken, part: "urgency") }
        return StoredPushJob(
            message: try identifier(row, 0), device: try identifier(row, 1), subscription: try identifier(row, 2),
            urgency: Urgency.allCases[Int(place)], expires: time(row, 4), due: time(row, 5),
            attempts: try number(row, 6), last: optionalTime(row, 7), failures: try number(row, 8))
    }

    func duePushJobs(at time: Timestamp, limit: Int) throws -> [(organisation: OrganisationID, job: StoredPushJob)] {
        try rows(
            """
            SELECT \(Self.jobColumns), organisations.id FROM push_jobs JOIN organisations USING (org)
            WHERE due <= ? ORDER BY due LIMIT ?
            """, [time.milliseconds, limit]
        ).map { (try identifier($0, 9), try job($0)) }
    }

    func nextPushJob(after time: Timestamp) throws -> Timestamp? {
        try row("SELECT due FROM push_jobs WHERE due > ? ORDER BY due LIMIT 1", [time.milliseconds])
            .map { self.time($0, 0) }
    }

    func pushJobs(
        of message: MessageID, to device: DeviceID, of organisation: OrganisationID
    ) throws -> [StoredPushJob] {
        try rows(
            "SELECT \(Self.jobColumns) FROM push_jobs WHERE org = ? AND message = ? AND device = ?",
            [try key(organisation), blob(message), blob(device)]
        ).map(job)
    }

    func hasPushJobs(_ device: DeviceID, of organisation: OrganisationID) throws -> Bool {
        try row(
            "SELECT 1 FROM push_jobs WHERE org = ? AND device = ? LIMIT 1", [try key(organisation), blob(device)])
            != nil
    }

    func addPushJob(_ job: StoredPushJob, of organisation: OrganisationID) throws {
        try run(
            """
            INSERT OR IGNORE INTO push_jobs (org, message, device, subscription, urgency, expires, due, attempts, last,
                failures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                try key(organisation), blob(job.message), blob(job.device), blob(job.subscription),
                Urgency.allCases.firstIndex(of: job.urgency)!, job.expires.milliseconds, job.due.milliseconds,
                Int64(job.attempts), job.last?.milliseconds, Int64(job.failures),
            ])
    }

    func updatePushJob(_ job: StoredPushJob, of organisation: OrganisationID) throws {
        try run(
            """
            UPDATE push_jobs SET due = ?, attempts = ?, last = ?, failures = ?
            WHERE org = ? AND message = ? AND device = ? AND subscription = ?
            """,
            [
                job.due.milliseconds, Int64(job.attempts), job.last?.milliseconds, Int64(job.failures),
                try key(organisation), blob(job.message), blob(job.device), blob(job.subscription),
            ])
    }

    func removePushJob(_ job: StoredPushJob, of organisation: OrganisationID) throws {
        try run(
            "DELETE FROM push_jobs WHERE org = ? AND message = ? AND device = ? AND subscription = ?",
            [try key(organisation), blob(job.message), blob(job.device), blob(job.subscription)])
    }

    func removePushJobs(of message: MessageID, to devices: [DeviceID]?, of organisation: OrganisationID) throws {
        let key = try key(organisation)
        guard let devices else {
            return try run("DELETE FROM push_jobs WHERE org = ? AND message = ?", [key, blob(message)])
        }
        for device in devices {
            try run(
                "DELETE FROM push_jobs WHERE org = ? AND message = ? AND device = ?",
                [key, blob(message), blob(device)])
        }
    }

    /// Whether the job's envelope still waits in the device's queue.
    private static let waits = """
        EXISTS (SELECT 1 FROM queue_items WHERE queue_items.org = push_jobs.org AND queue_items.device = push_jobs.device
            AND queue_items.message = push_jobs.message AND kind = 0)
        """

    func hastenPushJobs(
        of device: DeviceID, at time: Timestamp, pause: Int64, of organisation: OrganisationID
    ) throws {
        try run(
            """
            UPDATE push_jobs SET due = max(?1, coalesce(last + ?2, ?1))
            WHERE org = ?3 AND device = ?4 AND due > max(?1, coalesce(last + ?2, ?1)) AND \(Self.waits)
            """,
            [time.milliseconds, pause * 1_000, try key(organisation), blob(device)])
    }

    func hastenUntriedPushJobs(at time: Timestamp) throws {
        try run(
            "UPDATE push_jobs SET due = ?1 WHERE attempts = 0 AND due > ?1 AND \(Self.waits)", [time.milliseconds])
    }

    private func optionalTime(_ row: Row, _ column: Int) -> Timestamp? {
        let value: Int64? = row[column]
        return value.map { Timestamp(milliseconds: $0) }
    }
}
