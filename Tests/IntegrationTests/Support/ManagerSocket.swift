import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A service manager's socket, as systemd has one for each service (sd_notify(3)).
final class ManagerSocket: Sendable {
    let path: String
    private let lines = Mutex<[String]>([])
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    init(in folder: String) throws {
        path = folder + "/notify"
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < 108 else { throw PreparationFailed("the path of the socket is too long") }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
        }
        guard bound == 0 else { throw PreparationFailed("the service manager's socket cannot be made") }
        Thread.detachNewThread { [self] in
            var bytes = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = unsafe bytes.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
                guard count > 0 else { return }
                let text = String(decoding: bytes[..<count], as: UTF8.self)
                // READY=1 and its status come in one datagram.
                lines.withLock { $0 += text.hasPrefix("READY=1") ? ["READY=1", text] : [text] }
                arrival.yield()
            }
        }
    }

    var heard: [String] { lines.withLock { $0 } }

    func wait(seconds: Double = Programs.patienceSeconds, until condition: ([String]) -> Bool) async throws {
        let late = Mutex(false)
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [arrival] in
            late.withLock { $0 = true }
            arrival.yield()
        }
        var signals = arrivals.makeAsyncIterator()
        while !condition(heard) {
            guard !late.withLock({ $0 }) else { throw PreparationFailed("the service manager heard \(heard)") }
            await signals.next()
        }
    }
}
