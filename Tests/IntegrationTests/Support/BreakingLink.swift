import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A TCP link between clients and a relay on loopback that breaks, or stands still, where a test says.
///
/// It passes bytes on unread: TLS goes through it. Places are counted in bytes that clients sent, or were sent, through all
/// connections together.
final class BreakingLink: Sendable {
    enum Direction: Sendable { case up, down }

    enum Trouble: Sendable {
        /// Every open connection is reset. New ones are taken.
        case cut
        /// Nothing passes until ``release()``.
        case hold
    }

    struct Place: Sendable {
        let direction: Direction
        let bytes: Int
        let trouble: Trouble
    }

    struct State {
        var up = 0
        var down = 0
        var cuts = 0
        var isHeld = false
        fileprivate var places: [Place] = []
        fileprivate var sockets: Set<Int32> = []
        fileprivate var watchers: [CheckedContinuation<Void, Never>] = []
        fileprivate var isClosed = false
    }

    private let state = Mutex(State())
    private let listener: Int32
    private let target: Int
    private let released = DispatchSemaphore(value: 0)

    /// Listens on a port, and connects to another for each connection.
    init(port: Int, target: Int) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        unsafe setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard Self.isBound(listener, to: port), listen(listener, 64) == 0 else {
            throw PreparationFailed("no link on port \(port)")
        }
        Thread.detachNewThread { [self] in takeConnections() }
    }

    var now: State { state.withLock { $0 } }

    /// From now on, at these places, counted from here.
    func breaks(at places: [Place]) {
        state.withLock { state in
            state.up = 0
            state.down = 0
            state.cuts = 0
            state.places = places
        }
    }

    /// Waits until nothing passes any more.
    func held() async { await wait { $0.isHeld } }

    /// Lets everything pass again.
    func release() {
        change { $0.isHeld = false }
        released.signal()
    }

    func end() {
        // Closed by the thread that accepts: a number that is closed here could be another file's while it is still waited at.
        _ = shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            state.isClosed = true
            for socket in state.sockets { Self.reset(socket) }
        }
    }

    private func wait(_ condition: @Sendable (State) -> Bool) async {
        while !state.withLock({ condition($0) }) {
            await withCheckedContinuation { continuation in
                let isTrue = state.withLock { state in
                    if condition(state) { return true }
                    state.watchers.append(continuation)
                    return false
                }
                if isTrue { continuation.resume() }
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let watchers = state.withLock { state in
            body(&state)
            defer { state.watchers = [] }
            return state.watchers
        }
        for watcher in watchers { watcher.resume() }
    }

    // MARK: Threads

    private func takeConnections() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else {
                if errno == EINTR { continue }
                _ = close(listener)
                return
            }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard Self.isConnected(server, to: target) else {
                // The relay is away: so is the link.
                Self.reset(client)
                _ = close(client)
                _ = close(server)
                continue
            }
            change { state in
                state.sockets.formUnion([client, server])
                // It came while the link ended.
                if state.isClosed { for socket in [client, server] { Self.reset(socket) } }
            }
            let pair = Pair(client: client, server: server)
            Thread.detachNewThread { [self] in pump(.up, pair) }
            Thread.detachNewThread { [self] in pump(.down, pair) }
        }
    }

    /// Two sockets that are closed when both directions are over.
    private final class Pair: Sendable {
        let client: Int32
        let server: Int32
        let over = Mutex(0)

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }
    }

    private func pump(_ direction: Direction, _ pair: Pair) {
        let (from, to) = direction == .up ? (pair.client, pair.server) : (pair.server, pair.client)
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(from, $0.baseAddress!, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            guard Self.isForwarded(buffer[..<count], to: to) else { break }
            passed(count, direction)
        }
        _ = shutdown(from, Int32(SHUT_RDWR))
        _ = shutdown(to, Int32(SHUT_RDWR))
        let isLast = pair.over.withLock { over in
            over += 1
            return over == 2
        }
        guard isLast else { return }
        change { $0.sockets.subtract([pair.client, pair.server]) }
        _ = close(pair.client)
        _ = close(pair.server)
    }

    private func passed(_ count: Int, _ direction: Direction) {
        var trouble: Trouble?
        change { state in
            if direction == .up { state.up += count } else { state.down += count }
            let reached = direction == .up ? state.up : state.down
            if let place = state.places.firstIndex(where: { $0.direction == direction && $0.bytes <= reached }) {
                trouble = state.places.remove(at: place).trouble
                if trouble == .cut {
                    state.cuts += 1
                    // Under the lock: whoever closes one takes it out before, and its number may be another file's then.
                    for socket in state.sockets { Self.reset(socket) }
                } else {
                    state.isHeld = true
                }
            }
        }
        if trouble == .hold { released.wait() }
    }

    /// Ends a connection as a broken link does: with nothing, and a reset for whoever goes on.
    private static func reset(_ socket: Int32) {
        var nothingMore = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &nothingMore, socklen_t(MemoryLayout<linger>.size))
        _ = shutdown(socket, Int32(SHUT_RDWR))
    }

    private static func isForwarded(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var sent = 0
        return unsafe bytes.withUnsafeBytes { buffer in
            while sent < buffer.count {
                let count = unsafe send(
                    socket, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    private static func isBound(_ socket: Int32, to port: Int) -> Bool {
        var address = loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(socket, address, size) == 0
            }
        }
    }

    private static func isConnected(_ socket: Int32, to port: Int) -> Bool {
        var address = loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(socket, address, size) == 0
            }
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        return address
    }
}
