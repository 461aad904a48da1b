public import Membership
public import Statements

/// Who can revoke a device by the rules of the roster as it is.
public enum RevocationStanding: Hashable, Sendable {
    /// Any of these members, each on a live admin device that is another one.
    case admins(Set<MemberID>)
    /// Nobody but the holder of the recovery key: without the device fewer live admin members would be left than the quorum
    /// (`too_few_admins`), or no other admin device lives.
    case recoveryKeyAlone

    public init(_ device: DeviceID, in view: RosterView) {
        let live = view.adminDevices.filter { view.liveDevice($0.key) != nil }
        let left = Set(live.filter { $0.key != device }.values)
        let isAllowed = left.count >= view.quorum || left.count == Set(live.values).count
        self = isAllowed && !left.isEmpty ? .admins(left) : .recoveryKeyAlone
    }
}
