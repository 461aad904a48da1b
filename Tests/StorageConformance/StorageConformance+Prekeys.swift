import RelayStorage
import Statements

extension StorageConformance {
    static let prekeyChecks: [Check] = [
        Check(description: "prekeys go out oldest first, each once, then the newest fallback", run: oldestFirst),
        Check(description: "a prekey that was issued never comes again", run: neverAgain),
        Check(description: "prekeys that are over are passed over", run: expired),
        Check(description: "prekeys that are over are forgotten, and all fallbacks but two", run: bounded),
        Check(description: "claims are found, counted while open and replaced", run: claims),
        Check(description: "a revoked device's keys go", run: forgotten),
    ]

    @Sendable static func oldestFirst(_ store: any RelayStore) async throws {
        let device = Sample.device(2)
        let taken = try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            try transaction.publish(
                [Sample.prekey(5), Sample.prekey(3), Sample.prekey(200, .fallback)], of: device, at: Sample.time,
                of: Sample.organisation
            )
            try transaction.publish(
                [Sample.prekey(4), Sample.prekey(201, .fallback)], of: device, at: Sample.time, of: Sample.organisation)
            try require(
                try transaction.oneTimePrekeyCount(of: device, at: Sample.time, of: Sample.organisation) == 3,
                "the count of one-time prekeys")
            return try (0..<5).map { _ in
                try transaction.takePrekey(of: device, at: Sample.time, of: Sample.organisation)
            }
        }
        let expected = [
            Sample.prekey(5), Sample.prekey(3), Sample.prekey(4), Sample.prekey(201, .fallback),
            Sample.prekey(201, .fallback),
        ]
        try require(taken == expected, "the order in which prekeys go out")
        let none = try await store.write {
            try $0.takePrekey(of: Sample.device(3), at: Sample.time, of: Sample.organisation)
        }
        try require(none == nil, "a prekey of a device that published none")
    }

    @Sendable static func neverAgain(_ store: any RelayStore) async throws {
        let device = Sample.device(2)
        try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            try transaction.publish([Sample.prekey(1)], of: device, at: Sample.time, of: Sample.organisation)
            try transaction.publish([Sample.prekey(1)], of: device, at: Sample.time, of: Sample.organisation)
            try require(
                try transaction.oneTimePrekeyCount(of: device, at: Sample.time, of: Sample.organisation) == 1,
                "publishing twice counts twice")
            _ = try transaction.takePrekey(of: device, at: Sample.time, of: Sample.organisation)
            try transaction.publish([Sample.prekey(1)], of: device, at: Sample.time, of: Sample.organisation)
            try require(
                try transaction.takePrekey(of: device, at: Sample.time, of: Sample.organisation) == nil,
                "an issued prekey came again")
        }
    }

    @Sendable static func expired(_ store: any RelayStore) async throws {
        let device = Sample.device(2)
        try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            try transaction.publish(
                [
                    Sample.prekey(1, notAfter: Sample.time), Sample.prekey(2),
                    Sample.prekey(200, .fallback, notAfter: Sample.time),
                ], of: device, at: Sample.time.adding(seconds: -1), of: Sample.organisation)
            try require(
                try transaction.oneTimePrekeyCount(of: device, at: Sample.time, of: Sample.organisation) == 1,
                "a prekey that is over counts")
            let taken = try transaction.takePrekey(of: device, at: Sample.time, of: Sample.organisation)
            try require(taken?.id == Sample.prekey(2).id, "a prekey that is over went out")
            try require(
                try transaction.takePrekey(of: device, at: Sample.time, of: Sample.organisation) == nil,
                "a fallback that is over went out")
        }
    }

    @Sendable static func bounded(_ store: any RelayStore) async throws {
        let device = Sample.device(2)
        let later = Sample.time.adding(seconds: 60)
        try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            for number in UInt8(1)...5 {
                try transaction.publish(
                    [
                        Sample.prekey(
                            200 + number, .fallback, notAfter: number == 4 ? later : .init(milliseconds: 1 << 50))
                    ],
                    of: device, at: Sample.time, of: Sample.organisation)
            }
            let newest = try transaction.takePrekey(of: device, at: Sample.time, of: Sample.organisation)
            try require(newest?.id == Sample.prekey(205).id, "the newest fallback does not go out")
            // The fourth is over, the fifth stays: nothing older may come back.
            try transaction.publish(
                [Sample.prekey(1, notAfter: later), Sample.prekey(2)], of: device, at: later, of: Sample.organisation)
            try require(
                try transaction.oneTimePrekeyCount(of: device, at: Sample.time, of: Sample.organisation) == 1,
                "a prekey that is over was kept")
            let still = try transaction.takePrekey(of: device, at: later, of: Sample.organisation)
            try require(still?.id == Sample.prekey(2).id, "the one that is not over went along")
        }
    }

    private static func claim(_ message: UInt8, _ device: UInt8, prekey: StoredPrekey?) -> StoredClaim {
        StoredClaim(
            message: Sample.message(message), device: Sample.device(device), claimant: Sample.device(1),
            prekey: prekey, without: prekey == nil ? .noPrekey : nil, at: Sample.time, used: false)
    }

    @Sendable static func claims(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        let claims = [
            claim(1, 2, prekey: Sample.prekey(1)), claim(1, 3, prekey: nil), claim(2, 2, prekey: Sample.prekey(2)),
        ]
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            for claim in claims { try transaction.storeClaim(claim, of: organisation) }
            for expected in claims {
                let found = try transaction.claim(of: expected.message, for: expected.device, of: organisation)
                try require(found == expected, "a stored claim differs")
            }
            let before = Sample.time.adding(seconds: -1)
            func open(_ device: DeviceID?, _ since: Timestamp) throws -> UInt64 {
                try transaction.openClaims(by: Sample.device(1), for: device, since: since, of: organisation)
            }
            try require(try open(nil, before) == 2, "open claims count messages")
            try require(try open(Sample.device(2), before) == 2, "open claims of one device")
            try require(try open(nil, Sample.time) == 0, "claims before the hour count")
            try transaction.markClaimsUsed(of: Sample.message(1), of: organisation)
            try require(try open(nil, before) == 1, "a used claim counts as open")
            try transaction.storeClaim(claim(2, 2, prekey: Sample.prekey(7)), of: organisation)
            let replaced = try transaction.claim(of: Sample.message(2), for: Sample.device(2), of: organisation)
            try require(replaced?.prekey?.id == Sample.prekey(7).id, "a claim made anew does not replace the old")
        }
    }

    @Sendable static func forgotten(_ store: any RelayStore) async throws {
        let device = Sample.device(2)
        try await store.write { transaction in
            try transaction.addOrganisation(Sample.organisation)
            try transaction.publish(
                [Sample.prekey(1), Sample.prekey(200, .fallback)], of: device, at: Sample.time, of: Sample.organisation)
            try transaction.storeAuditKeyOffer([1], of: device, of: Sample.organisation)
            try transaction.storeAuditKeyOffer([2], of: device, of: Sample.organisation)
            try require(
                try transaction.auditKeyOffers(of: Sample.organisation) == [[2]],
                "a later offer does not replace the first")
            try transaction.forgetKeys(of: device, of: Sample.organisation)
            try require(
                try transaction.takePrekey(of: device, at: Sample.time, of: Sample.organisation) == nil,
                "a revoked device's prekey went out")
            try require(
                try transaction.auditKeyOffers(of: Sample.organisation).isEmpty, "a revoked device's offer stays")
        }
    }
}
