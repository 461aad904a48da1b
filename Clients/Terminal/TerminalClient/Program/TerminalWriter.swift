import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes to the terminal without waiting for it for long: one that takes nothing (Ctrl-S, a link that died) must not hold up
/// whoever rings, locks or looks after a worker.
enum TerminalWriter {
    /// 10 s: on a busy machine a terminal may be slow, and what leaves a screen must not be lost. One that took nothing for as
    /// long is not waited for again until it takes something.
    private static let patience: Int64 = 10_000

    /// An opening of our own of the terminal that a descriptor leads to: not to wait is a property of an opening, and the
    /// one that we were given is shared with the shell and others.
    private struct Opening {
        let terminal: Int32
        let descriptor: Int32
        var isStalled = false
    }

    private static let openings = Mutex<[Opening]>([])

    /// - Parameter atOnce: Gives up at once, as for a bell.
    static func put(_ bytes: [UInt8], to terminal: Int32, atOnce: Bool = false) {
        let opening = opening(of: terminal)
        let end = ContinuousClock.now + .milliseconds(atOnce || opening.isStalled ? 0 : patience)
        let isWhole =
            opening.descriptor >= 0
            ? put(bytes, opening.descriptor, until: end) : putShared(bytes, terminal, until: end)
        guard !atOnce, isWhole == opening.isStalled else { return }
        openings.withLock { openings in
            if let place = openings.firstIndex(where: { $0.terminal == terminal }) {
                openings[place].isStalled = !isWhole
            }
        }
    }

    private static func opening(of terminal: Int32) -> Opening {
        openings.withLock { openings in
            if let known = openings.first(where: { $0.terminal == terminal }) { return known }
            let made = Opening(terminal: terminal, descriptor: open(terminal))
            openings.append(made)
            return made
        }
    }

    /// - Returns: Whether all of it was taken.
    private static func put(_ bytes: [UInt8], _ descriptor: Int32, until end: ContinuousClock.Instant) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress!, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
                continue
            }
            guard written < 0, [EAGAIN, EINTR].contains(errno), isReady(descriptor, until: end) else { return false }
        }
        return true
    }

    /// Where the terminal is another user's, and cannot be opened anew: a few bytes at a time, when there is room.
    private static func putShared(
        _ bytes: [UInt8], _ terminal: Int32, until end: ContinuousClock.Instant
    ) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard isReady(terminal, until: end) else { return false }
            let part = rest.prefix(64)
            let written = unsafe part.withUnsafeBytes { unsafe write(terminal, $0.baseAddress!, $0.count) }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }

    private static func isReady(_ descriptor: Int32, until end: ContinuousClock.Instant) -> Bool {
        let left = max(.zero, end - .now).components
        var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let milliseconds = Int32(left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000)
        return unsafe poll(&polled, 1, milliseconds) == 1 && polled.revents & Int16(POLLOUT) != 0
    }

    private static func open(_ terminal: Int32) -> Int32 {
        guard let path = unsafe ttyname(terminal) else { return -1 }
        #if canImport(Glibc)
            return unsafe Glibc.open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        #elseif canImport(Musl)
            return unsafe Musl.open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        #elseif canImport(Darwin)
            return unsafe Darwin.open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        #endif
    }
}
