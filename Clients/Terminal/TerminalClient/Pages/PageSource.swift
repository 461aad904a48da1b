import DeviceKit
import Processes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where `watch --web-push` takes bodies from, whichever of its processes reads: the socket lives as long as the program, and
/// the worker is handed it.
final class PageSource: Sendable {
    private enum Place {
        case standardInput
        case socket(PageSocket)
        /// The one of this worker's supervisor.
        case handedOver
    }

    private let place: Place

    /// - Parameter given: `-` for standard input, or a socket's path.
    /// - Throws: ``DeviceKitError``.
    init(_ given: String, isWorker: Bool) throws(DeviceKitError) {
        if given == "-" {
            guard isatty(STDIN_FILENO) == 0 else {
                throw DeviceKitError(
                    "pages_from_terminal", .usage,
                    "\"--web-push -\" takes pages from standard input, and that is a terminal",
                    next:
                        "let the distributor write into it (distributor | nightbell watch --web-push -), or name a socket"
                )
            }
            place = .standardInput
        } else {
            place = isWorker ? .handedOver : .socket(try PageSocket(given))
        }
    }

    /// What a worker is handed; nothing for standard input, which it shares.
    var handedOver: [Int32] { if case .socket(let socket) = place { [socket.descriptor] } else { [] } }

    /// What is read, and whether writers connect to it.
    var input: (descriptor: Int32, isListener: Bool) {
        switch place {
        case .standardInput: (STDIN_FILENO, false)
        case .socket(let socket): (socket.descriptor, true)
        // Behind the lifeline.
        case .handedOver: (ChildProgram.firstHandedOver + 1, true)
        }
    }

    /// At the end of the program.
    func close() { if case .socket(let socket) = place { socket.remove() } }
}
