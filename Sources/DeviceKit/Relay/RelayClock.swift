public import Statements
import Synchronization

/// This machine's clock, and how far the relay's signed one lies from it.
///
/// A correction is used for what we sign and never hides: ``difference`` is shown when it matters.
public final class RelayClock: Sendable {
    /// 5 minutes: beyond it nothing is sent, for entries that far off are refused.
    public static let toleranceMilliseconds: Int64 = 300_000
    /// Smaller differences are the way of the answer, not of the clocks.
    private static let noiseMilliseconds: Int64 = 1_000
    /// 60 s: a word that comes by the stream or lies in the store is no older, while whoever hears it is not asleep.
    private static let wayMilliseconds: Int64 = 60_000

    private let offset = Mutex<Int64>(0)

    public init() {}

    /// The time as the relay has it.
    public func now() -> Timestamp { Timestamp.now().adding(milliseconds: offset.withLock { $0 }) }

    /// Milliseconds that the relay's clock is ahead of ours; 0 when they agree.
    public var difference: Int64 { offset.withLock { $0 } }

    /// Both clocks, when they are too far apart to send.
    var apart: (here: Timestamp, there: Timestamp)? {
        let difference = difference
        guard difference.magnitude > Self.toleranceMilliseconds else { return nil }
        let here = Timestamp.now()
        return (here, here.adding(milliseconds: difference))
    }

    /// What both clocks agree is past, for what cannot be undone; `nil` while they are too far apart to say so.
    ///
    /// The relay's clock is the relay's word: by itself it must not make this device destroy anything.
    var agreed: Timestamp? {
        guard apart == nil else { return nil }
        let here = Timestamp.now()
        return here.adding(milliseconds: min(difference, 0))
    }

    /// Learns the relay's time from an answer that it made just now.
    func learn(_ relayTime: Timestamp, here: Timestamp = .now()) {
        offset.withLock { $0 = Self.difference(relayTime, here) }
    }

    /// Learns it from a word that may have lain somewhere for a while: the relay's clock shows at least that.
    ///
    /// What is signed here must not be dated back by as much as the word is old. Only what no such wait explains sets the
    /// clock back.
    func learn(atLeast relayTime: Timestamp, here: Timestamp = .now()) {
        let difference = Self.difference(relayTime, here)
        offset.withLock { known in
            if difference > known || difference < known - Self.wayMilliseconds { known = difference }
        }
    }

    private static func difference(_ relayTime: Timestamp, _ here: Timestamp) -> Int64 {
        let difference = relayTime.milliseconds(since: here)
        return difference.magnitude < noiseMilliseconds ? 0 : difference
    }
}
