import CSystemd
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A system bus of our own, with somebody on it who says when the machine sleeps.
@safe
final class FakeLogind: @unchecked Sendable {
    /// `DBUS_SYSTEM_BUS_ADDRESS`.
    let address: String
    private let daemon: ChildProcess
    private let state = Mutex(State())

    private struct State {
        var isStopped = false
        var toSay: [Bool] = []
        /// Our ends of what was handed out to hold sleep up.
        var delays: [Int32] = []
    }

    static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/dbus-daemon")

    init(in folder: String) async throws {
        let socket = folder + "/bus"
        address = "unix:path=" + socket
        let configuration = folder + "/bus.conf"
        try Data(
            """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "busconfig.dtd">
            <busconfig><type>system</type><listen>\(address)</listen><auth>EXTERNAL</auth><policy context="default">
            <allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/><allow send_type="signal"/>
            <allow send_type="method_call"/><allow send_type="method_return"/><allow send_type="error"/>
            </policy></busconfig>
            """.utf8
        ).write(to: URL(fileURLWithPath: configuration))
        daemon = try ChildProcess("/usr/bin/dbus-daemon", ["--config-file=" + configuration, "--nofork"])
        let listens = try await ProfileProcesses.wait { FileManager.default.fileExists(atPath: socket) }
        guard listens else { throw PreparationFailed("the bus does not begin") }
        let isReady = Mutex(false)
        let ready = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            run {
                isReady.withLock { $0 = true }
                ready.signal()
            }
            ready.signal()
        }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                ready.wait()
                continuation.resume()
            }
        }
        guard isReady.withLock({ $0 }) else { throw PreparationFailed("nobody may be logind on the bus") }
    }

    /// Says that the machine is about to sleep, or woke up.
    func say(isAboutToSleep: Bool) { state.withLock { $0.toSay.append(isAboutToSleep) } }

    /// How many delays were handed out and are still held.
    var heldDelays: Int {
        state.withLock { state in
            state.delays.count { end in
                var polled = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
                return unsafe poll(&polled, 1, 0) == 0
            }
        }
    }

    func stop() async throws {
        state.withLock { $0.isStopped = true }
        daemon.signal(SIGTERM)
        _ = try await daemon.outcome()
    }

    private func run(_ ready: () -> Void) {
        var made: OpaquePointer?
        guard unsafe sd_bus_new(&made) >= 0, let bus = unsafe made else { return }
        defer { unsafe sd_bus_close_unref(bus) }
        guard unsafe sd_bus_set_address(bus, address) >= 0, unsafe sd_bus_set_bus_client(bus, 1) >= 0,
            unsafe sd_bus_negotiate_fds(bus, 1) >= 0, unsafe sd_bus_start(bus) >= 0,
            unsafe sd_bus_request_name(bus, "org.freedesktop.login1", 0) >= 0
        else { return }
        ready()
        while !state.withLock({ $0.isStopped }) {
            var message: OpaquePointer?
            let count = unsafe sd_bus_process(bus, &message)
            guard count >= 0 else { return }
            if unsafe message != nil { unsafe answer(message, on: bus) }
            defer { unsafe sd_bus_message_unref(message) }
            let words = state.withLock { state in
                defer { state.toSay = [] }
                return state.toSay
            }
            for word in words { unsafe signal(word, on: bus) }
            if count == 0 { unsafe sd_bus_wait(bus, 10_000) }
        }
    }

    private func answer(_ call: OpaquePointer?, on bus: OpaquePointer) {
        guard unsafe sd_bus_message_is_method_call(call, "org.freedesktop.login1.Manager", "Inhibit") > 0 else {
            return
        }
        var ends: [Int32] = [-1, -1]
        var reply: OpaquePointer?
        guard unsafe pipe(&ends) == 0, unsafe sd_bus_message_new_method_return(call, &reply) >= 0 else { return }
        defer { unsafe sd_bus_message_unref(reply) }
        unsafe sd_bus_message_append_basic(reply, CChar(104), &ends[1])
        // Counted before it is handed out: whoever got it may be asked for at once.
        state.withLock { $0.delays.append(ends[0]) }
        unsafe sd_bus_send(bus, reply, nil)
        close(ends[1])
    }

    private func signal(_ isAboutToSleep: Bool, on bus: OpaquePointer) {
        var message: OpaquePointer?
        guard
            unsafe sd_bus_message_new_signal(
                bus, &message, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep") >= 0
        else { return }
        defer { unsafe sd_bus_message_unref(message) }
        var value: Int32 = isAboutToSleep ? 1 : 0
        unsafe sd_bus_message_append_basic(message, CChar(98), &value)
        unsafe sd_bus_send(bus, message, nil)
        unsafe sd_bus_flush(bus)
    }
}
