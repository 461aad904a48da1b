import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements

/// Takes a device's new prekeys, each with its signature.
struct PrekeyAcceptance: Sendable {
    /// How far ahead a prekey may be valid: 90 days and a day of clock.
    private static let longestLifeSeconds: Int64 = 91 * 86_400

    let device: DeviceID
    private let prekeys: [StoredPrekey]

    /// Parses and verifies.
    /// - Throws: ``Problem`` or `StatementError`.
    init(_ upload: PrekeyUpload, device: Device, organisation: OrganisationID) throws {
        guard upload.oneTime.count <= APILimits.prekeysInUpload, !upload.oneTime.isEmpty || upload.fallback != nil
        else {
            throw Problems.malformed("prekeys")
        }
        self.device = device.id
        let shapes =
            upload.oneTime.map { ($0, PrekeyPurpose.oneTime) }
            + (upload.fallback.map { [($0, PrekeyPurpose.fallback)] } ?? [])
        prekeys = try shapes.map { shape, purpose in
            guard let signature = Base64.decode(Array(shape.signature.utf8)) else {
                throw Problems.malformed("signature")
            }
            let signed = try SignedPrekey(text: Array(shape.text.utf8), signature: signature, key: device.key)
            guard signed.prekey.organisation == organisation, signed.prekey.purpose == purpose else {
                throw Problems.malformed("prekey")
            }
            guard signed.prekey.key.isUsable else { throw Problems.malformed("prekey: nothing can be sealed to it") }
            return StoredPrekey(
                id: signed.id, purpose: purpose, notAfter: signed.prekey.notAfter, text: signed.text,
                signature: signature)
        }
    }

    func write(to batch: inout Batch) throws -> PrekeyCount {
        guard batch.view.liveDevice(device) != nil else { throw Problems.revoked }
        let latest = batch.time.adding(seconds: Self.longestLifeSeconds)
        guard prekeys.allSatisfy({ $0.notAfter > batch.time && $0.notAfter <= latest }) else {
            throw Problem(
                .ruleBroken, status: 422, detail: "A prekey is over already, or valid for more than 90 days.",
                next: "Set the device's clock and publish new prekeys.")
        }
        let kept = try batch.transaction.oneTimePrekeyCount(of: device, at: batch.time, of: batch.organisation)
        guard kept + UInt64(prekeys.count) <= UInt64(APILimits.prekeysKept) else {
            throw Problem(
                .tooLarge, status: 422, detail: "The relay holds \(kept) one-time prekeys of this device already.",
                next: "Nothing: the relay says when it needs more.")
        }
        try batch.transaction.publish(prekeys, of: device, at: batch.time, of: batch.organisation)
        return PrekeyCount(
            oneTimeLeft: try batch.transaction.oneTimePrekeyCount(of: device, at: batch.time, of: batch.organisation))
    }
}

extension PrekeyShape {
    init(_ prekey: StoredPrekey) {
        self.init(text: String(decoding: prekey.text, as: UTF8.self), signature: Base64.encode(prekey.signature))
    }
}
