import DeviceStorage
import Statements

@testable import DeviceKit

extension LyingSender {
    /// What this device's own client would seal to hand a message on.
    func handOffContent(of message: String) throws -> MessageContent? {
        guard let id = MessageID(message) else { return nil }
        return try session.profile.store.look { store in
            try session.draft(handing: id, to: world.member(.omar), nil, in: store).0.content
        }
    }
}
