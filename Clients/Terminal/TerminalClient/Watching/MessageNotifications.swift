import Statements
import Synchronization

/// The notifications of the messages that ring, one for each.
///
/// With a supervisor, none names a sender before the supervisor knows its number: this process may be killed at any moment,
/// and what it has shown must not outlast the lock. Calls wait for the desktop: one after the other.
final class MessageNotifications: Sendable {
    private struct Place {
        let number: UInt32
        /// Whether the supervisor knows it.
        let isTold: Bool
    }

    private let desktop: Desktop
    private let tell: (@Sendable (WorkerWord) -> Bool)?
    private let places = Mutex<[MessageID: Place]>([:])

    /// - Parameter tell: Tells the supervisor, and says whether it was told; `nil` when there is none.
    init(_ desktop: Desktop, tell: (@Sendable (WorkerWord) -> Bool)?) {
        self.desktop = desktop
        self.tell = tell
    }

    /// Shows what may be shown of a message, in the place of what was shown of it before.
    /// - Returns: Whether a desktop shows it.
    func show(_ ringing: RingPlan.Ringing) -> Bool {
        var place = places.withLock { $0[ringing.message] }
        if tell != nil, place?.isTold != true {
            place = put(RingText.constant, of: ringing, in: place)
            guard let place else { return false }
            guard place.isTold, ringing.text != RingText.constant else { return true }
        }
        guard let named = put(ringing.text, of: ringing, in: place) else { return false }
        if tell != nil, !named.isTold { close(ringing.message) }
        return true
    }

    /// Takes away what is shown of a message: it was answered.
    func close(_ message: MessageID) {
        guard let place = places.withLock({ $0.removeValue(forKey: message) }) else { return }
        desktop.close(place.number)
        _ = tell?(WorkerWord(.gone, place.number))
    }

    private func put(_ text: String, of ringing: RingPlan.Ringing, in earlier: Place?) -> Place? {
        let isCritical = ringing.urgency <= .urgent
        guard let number = desktop.show(text, isCritical, earlier?.number ?? 0) else { return nil }
        // A desktop is to give the same number again; one that does not is told of all the same.
        var isTold = earlier?.number == number && earlier?.isTold == true
        if !isTold, let tell { isTold = tell(WorkerWord(isCritical ? .critical : .shown, number)) }
        let place = Place(number: number, isTold: isTold)
        places.withLock { $0[ringing.message] = place }
        return place
    }
}
