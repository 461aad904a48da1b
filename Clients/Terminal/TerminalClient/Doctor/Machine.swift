import DeviceKit
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the operating system says of this machine and of this process. Only reads.
struct Machine {
    let environment: [String: String]

    // MARK: Memory

    /// The soft limit of a line of `/proc/self/limits`; `nil` for no limit, and where there is no such file.
    private func limit(_ name: String) -> UInt64? {
        guard let text = text("/proc/self/limits"),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) })
        else { return nil }
        return line.dropFirst(name.count).split(separator: " ").first.flatMap { UInt64($0) }
    }

    var memory: MemoryCheck {
        MemoryCheck(
            lockLimit: limit("Max locked memory"),
            mayDumpCore: text("/proc/self/limits") != nil && limit("Max core file size") != 0 && isDumpable)
    }

    /// A process that is not dumpable has files in `/proc` that are not its own.
    private var isDumpable: Bool {
        var status = stat()
        guard unsafe stat("/proc/self/mem", &status) == 0, geteuid() != 0 else { return true }
        return status.st_uid == geteuid()
    }

    var swap: SwapCheck {
        guard let text = text("/proc/swaps") else { return SwapCheck(places: nil) }
        return SwapCheck(
            places: text.split(separator: "\n").dropFirst().compactMap { line in
                guard let path = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).first.map(String.init) else {
                    return nil
                }
                return SwapCheck.Place(path: path, kind: swapKind(path))
            })
    }

    private func swapKind(_ path: String) -> SwapCheck.Place.Kind {
        let device = URL(fileURLWithPath: path).resolvingSymlinksInPath().lastPathComponent
        if device.hasPrefix("zram") { return .inMemory }
        // The device mapper says which of its devices are encrypted.
        return text("/sys/block/\(device)/dm/uuid")?.hasPrefix("CRYPT-") ?? false ? .encrypted : .plain
    }

    // MARK: Disk

    /// Free space where a folder lies, or would lie.
    func disk(of directory: String) -> DiskCheck {
        var path = URL(fileURLWithPath: directory)
        while !FileManager.default.fileExists(atPath: path.path), path.path != "/" { path.deleteLastPathComponent() }
        var status = statvfs()
        guard unsafe statvfs(path.path, &status) == 0 else { return DiskCheck(free: nil) }
        return DiskCheck(free: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    // MARK: Notifications

    func notifications(_ receiver: Receiver) -> NotificationsCheck {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        if terminal >= 0 { close(terminal) }
        return NotificationsCheck(
            bus: busPath.map(Self.takesConnections), hasTerminal: terminal >= 0, receiver: receiver)
    }

    /// Where the session's bus listens, as its address or the custom of systemd says.
    private var busPath: String? {
        if let address = environment["DBUS_SESSION_BUS_ADDRESS"] {
            for part in address.split(whereSeparator: { $0 == ";" || $0 == "," || $0 == ":" })
            where part.hasPrefix("path=") {
                return String(part.dropFirst("path=".count))
            }
        }
        let path = "/run/user/\(getuid())/bus"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    private static func takesConnections(_ path: String) -> Bool {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    // MARK: Processes of the profile

    /// Who stays connected for a profile.
    func receiver(of directory: String) -> Receiver {
        let path = directory + "/receiving"
        guard Self.isHeld(path) else { return .none }
        var status = stat()
        guard unsafe lstat(path, &status) == 0, let locks = text("/proc/locks"),
            let pid = Receiver.holder(ofFile: UInt64(status.st_ino), in: locks), let line = text("/proc/\(pid)/stat")
        else { return .unknown }
        let words = text("/proc/\(pid)/cmdline")?.split(separator: "\0").map(String.init) ?? []
        return Receiver(status: line, words: words)
    }

    /// The `watch` or `ui` of ours that waits for a profile which is locked.
    func waitsLocked(_ directory: String, isStandard: Bool) -> Receiver {
        for process in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard Int32(process) != nil, let status = text("/proc/\(process)/status"),
                // Who owns its files there says nothing of a process that shields its memory.
                let user = status.split(separator: "\n").first(where: { $0.hasPrefix("Uid:") }),
                user.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst(2).first == "\(geteuid())",
                case let words = text("/proc/\(process)/cmdline")?.split(separator: "\0").map(String.init) ?? [],
                Receiver.stays(words, for: directory, isStandard: isStandard)
            else { continue }
            return text("/proc/\(process)/stat").map { Receiver(status: $0, words: words) } ?? .unknown
        }
        return .none
    }

    /// Whether some process holds the lock on a file.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
        flock(descriptor, LOCK_UN)
        return false
    }

    /// Permission bits; `nil` when there is no such file.
    static func mode(_ path: String) -> UInt32? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? UInt32(status.st_mode & 0o777) : nil
    }

    private func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
