#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Tells systemd how a service is (sd_notify(3)): a datagram to the socket that it named in `NOTIFY_SOCKET`.
///
/// Nothing is told where there is no such socket, and nothing waits for the one who reads it.
struct ServiceManager {
    private let address: [UInt8]?

    /// - Parameter environment: `NOTIFY_SOCKET` is a path, or `@` and a name in the abstract namespace.
    init(environment: [String: String]) {
        let socket = Array((environment["NOTIFY_SOCKET"] ?? "").utf8)
        let isUsable =
            [UInt8(ascii: "/"), UInt8(ascii: "@")].contains(socket.first) && (2...107).contains(socket.count)
        address = isUsable ? socket : nil
    }

    /// Whether a service manager listens.
    var isThere: Bool { address != nil }

    /// - Parameter status: One sentence; no word of it comes from a message.
    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
    func status(_ status: String) { send("STATUS=\(status)") }
    /// The service does what it is there for: its watchdog waits anew.
    func alive(_ status: String) { send("WATCHDOG=1\nSTATUS=\(status)") }
    func stopping() { send("STOPPING=1") }

    private func send(_ text: String) {
        guard let address else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &target.sun_path) { path in
            unsafe path.copyBytes(from: address)
            if address[0] == UInt8(ascii: "@") { unsafe path[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + address.count)
        let bytes = Array(text.utf8)
        unsafe withUnsafePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                unsafe bytes.withUnsafeBytes { bytes in
                    // A manager that is gone, or does not read, is no reason to stop.
                    unsafe _ = sendto(
                        descriptor, bytes.baseAddress, bytes.count,
                        Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT),
                        target, length)
                }
            }
        }
    }
}
