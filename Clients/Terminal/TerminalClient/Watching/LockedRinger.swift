import DesktopBus
import Dispatch

/// Rings for a locked profile, in the process that never held its keys: constant text, no message, no name.
///
/// The program of `--command` does not run: of a locked profile's messages no id is known.
final class LockedRinger: Sendable {
    private let means: Ringer.Means
    private let desktop = DispatchQueue(label: "nightbell.locked-notifications")

    init(_ means: Ringer.Means) { self.means = means }

    /// - Parameter urgency: 0 is the most urgent.
    func ring(_ urgency: UInt8) {
        means.bell?()
        guard means.notifies else { return }
        desktop.async {
            _ = DesktopNotification(summary: "Nightbell", body: RingText.constant, isCritical: urgency <= 1).show()
        }
    }
}
