public import Membership
public import Statements

/// That a device is revoked by now: whoever had it then need not be its owner, and a receipt does not tell them apart.
public struct LaterRevocation: Hashable, Sendable {
    /// When it was revoked; no log says when it was lost.
    public let at: Timestamp
    /// What somebody typed.
    public let reason: String

    /// - Returns: `nil` for a device that is not revoked, and for none.
    public init?(of device: DeviceID?, _ view: RosterView?) {
        guard let device, let revoked = view?.device(device)?.revoked else { return nil }
        at = revoked.place.time
        reason = revoked.reason.description
    }

    /// `on a device since revoked (stolen)`: the reason is what somebody typed, escape it.
    public func words(showsReason: Bool = true) -> String {
        "on a device since revoked" + (showsReason ? " (\(reason))" : "")
    }
}

extension AuditedMessage {
    /// The first receipt with which somebody answered it so far as it came: acknowledged, handed off, closed or declined.
    public var answer: Fact? {
        switch state {
        case .declined, .acknowledged, .handedOff, .closed: facts.first { $0.word == state.rawValue }
        default: nil
        }
    }
}

extension AuditedMessage.Fact {
    /// Whether a device signed it, and no event of the relay tells it.
    public var isReceipt: Bool { ReceiptAction(rawValue: word) != nil }

    /// That the device which signed it is revoked by now; `nil` of an event.
    public func laterRevocation(_ view: RosterView?) -> LaterRevocation? {
        isReceipt ? LaterRevocation(of: device, view) : nil
    }
}
