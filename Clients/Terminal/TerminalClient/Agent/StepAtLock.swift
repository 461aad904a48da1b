import DeviceKit
import Synchronization
import UnlockAgent

/// What whoever typed a command is to do when the lock ends it, as far as the command has come: not every one may be repeated.
final class StepAtLock: Sendable {
    private let next = Mutex<String?>(nil)

    /// - Parameter next: Counts from now on.
    func say(_ next: String) { self.next.withLock { $0 = next } }

    /// A revoked device has another step, which stays.
    func applied(to error: DeviceKitError) -> DeviceKitError {
        guard error.next != Leash.locked(.revoked).next, let next = self.next.withLock({ $0 }) else { return error }
        return DeviceKitError(error.code, error.category, error.message, next: next)
    }
}
