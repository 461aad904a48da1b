import DeviceKit
import Synchronization
import SystemPackage

/// What became of all that was written to standard output.
final class OutputFate: Sendable {
    /// That of this process's own.
    static let process = OutputFate()

    private let lost = Mutex(false)

    var isLost: Bool { lost.withLock { $0 } }

    /// Something could not be written.
    /// - Returns: Whether that is to be said: once, and not of a reader that went away, as in `| head`.
    func lose(to cause: Errno) -> Bool {
        guard cause != .brokenPipe else { return false }
        return lost.withLock { isLost in
            defer { isLost = true }
            return !isLost
        }
    }
}

extension DeviceKitError {
    static func outputLost(to cause: Errno) -> DeviceKitError {
        DeviceKitError(
            "output_not_written", .failed, "what is to be shown cannot be written to standard output: \(words(cause))",
            next:
                "mend that, or write elsewhere, and look again; what was sent or answered stands: see \"nightbell sent\" "
                + "and \"nightbell inbox\" before you repeat it")
    }

    private static func words(_ cause: Errno) -> String {
        switch cause {
        case .noSpace, .diskQuotaExceeded: "the disk is full"
        case .badFileDescriptor: "it is closed"
        case .fileTooLarge: "the file may not grow any more"
        default: "error \(cause.rawValue) of the system"
        }
    }
}
