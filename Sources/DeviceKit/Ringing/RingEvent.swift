import RelayAPI
public import Statements

/// What a ring listener hears.
public enum RingEvent: Sendable {
    /// The ring stream is open.
    case connected
    /// So many messages wait, this urgent at the most; at the start, when it changes, and when one more came. Ring when
    /// something waits, again by the policy until nothing does.
    case ring(Ring)
    /// The relay gave a sign of life. At least one comes in 30 s while the link is alive.
    case alive
    /// For so long the relay has given no signed word on the present that is believed.
    case stale(seconds: Int64)
    /// The link is down; how long until it is tried again. Nothing rings meanwhile: say so.
    case disconnected(DeviceKitError, retryInMilliseconds: Int64)
    /// The token is over by the clock: nothing rings any more until the device is unlocked.
    case over(DeviceKitError)

    /// That something waits, and nothing else of it: the relay's word, unsigned.
    public struct Ring: Sendable, Equatable {
        public let waiting: Int
        /// `nil` when nothing waits.
        public let urgency: Urgency?
        /// Whether a message came since the last time.
        public let isNew: Bool

        public init(waiting: Int, urgency: Urgency?, isNew: Bool) {
            self.waiting = waiting
            self.urgency = urgency
            self.isNew = isNew
        }

        /// - Returns: `nil` for a word that contradicts itself.
        init?(_ word: RingWord) {
            let urgency = word.urgency.flatMap(Urgency.init(rawValue:))
            guard word.waiting <= 1 << 20, (word.waiting > 0) == (urgency != nil), word.urgency == nil || urgency != nil
            else { return nil }
            self.init(waiting: Int(word.waiting), urgency: urgency, isNew: word.isNew && word.waiting > 0)
        }
    }
}
