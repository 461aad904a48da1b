import Statements
import Synchronization

/// The notifications of the messages that ring, one for each.
///
/// With a supervisor, none names a sender before the supervisor knows its number: this process may be killed at any moment,
/// and what it has shown must not outlast the lock. Calls wait for the desktop: one after the other.
final class MessageNotifications: Sendable {
    private let desktop: Desktop
    private let tell: (@Sendable (ShownWord) -> Bool)?
    private let numbers = Mutex<[MessageID: UInt32]>([:])

    /// - Parameter tell: Tells the supervisor, and says whether it was told; `nil` when there is none.
    init(_ desktop: Desktop, tell: (@Sendable (ShownWord) -> Bool)?) {
        self.desktop = desktop
        self.tell = tell
    }

    /// Shows what may be shown of a message, in the place of what was shown of it before.
    /// - Returns: Whether a desktop shows it.
    func show(_ ringing: RingPlan.Ringing) -> Bool {
        let isCritical = ringing.urgency <= .urgent
        let word = { (number: UInt32) in ShownWord(isCritical ? .critical : .shown, number) }
        var number = numbers.withLock { $0[ringing.message] }
        if let tell, number == nil {
            guard let first = desktop.show(RingText.constant, isCritical, 0) else { return false }
            keep(first, of: ringing.message)
            guard tell(word(first)), ringing.text != RingText.constant else { return true }
            number = first
        }
        guard let shown = desktop.show(ringing.text, isCritical, number ?? 0) else { return false }
        keep(shown, of: ringing.message)
        // A desktop is to give the same number again; one that does not is told of all the same.
        if let tell, shown != number, !tell(word(shown)) { close(ringing.message) }
        return true
    }

    /// Takes away what is shown of a message: it was answered.
    func close(_ message: MessageID) {
        guard let number = numbers.withLock({ $0.removeValue(forKey: message) }) else { return }
        desktop.close(number)
        _ = tell?(ShownWord(.gone, number))
    }

    private func keep(_ number: UInt32, of message: MessageID) { numbers.withLock { $0[message] = number } }
}
