import CLinux
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Unix sockets by folder and name, however long the folder's path is.
///
/// The kernel takes 107 bytes of path. A longer one is reached from a thread that alone works in that folder.
public enum UnixSocket {
    /// 107.
    private static let longestPath = 107

    /// Listens on a new socket of mode 0600.
    /// - Returns: `nil` when it cannot be had, `errno` saying why.
    public static func listen(in folder: String, name: String) -> Int32? {
        reach(folder, name) { path in
            let descriptor = make()
            guard descriptor >= 0 else { return nil }
            guard unsafe withAddress(path, { unsafe bind(descriptor, $0, $1) }) == 0, unsafe chmod(path, 0o600) == 0,
                Glibc.listen(descriptor, 32) == 0
            else {
                close(descriptor)
                return nil
            }
            return descriptor
        }
    }

    /// Connects.
    /// - Parameter patienceSeconds: How long to wait for a listener that takes nobody, and later for each answer.
    /// - Returns: `nil` when nobody listens there, or takes the connection in time: then `errno` is `EAGAIN`.
    public static func connect(in folder: String, name: String, patienceSeconds: Int) -> Int32? {
        reach(folder, name) { path in
            let descriptor = make()
            guard descriptor >= 0 else { return nil }
            setPatience(of: descriptor, seconds: patienceSeconds)
            guard unsafe withAddress(path, { unsafe Glibc.connect(descriptor, $0, $1) }) == 0 else {
                let error = errno
                close(descriptor)
                errno = error
                return nil
            }
            return descriptor
        }
    }

    /// Two ends that are connected.
    public static func pair() -> (Int32, Int32)? {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 ? (ends[0], ends[1]) : nil
    }

    /// Gives up reading or writing after a while.
    public static func setPatience(of descriptor: Int32, seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    private static func make() -> Int32 {
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func reach(_ folder: String, _ name: String, _ body: @escaping @Sendable (String) -> Int32?)
        -> Int32?
    {
        let path = folder + "/" + name
        guard path.utf8.count > longestPath else { return body(path) }
        let result = Mutex<(descriptor: Int32?, error: Int32)>((nil, 0))
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            // Its own, so that the rest of the process stays where it is.
            let isThere = unsafe nb_own_working_directory() == 0 && chdir(folder) == 0
            let descriptor = isThere ? body(name) : nil
            let error = errno
            result.withLock { $0 = (descriptor, error) }
            done.signal()
        }
        done.wait()
        let (descriptor, error) = result.withLock { $0 }
        errno = error
        return descriptor
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= longestPath else { return -1 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, size) }
        }
    }
}
