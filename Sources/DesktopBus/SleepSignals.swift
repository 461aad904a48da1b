import CSystemd

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Hears from logind that the machine is about to sleep, and holds the sleep up until everything is locked.
///
/// A delay lock of logind lasts five seconds at the most unless configured otherwise: locking takes one.
public final class SleepSignals {
    private static let service = "org.freedesktop.login1"
    private static let object = "/org/freedesktop/login1"
    private static let manager = "org.freedesktop.login1.Manager"

    // Owned by nobody else, so that the subscription ends with this object.
    private let connection: BusConnection
    private let hear: (_ isAboutToSleep: Bool) -> Void
    private var delay: Int32 = -1

    /// - Parameter hear: Called from ``process()``: before sleep with `true`, after it with `false`.
    /// - Returns: `nil` when there is no system bus, or it does not take the subscription.
    public init?(_ hear: @escaping (_ isAboutToSleep: Bool) -> Void) {
        guard let connection = BusConnection(.system) else { return nil }
        self.connection = connection
        self.hear = hear
        let isHeard = unsafe connection.match(
            sender: Self.service, path: Self.object, interface: Self.manager, member: "PrepareForSleep",
            listener: self,
            { message, listener, _ in
                var isAboutToSleep: Int32 = 0
                guard let listener = unsafe listener,
                    unsafe sd_bus_message_read_basic(message, CChar(98), &isAboutToSleep) >= 0
                else { return 0 }
                let signals = unsafe Unmanaged<SleepSignals>.fromOpaque(listener).takeUnretainedValue()
                if isAboutToSleep == 0 { signals.holdSleepUp() }
                signals.hear(isAboutToSleep != 0)
                return 0
            })
        guard isHeard else { return nil }
        holdSleepUp()
    }

    deinit { letSleep() }

    /// Whether logind granted the delay: without it locking may finish only after the machine woke up.
    public var holdsSleepUp: Bool { delay >= 0 }

    /// What to poll, for what, and what to do then. `false`: the bus is gone.
    public var descriptor: Int32 { connection.descriptor }
    public var events: Int16 { connection.events }
    public func process() -> Bool { connection.process() }

    /// Everything is locked: the machine may sleep.
    public func letSleep() {
        guard delay >= 0 else { return }
        close(delay)
        delay = -1
    }

    /// Holds the next sleep up from now on, if it is not held up already.
    public func holdSleepUp() {
        guard delay < 0 else { return }
        let granted = unsafe connection.call(
            destination: Self.service, path: Self.object, interface: Self.manager, member: "Inhibit",
            strings: ["sleep", "Nightbell", "locks its keys before the machine sleeps", "delay"]
        ) { reply -> Int32? in
            var descriptor: Int32 = -1
            guard unsafe sd_bus_message_read_basic(reply, CChar(104), &descriptor) >= 0 else { return nil }
            // The reply's own descriptor ends with the reply.
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            return copy >= 0 ? copy : nil
        }
        delay = granted ?? -1
    }
}
