import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Starts this very program once more, as another process.
public enum ChildProgram {
    /// The first descriptor that is handed over, and so on.
    public static let firstHandedOver: Int32 = 3

    /// - Parameters:
    ///   - arguments: Without the program's name. Never a secret.
    ///   - handingOver: Descriptors that the child has as 3, 4 and so on. It gets no other but the standard ones.
    ///   - apart: In a session of its own, without terminal, with `/dev/null` as its standard descriptors.
    /// - Returns: The child's id, or `nil` when it could not be started.
    public static func start(_ arguments: [String], handingOver: [Int32] = [], apart: Bool) -> Int32? {
        var plan = SpawnPlan()
        if apart { plan.detachStandardDescriptors() }
        // Copies first, far above: a descriptor must not be written over before it was handed over.
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        for descriptor in handingOver {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 64)
            guard copy >= 0 else { return nil }
            copies.append(copy)
        }
        for (index, copy) in copies.enumerated() {
            plan.handOver(copy, as: firstHandedOver + Int32(index))
        }
        return try? plan.start(
            ownPath, [ownPath] + arguments, closingFrom: firstHandedOver + Int32(handingOver.count),
            flags: apart ? nb_spawn_new_session() : 0)
    }

    /// Where this program lies; the kernel's own name for it when it was replaced meanwhile.
    private static var ownPath: String {
        let kernels = "/proc/self/exe"
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe readlink(kernels, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard count > 0, count < bytes.count else { return kernels }
        let path = String(decoding: bytes[..<count], as: UTF8.self)
        var here = stat()
        var there = stat()
        guard unsafe stat(kernels, &here) == 0, unsafe stat(path, &there) == 0, here.st_ino == there.st_ino,
            here.st_dev == there.st_dev
        else { return kernels }
        return path
    }

    /// Waits until a child has stopped, or has ended: looks every 5 ms.
    /// - Returns: Whether it has.
    @discardableResult
    public static func waitUntilStopped(_ pid: Int32, atMost patience: Duration) -> Bool {
        let deadline = ContinuousClock.now + patience
        repeat {
            var told = unsafe siginfo_t()
            let flags = WSTOPPED | WEXITED | WNOHANG | WNOWAIT
            guard unsafe waitid(P_PID, id_t(pid), &told, flags) == 0 && told.si_signo == 0 else { return true }
            usleep(5_000)
        } while ContinuousClock.now < deadline
        return false
    }

    /// Waits for a child.
    /// - Returns: Its exit status; 128 + the signal's number when a signal ended it.
    public static func end(of pid: Int32) -> Int32 {
        switch ProcessEnd(waitingFor: pid) {
        case .code(let code): code
        case .signal(let signal): 128 + signal
        case .lost: 128
        }
    }
}
