import Membership
import RelayAPI
import RelayStorage
import Statements

/// Gives out one prekey of each device for one message: oldest first, each once, then the fallback, saying so.
struct ClaimAcceptance: Sendable {
    /// Below this many one-time prekeys a device is asked for more.
    static let lowCount: UInt64 = 8

    let message: MessageID
    let devices: [DeviceID]
    let claimant: DeviceID

    /// - Throws: ``Problem`` for a request that is not of the documented form.
    init(_ request: ClaimRequest, claimant: DeviceID) throws(Problem) {
        guard let message = MessageID(request.message) else { throw Problems.malformed("message") }
        guard (1...Manifest.maximumRecipients).contains(request.devices.count) else {
            throw Problems.malformed("devices")
        }
        var devices: [DeviceID] = []
        for text in request.devices {
            guard let device = DeviceID(text), !devices.contains(device) else { throw Problems.malformed("devices") }
            devices.append(device)
        }
        self.message = message
        self.devices = devices
        self.claimant = claimant
    }

    func write(to batch: inout Batch) throws -> [StoredClaim] {
        let view = batch.view
        guard let sender = view.liveDevice(claimant).flatMap({ view.member($0.member) }) else { throw Problems.revoked }
        guard try batch.transaction.message(message, of: batch.organisation) == nil else {
            throw Problem(
                .conflict, status: 409, detail: "A message with this id was accepted before.",
                next: "Ask for the message; use a new id for a new one.")
        }
        var claims: [DeviceID: StoredClaim] = [:]
        for device in devices {
            guard let target = view.liveDevice(device).flatMap({ view.member($0.member) }) else {
                var problem = Problem(
                    .recipients, status: 409, detail: "A device is not one of this organisation's live devices.",
                    next: "Fetch the roster, check the devices against it, and claim anew.")
                problem.extra = [device.description]
                throw problem
            }
            guard view.mayWrite(from: sender, to: target) else {
                throw Problems.notPermitted("The policy does not let this sender write to that member.")
            }
            if let claim = try batch.transaction.claim(of: message, for: device, of: batch.organisation) {
                guard claim.claimant == claimant else {
                    throw Problems.notPermitted("Another device claimed for this message.")
                }
                guard claim.at > batch.time.adding(seconds: -MessageAcceptance.claimLifeSeconds) else {
                    throw Problem(
                        .unclaimed, status: 409, detail: "The claims for this message are over.",
                        next: "Send the message under a new id.")
                }
                claims[device] = claim
            }
        }
        try checkQuota(devices.filter { claims[$0] == nil }, isNew: claims.isEmpty, in: batch)
        let wanted = devices.filter { claims[$0]?.prekey == nil }
        for device in wanted { claims[device] = try take(device, in: &batch) }
        return devices.compactMap { claims[$0] }
    }

    /// - Parameters:
    ///   - unclaimed: The devices of which nothing was claimed for this message yet.
    ///   - isNew: Whether this is the message's first claim.
    private func checkQuota(_ unclaimed: [DeviceID], isNew: Bool, in batch: Batch) throws {
        guard !unclaimed.isEmpty else { return }
        let policy = batch.view.policy
        let since = batch.time.adding(seconds: -3_600)
        let open = try batch.transaction.openClaims(
            by: claimant, for: nil, since: since, of: batch.organisation)
        guard !isNew || open < policy.claimsPerHourAndClaimant else {
            throw Problems.quota(
                "This device claimed prekeys for too many messages that it did not send.", retryAfter: 60)
        }
        for device in unclaimed {
            let open = try batch.transaction.openClaims(
                by: claimant, for: device, since: since, of: batch.organisation)
            guard open < policy.claimsPerHourAndTarget else {
                throw Problems.quota(
                    "This device claimed too many prekeys of one device for messages that it did not send.",
                    retryAfter: 60)
            }
        }
    }

    private func take(_ device: DeviceID, in batch: inout Batch) throws -> StoredClaim {
        let policy = batch.view.policy
        let queue = try batch.transaction.queue(of: device, of: batch.organisation)
        var prekey: StoredPrekey?
        var without: WithoutReason?
        if queue.envelopes >= policy.queueItems || queue.waitingBytes >= policy.queueBytes {
            without = .queueFull
        } else {
            prekey = try batch.transaction.takePrekey(of: device, at: batch.time, of: batch.organisation)
            if prekey == nil { without = .noPrekey }
        }
        let claim = StoredClaim(
            message: message, device: device, claimant: claimant, prekey: prekey, without: without, at: batch.time,
            used: false)
        try batch.transaction.storeClaim(claim, of: batch.organisation)
        if let prekey, prekey.purpose == .fallback {
            _ = try batch.append(.fallback(device, message, prekey.id))
        }
        let left = try batch.transaction.oneTimePrekeyCount(of: device, at: batch.time, of: batch.organisation)
        if left < Self.lowCount { batch.then(.prekeysWanted(device, left: left)) }
        return claim
    }

    static func shape(_ claim: StoredClaim) -> ClaimAnswer.Claimed {
        ClaimAnswer.Claimed(
            device: claim.device.description, prekey: claim.prekey.map(PrekeyShape.init),
            without: claim.without?.rawValue)
    }
}
