import RelayStorage
import Secrets
import Statements

extension StorageConformance {
    static let pageChecks: [Check] = [
        Check(description: "subscriptions are their device's, and are replaced and removed by id", run: subscriptions),
        Check(description: "jobs come when they are due, the longest due first", run: dueJobs),
        Check(description: "a cancelled job is not updated back into being", run: cancelledJobs),
        Check(description: "jobs are hastened where the envelope waits", run: hastenedJobs),
        Check(description: "a revoked device's subscriptions and jobs go", run: forgottenSubscriptions),
    ]

    private static func subscription(_ device: UInt8, _ number: UInt8) -> StoredSubscription {
        StoredSubscription(
            device: Sample.device(device), id: id(number), transport: PageTransport.allCases[Int(number) % 3],
            sealedAddress: [number, 7], registered: Sample.time.adding(seconds: Int64(number)),
            challenge: .init(hash: Sample.hash(number), expires: Sample.time.adding(seconds: 60)))
    }

    private static func id(_ number: UInt8) -> SubscriptionID {
        SubscriptionID(bytes: [UInt8](repeating: number, count: 16))
    }

    private static func job(_ message: UInt8, _ device: UInt8, due seconds: Int64) -> StoredPushJob {
        StoredPushJob(
            message: Sample.message(message), device: Sample.device(device), subscription: id(device),
            urgency: Urgency.allCases[Int(message) % 4], expires: Sample.time.adding(seconds: 1_000),
            due: Sample.time.adding(seconds: seconds))
    }

    @Sendable static func subscriptions(_ store: any RelayStore) async throws {
        let (later, earlier) = (subscription(2, 9), subscription(2, 4))
        var proven = earlier
        proven.challenge = nil
        proven.proven = Sample.time
        proven.accepted = Sample.time.adding(seconds: 1)
        proven.failingSince = Sample.time.adding(seconds: 2)
        proven.dropped = Sample.time.adding(seconds: 3)
        proven.sealedAddress = []
        let replacement = proven
        let found = try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            try transaction.addOrganisation(Sample.other)
            for one in [later, earlier, subscription(3, 9)] {
                try transaction.storeSubscription(one, of: Sample.organisation)
            }
            func now(_ organisation: OrganisationID = Sample.organisation) throws -> [StoredSubscription] {
                try transaction.subscriptions(of: Sample.device(2), of: organisation)
            }
            var found = [try now(), try now(Sample.other)]
            try transaction.storeSubscription(replacement, of: Sample.organisation)
            found.append(try now())
            try transaction.removeSubscription(later.id, of: Sample.device(2), of: Sample.organisation)
            found.append(try now())
            found.append(try transaction.subscriptions(of: Sample.device(3), of: Sample.organisation))
            return found
        }
        try require(found[0] == [earlier, later], "a device's subscriptions in the order of their registration")
        try require(found[1] == [], "subscriptions in another organisation")
        try require(found[2] == [replacement, later], "a subscription in the place of the one of its id")
        try require(found[3] == [replacement], "a removed subscription")
        try require(found[4] == [subscription(3, 9)], "another device's subscription of the same id stays")
    }

    @Sendable static func dueJobs(_ store: any RelayStore) async throws {
        let (late, early, future, foreign) = (
            job(1, 2, due: -1), job(2, 2, due: -2), job(3, 3, due: 5), job(4, 4, due: 0)
        )
        try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            try transaction.addOrganisation(Sample.other)
            for one in [late, early, future] { try transaction.addPushJob(one, of: Sample.organisation) }
            try transaction.addPushJob(foreign, of: Sample.other)
            var again = late
            again.due = Sample.time.adding(seconds: 900)
            try transaction.addPushJob(again, of: Sample.organisation)
        }
        let due = try await store.read { try $0.duePushJobs(at: Sample.time, limit: 10) }
        try require(due.map(\.job) == [early, late, foreign], "due jobs, the longest due first, each once")
        try require(
            due.map(\.organisation) == [Sample.organisation, Sample.organisation, Sample.other], "a job's organisation")
        let limited = try await store.read { try $0.duePushJobs(at: Sample.time, limit: 1).map(\.job) }
        try require(limited == [early], "no more due jobs than asked for")
        let next = try await store.read { try $0.nextPushJob(after: Sample.time) }
        try require(next == future.due, "when the next job is due")
        let none = try await store.read { try $0.nextPushJob(after: future.due) }
        try require(none == nil, "no next job")
        let has = try await store.read { reader in
            [
                try reader.hasPushJobs(Sample.device(3), of: Sample.organisation),
                try reader.hasPushJobs(Sample.device(4), of: Sample.organisation),
            ]
        }
        try require(has == [true, false], "whether a device has jobs")
    }

    @Sendable static func cancelledJobs(_ store: any RelayStore) async throws {
        let jobs = [job(1, 2, due: 0), job(1, 3, due: 0), job(2, 2, due: 0), job(3, 2, due: 0), job(4, 2, due: 0)]
        var changed = jobs[2]
        changed.due = Sample.time.adding(seconds: 60)
        changed.attempts = 3
        changed.failures = 2
        changed.last = Sample.time
        let updated = changed
        let found = try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            for one in jobs { try transaction.addPushJob(one, of: Sample.organisation) }
            try transaction.removePushJobs(of: Sample.message(1), to: nil, of: Sample.organisation)
            try transaction.removePushJobs(
                of: Sample.message(3), to: [Sample.device(2), Sample.device(9)], of: Sample.organisation)
            try transaction.removePushJob(jobs[4], of: Sample.organisation)
            for one in [jobs[0], updated] { try transaction.updatePushJob(one, of: Sample.organisation) }
            return try jobs.map {
                try transaction.pushJobs(of: $0.message, to: $0.device, of: Sample.organisation).first
            }
        }
        try require(
            found == [nil, nil, updated, nil, nil], "cancelled jobs stay cancelled, and one stands as it was noted")
    }

    @Sendable static func hastenedJobs(_ store: any RelayStore) async throws {
        let time = Sample.time
        func tried(_ message: UInt8, ago seconds: Int64) -> StoredPushJob {
            var job = job(message, 2, due: 500)
            job.attempts = 1
            job.last = time.adding(seconds: -seconds)
            return job
        }
        // Untried and waiting; tried long ago and waiting; tried just now and waiting; received; another device's and waiting; due
        // already; untried and received.
        let jobs = [
            job(1, 2, due: 500), tried(2, ago: 90), tried(3, ago: 10), tried(4, ago: 90), job(5, 3, due: 500),
            job(6, 2, due: -5), job(7, 2, due: 500),
        ]
        let due = try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            for one in jobs { try transaction.addPushJob(one, of: Sample.organisation) }
            for (number, device) in [(1, 2), (2, 2), (3, 2), (5, 3), (6, 2)] as [(UInt8, UInt8)] {
                _ = try transaction.enqueue(
                    NewQueueItem(
                        kind: .envelope, index: UInt64(number), leafHash: Sample.hash(number),
                        message: Sample.message(number), byteCount: 1, served: true),
                    for: Sample.device(device), of: Sample.organisation)
            }
            func due() throws -> [Int64?] {
                try jobs.map {
                    try transaction.pushJobs(of: $0.message, to: $0.device, of: Sample.organisation).first
                        .map { ($0.due.milliseconds - time.milliseconds) / 1_000 }
                }
            }
            try transaction.hastenPushJobs(of: Sample.device(2), at: time, pause: 30, of: Sample.organisation)
            let first = try due()
            try transaction.hastenUntriedPushJobs(at: time)
            return [first, try due()]
        }
        try require(due[0] == [0, 0, 20, 500, 500, -5, 500], "hastened jobs of one device")
        try require(due[1] == [0, 0, 20, 500, 0, -5, 500], "hastened untried jobs of every device")
    }

    @Sendable static func forgottenSubscriptions(_ store: any RelayStore) async throws {
        let found = try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            for device in [2, 3] as [UInt8] {
                try transaction.storeSubscription(subscription(device, device), of: Sample.organisation)
                try transaction.addPushJob(job(1, device, due: 0), of: Sample.organisation)
            }
            try transaction.removeSubscription(id(3), of: Sample.device(3), of: Sample.organisation)
            let removed = try transaction.hasPushJobs(Sample.device(3), of: Sample.organisation)
            try transaction.forgetKeys(of: Sample.device(2), of: Sample.organisation)
            return [
                removed, try transaction.hasPushJobs(Sample.device(2), of: Sample.organisation),
                !(try transaction.subscriptions(of: Sample.device(2), of: Sample.organisation).isEmpty),
            ]
        }
        try require(!found[0], "a removed subscription's jobs")
        try require(!found[1], "a forgotten device's jobs")
        try require(!found[2], "a forgotten device's subscriptions")
    }
}
