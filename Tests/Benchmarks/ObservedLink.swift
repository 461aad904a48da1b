import Foundation
import Synchronization

/// Passes bytes on between clients and a relay, unread, and notes when some came for a client: TLS goes through it.
final class ObservedLink: Sendable {
    private struct Arrival {
        let connection: Int
        let at: ContinuousClock.Instant
        let byteCount: Int
    }

    private struct State {
        var connections = 0
        var sockets: [Int32] = []
        var arrivals: [Arrival] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let listener: Int32
    private let target: Int

    /// Listens on a port of loopback, and connects to another for each connection.
    init(port: Int, target: Int) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Loopback.address(port)
        let isBound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(listener, 64) == 0 else { throw BenchFailure.noLink }
        Thread.detachNewThread { [self] in takeConnections() }
    }

    /// How many connections were made until now.
    var connections: Int { state.withLock { $0.connections } }

    /// When the first bytes came for a client since a moment, over one of the first so many connections.
    /// - Parameter atLeast: Fewer bytes at once are no news but a sign of life.
    func firstArrival(
        since moment: ContinuousClock.Instant, connections: Int, atLeast: Int
    ) -> ContinuousClock.Instant? {
        state.withLock { state in
            state.arrivals.first {
                $0.at >= moment && $0.connection < connections && $0.byteCount >= atLeast
            }?.at
        }
    }

    /// How long nothing has come for any client.
    var quiet: Duration { state.withLock { $0.arrivals.last.map { ContinuousClock.now - $0.at } ?? .seconds(1) } }

    func end() {
        let sockets = state.withLock { state in
            state.isClosed = true
            return state.sockets
        }
        for socket in [listener] + sockets { _ = shutdown(socket, Int32(SHUT_RDWR)) }
    }

    // MARK: Threads

    private func takeConnections() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = Loopback.connected(to: target)
            let number = state.withLock { state -> Int? in
                guard server >= 0, !state.isClosed else { return nil }
                state.sockets += [client, server]
                state.connections += 1
                return state.connections - 1
            }
            guard let number else {
                close(client)
                if server >= 0 { close(server) }
                continue
            }
            Thread.detachNewThread { [self] in pass(from: client, to: server, connection: nil) }
            Thread.detachNewThread { [self] in pass(from: server, to: client, connection: number) }
        }
    }

    /// - Parameter connection: Whose arrivals are noted. Its sockets stay open until the run ends, so that no number is
    ///   another connection's.
    private func pass(from source: Int32, to sink: Int32, connection: Int?) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(source, $0.baseAddress!, $0.count) }
            guard count > 0 else { break }
            if let connection {
                let arrival = Arrival(connection: connection, at: .now, byteCount: count)
                state.withLock { $0.arrivals.append(arrival) }
            }
            guard Self.writeAll(buffer[..<count], to: sink) else { break }
        }
        _ = shutdown(sink, Int32(SHUT_WR))
    }

    private static func writeAll(_ bytes: ArraySlice<UInt8>, to sink: Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = unsafe send(
                    sink, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }
}

/// Sockets of this machine alone.
enum Loopback {
    static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        return address
    }

    /// - Returns: A socket, or a negative number when nobody listens there.
    static func connected(to port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(port)
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isConnected { return descriptor }
        close(descriptor)
        return -1
    }
}
