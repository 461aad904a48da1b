import CSystemd

/// A connection to a D-Bus, for one thread that polls it.
///
/// Nothing of Nightbell is on a bus: no name, no object. What others say there is a hint, and what they are told is
/// constant text.
@safe
public final class BusConnection {
    /// Which bus.
    public enum Bus: Sendable {
        /// The machine's: logind speaks there.
        case system
        /// The user's desktop session: notifications are shown there.
        case session
    }

    /// 2 s: a bus that does not answer is a bus that is not there.
    static let callMicroseconds: UInt64 = 2_000_000

    let bus: OpaquePointer

    /// Connects.
    /// - Returns: `nil` when there is no such bus, or it does not let us in.
    public init?(_ bus: Bus) {
        var opened: OpaquePointer?
        let result =
            switch bus {
            case .system: unsafe sd_bus_open_system(&opened)
            case .session: unsafe sd_bus_open_user(&opened)
            }
        guard result >= 0, let connection = unsafe opened else { return nil }
        unsafe self.bus = connection
        unsafe sd_bus_set_method_call_timeout(connection, Self.callMicroseconds)
    }

    deinit {
        unsafe sd_bus_flush_close_unref(bus)
    }

    /// What to poll, for what (`POLLIN`, `POLLOUT`).
    public var descriptor: Int32 { unsafe sd_bus_get_fd(bus) }
    public var events: Int16 { Int16(truncatingIfNeeded: unsafe sd_bus_get_events(bus)) }

    /// Does what is there to do; signals are heard in here.
    /// - Returns: Whether the connection still stands.
    public func process() -> Bool {
        while true {
            let result = unsafe sd_bus_process(bus, nil)
            if result < 0 { return false }
            if result == 0 { return true }
        }
    }

    /// Hears a signal of one sender, as long as this connection lasts; `listener` must last as long.
    /// - Returns: Whether the bus will tell.
    func match(
        sender: String, path: String, interface: String, member: String, listener: AnyObject,
        _ handler: sd_bus_message_handler_t
    ) -> Bool {
        // Without a slot the subscription lasts as long as the connection.
        unsafe sd_bus_match_signal(
            bus, nil, sender, path, interface, member, handler, Unmanaged.passUnretained(listener).toOpaque()) >= 0
    }

    /// Calls a method with string arguments, and lends the reply.
    /// - Returns: `nil` when there was an error, or no answer in time.
    func call<Result>(
        destination: String, path: String, interface: String, member: String, strings: [String],
        _ body: (OpaquePointer) -> Result?
    ) -> Result? {
        unsafe callWithMessage(
            destination: destination, path: path, interface: interface, member: member,
            { message in
                strings.allSatisfy { text in
                    unsafe text.withCString { unsafe sd_bus_message_append_basic(message, CChar(115), $0) } >= 0
                }
            }, reply: body)
    }

    /// Calls a method whose arguments `fill` appends, and lends the reply.
    /// - Returns: `nil` when the arguments did not fit, there was an error, or no answer in time.
    func callWithMessage<Result>(
        destination: String, path: String, interface: String, member: String, _ fill: (OpaquePointer) -> Bool,
        reply body: (OpaquePointer) -> Result?
    ) -> Result? {
        var made: OpaquePointer?
        guard unsafe sd_bus_message_new_method_call(bus, &made, destination, path, interface, member) >= 0,
            let message = unsafe made
        else { return nil }
        defer { unsafe sd_bus_message_unref(message) }
        guard unsafe fill(message) else { return nil }
        var reply: OpaquePointer?
        guard unsafe sd_bus_call(bus, message, Self.callMicroseconds, nil, &reply) >= 0,
            let answer = unsafe reply
        else { return nil }
        defer { unsafe sd_bus_message_unref(answer) }
        return unsafe body(answer)
    }
}
