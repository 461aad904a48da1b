import DeviceKit
import Statements

/// Which lines a watcher has printed for people: the same is not said twice, and an acknowledgement that promises a call is
/// said with its time, which comes sealed right behind it.
///
/// Scripts get every event.
struct ToldLines {
    /// How long the time of a promised call is waited for.
    private static let patience: Duration = .seconds(10)

    private var told: [MessageID: String] = [:]
    private var held: [MessageID: ContinuousClock.Instant] = [:]

    /// What was held back and is to be looked at again.
    var waiting: [MessageID] { held.keys.sorted() }

    /// Whether something new is to be said of a sent message.
    /// - Parameters:
    ///   - gist: What would be said.
    ///   - waitsForTime: Whether a time belongs to it that has not come yet.
    mutating func isNews(
        _ message: MessageID, _ gist: String, waitsForTime: Bool, now: ContinuousClock.Instant = .now
    ) -> Bool {
        if waitsForTime {
            let until = held[message] ?? now.advanced(by: Self.patience)
            held[message] = until
            guard now >= until else { return false }
        }
        held[message] = nil
        return told.updateValue(gist, forKey: message) != gist
    }

    func hasSaid(_ message: MessageID, _ gist: String) -> Bool { told[message] == gist }

    /// Something of it was said in other words.
    mutating func said(_ message: MessageID, _ gist: String) {
        held[message] = nil
        told[message] = gist
    }
}
