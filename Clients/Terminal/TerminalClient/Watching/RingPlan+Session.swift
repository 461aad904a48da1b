import DeviceKit
import Membership
import Statements

extension RingPlan.Ringing {
    /// A message as it rings here, with what the organisation's policy lets be shown of it.
    /// - Parameters:
    ///   - seconds: Until it rings again; 0: once is enough.
    ///   - forward: Who shall have it since it was handed on from here.
    init(_ message: InboxMessage, again seconds: UInt64, forward: CarriedOn? = nil, _ session: DeviceSession) {
        self.init(
            message: message.message, urgency: message.urgency,
            text: session.view.policy.pushContent == .alert
                ? RingText.alert(message.urgency, from: InboxCommand.sender(message, session)) : RingText.constant,
            expires: forward?.expires ?? message.expires,
            again: seconds > 0 ? .seconds(Int64(clamping: seconds)) : nil, isHandedOn: forward != nil)
    }
}
