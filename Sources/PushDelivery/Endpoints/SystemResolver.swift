import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// The machine's own resolver (`getaddrinfo`), on threads of its own that may wait: a name whose servers never answer keeps one of
/// them for as long as the system likes, and nobody else's.
public final class SystemResolver: HostResolver {
    /// How many names are looked up at once.
    private static let threadCount = 32

    private typealias Waiter = CheckedContinuation<[NetworkAddress], any Error>

    private struct State {
        var next: UInt64 = 0
        /// Who waits for which name: it is asked for once for all of them.
        var waiting: [String: [UInt64: Waiter]] = [:]
    }

    private let state = Mutex(State())
    private let threads = NIOThreadPool(numberOfThreads: threadCount)
    private let lookUp: @Sendable (String) throws -> [NetworkAddress]

    public convenience init() { self.init(lookUp: Self.lookUp) }

    /// - Parameter lookUp: May block.
    init(lookUp: @escaping @Sendable (String) throws -> [NetworkAddress]) {
        self.lookUp = lookUp
        threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    public func addresses(of host: String, port: Int) async throws -> [NetworkAddress] {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait(number, for: host, $0) }
        } onCancel: {
            giveUp(number, host)
        }
    }

    private func wait(_ number: UInt64, for host: String, _ continuation: Waiter) {
        let isFirst: Bool? = state.withLock { state in
            if Task.isCancelled { return nil }
            defer { state.waiting[host, default: [:]][number] = continuation }
            return state.waiting[host] == nil
        }
        guard let isFirst else { return continuation.resume(throwing: CancellationError()) }
        guard isFirst else { return }
        threads.submit { _ in
            let answer = Result { try self.lookUp(host) }
            let waiting = self.state.withLock { $0.waiting.removeValue(forKey: host) ?? [:] }
            for continuation in waiting.values { continuation.resume(with: answer) }
        }
    }

    /// The lookup goes on; who asks for the same name meanwhile waits for the same one.
    private func giveUp(_ number: UInt64, _ host: String) {
        let waiter = state.withLock { $0.waiting[host]?.removeValue(forKey: number) }
        waiter?.resume(throwing: CancellationError())
    }

    @Sendable private static func lookUp(_ host: String) throws -> [NetworkAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { throw HostCheck.Refusal.unknownHost }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [NetworkAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            let info = unsafe current.pointee
            if let address = unsafe address(info) { addresses.append(address) }
            unsafe entry = info.ai_next
        }
        return addresses
    }

    private static func address(_ info: addrinfo) -> NetworkAddress? {
        guard let socket = unsafe info.ai_addr else { return nil }
        let offset: Int
        let count: Int
        switch unsafe info.ai_family {
        case AF_INET: (offset, count) = (MemoryLayout<sockaddr_in>.offset(of: \.sin_addr)!, 4)
        case AF_INET6: (offset, count) = (MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)!, 16)
        default: return nil
        }
        let raw = unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(socket) + offset, count: count)
        return unsafe NetworkAddress(Array(raw))
    }
}
