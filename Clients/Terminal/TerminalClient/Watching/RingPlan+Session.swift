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

    /// What a page says of a message that has not come: it rings by the policy until it is there, or the relay says that there
    /// is none.
    init(_ alert: PagedAlert, _ session: DeviceSession) {
        let policy = session.view.policy
        let seconds = policy.alerts[alert.urgency]?.realertSeconds ?? 0
        self.init(
            message: alert.message, urgency: alert.urgency,
            text: policy.pushContent == .alert
                ? RingText.alert(alert.urgency, from: WatchLines.sender(alert, session)) : RingText.constant,
            // Its own end stands in the manifest.
            expires: alert.at.adding(seconds: Int64(clamping: policy.defaultLifespanSeconds)),
            again: seconds > 0 ? .seconds(Int64(clamping: seconds)) : nil, isPaged: true)
    }

    /// A message that was sent from here and that its sender must telephone about, until that is done.
    /// - Parameter again: Whether it rings more than once.
    init(_ state: SentState, again: Bool, _ session: DeviceSession) {
        let policy = session.view.policy
        let seconds = again ? policy.alerts[state.urgency]?.realertSeconds ?? 0 : 0
        self.init(
            message: state.message, urgency: state.urgency,
            text: policy.pushContent == .alert
                ? RingText.telephone(state.urgency, to: session.view.displayName(of: state.member))
                : RingText.telephone,
            expires: nil, again: seconds > 0 ? .seconds(Int64(clamping: seconds)) : nil, isSent: true)
    }
}
