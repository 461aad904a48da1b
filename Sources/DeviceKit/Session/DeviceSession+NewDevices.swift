import DeviceStorage
public import Membership
public import Statements

extension DeviceSession {
    /// As many are kept for a person to see.
    private static let unseenAtMost = 64

    /// Devices that joined by the roster and that no person here has seen yet: further ones of our member, and those that
    /// used an invitation of ours.
    public func unseenDevices() throws -> [Device] {
        let view = view
        return try profile.store.look { try $0.unseenDevices() }.compactMap { view.device($0) }
    }

    /// A person has seen these, whether or not this session's roster has them yet.
    public func markSeen(_ devices: [DeviceID]) throws {
        guard !devices.isEmpty else { return }
        let seen = Set(devices)
        try profile.store.step { step in try step.set(try step.unseenDevices().filter { !seen.contains($0) }) }
    }

    /// What to say of a device that joined.
    public func announcement(of device: Device) -> String {
        let time = WallClock.stamp(device.enrolled.time)
        guard device.member != identity.member else {
            return
                "a further device of this member joined: \"\(device.label)\" (\(device.platform)); it reads and signs as "
                + "you: if you do not know it, have it revoked (\(device.id), \(time))"
        }
        let member = view.displayName(of: device.member)
        return "a device of \(member) joined with an invitation of yours: \"\(device.label)\" (\(device.platform), "
            + "\(device.id), \(time))"
    }

    /// The devices of an announcement's two kinds that these entries enrol.
    static func announced(
        _ enrolments: [EnrolStatement], in view: RosterView, to identity: Identity
    ) -> [Device] {
        enrolments.compactMap { enrol in
            let isOurs = enrol.member == identity.member && enrol.device != identity.device
            let isInvited = view.invitation(enrol.invitation)?.issuer == identity.device
            return isOurs || isInvited ? view.device(enrol.device) : nil
        }
    }

    static func keepUnseen(_ devices: [Device], in step: StoreStep) throws {
        let known = try step.unseenDevices()
        let new = devices.map(\.id).filter { !known.contains($0) }
        if !new.isEmpty { try step.set(Array((known + new).suffix(unseenAtMost))) }
    }
}

extension StoreReading {
    func unseenDevices() throws -> [DeviceID] {
        guard let bytes = try setting(.unseenDevices) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { DeviceID(String($0)) }
    }
}

extension StoreStep {
    fileprivate func set(_ unseen: [DeviceID]) throws {
        try set(
            .unseenDevices,
            to: unseen.isEmpty ? nil : Array(unseen.map(\.description).joined(separator: " ").utf8))
    }
}
