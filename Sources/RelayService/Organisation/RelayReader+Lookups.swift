import RelayStorage
import Statements

/// What several rooms of the relay look up in the same way.
extension RelayReader {
    /// A statement of the activity log; `nil` beyond its end.
    func activityStatement(_ index: UInt64, of organisation: OrganisationID) throws -> ActivityStatement? {
        guard let bytes = try entry(index, in: .activity, of: organisation) else { return nil }
        return try ActivityStatement(parsing: Entry(parsing: bytes).body)
    }

    /// The manifest of a logged message.
    func manifest(of message: StoredMessage, of organisation: OrganisationID) throws -> Manifest? {
        guard case .manifest(let manifest, _) = try activityStatement(message.index, of: organisation) else {
            return nil
        }
        return manifest
    }

    /// One of a device's subscriptions, dropped or not.
    func subscription(
        _ id: SubscriptionID, of device: DeviceID, of organisation: OrganisationID
    ) throws -> StoredSubscription? {
        try subscriptions(of: device, of: organisation).first { $0.id == id }
    }
}
