import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Sees by its clocks that the machine has slept, or that its clock was set.
///
/// The kernel has a clock that stands still while the machine sleeps, and one that goes on: their difference grows by sleep
/// alone. The clock on the wall runs beside the one that goes on, unless somebody sets it.
struct WakeDetector {
    /// The machine's clocks, in milliseconds.
    struct Reading: Sendable {
        /// Stands still while the machine sleeps.
        var awake: Int64
        /// Goes on, and is set by nobody.
        var since: Int64
        /// What the machine takes for the time of day.
        var wall: Int64

        static var now: Reading {
            #if os(Linux)
                let goesOn = CLOCK_BOOTTIME
            #else
                let goesOn = CLOCK_MONOTONIC_RAW
            #endif
            return Reading(
                awake: milliseconds(CLOCK_MONOTONIC), since: milliseconds(goesOn), wall: milliseconds(CLOCK_REALTIME))
        }

        private static func milliseconds(_ clock: clockid_t) -> Int64 {
            var time = timespec()
            unsafe clock_gettime(clock, &time)
            return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        }
    }

    /// 2 s: a shorter sleep leaves no connection dead that would not be found dead anyway.
    private static let sleepMilliseconds: Int64 = 2_000
    /// 10 s: smaller steps are the work of time synchronisation.
    private static let jumpMilliseconds: Int64 = 10_000

    private var last: Reading

    init(_ now: Reading) { last = now }

    /// Whether since the last look the machine slept, or its clock was set.
    mutating func hasWoken(_ now: Reading) -> Bool {
        defer { last = now }
        let slept = (now.since - now.awake) - (last.since - last.awake)
        let jumped = (now.wall - now.since) - (last.wall - last.since)
        return slept >= Self.sleepMilliseconds || abs(jumped) >= Self.jumpMilliseconds
    }
}

/// That the machine has woken, or that something waits at the relay, told from the task that knows it to the one that waits.
final class Wakes: Sendable {
    private static let sliceMilliseconds: Int64 = 500

    private let isNoted = Mutex(false)

    /// Looks every second, until the task is cancelled.
    /// - Parameter onWake: What is to be done at once.
    func watch(_ read: @Sendable () -> WakeDetector.Reading, onWake: @Sendable () async -> Void) async {
        var detector = WakeDetector(read())
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            guard detector.hasWoken(read()) else { continue }
            note()
            await onWake()
        }
    }

    /// Waits, unless the machine has woken or wakes meanwhile: then what was waited for is tried at once.
    /// - Parameter meanwhile: What is done every half second until then.
    func pause(milliseconds: Int64, meanwhile: () throws -> Void = {}) async throws {
        var left = milliseconds
        while left > 0, !take() {
            try await Task.sleep(for: .milliseconds(min(left, Self.sliceMilliseconds)))
            left -= Self.sliceMilliseconds
            try meanwhile()
        }
    }

    /// What is waited for is tried at once.
    func note() { isNoted.withLock { $0 = true } }

    private func take() -> Bool {
        isNoted.withLock { isNoted in
            defer { isNoted = false }
            return isNoted
        }
    }
}
