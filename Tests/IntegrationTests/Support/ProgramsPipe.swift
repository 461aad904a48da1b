#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes to pipes whose readers may be gone: they end when they have read enough.
enum PipeWriter {
    /// Writes everything, or as much as is read.
    ///
    /// A write to a pipe without a reader raises SIGPIPE at the writing thread, which would end the test process. It is
    /// held back at this thread alone, and taken away before the thread goes on.
    /// - Returns: Whether everything was written.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        #if canImport(Darwin)
            _ = fcntl(descriptor, F_SETNOSIGPIPE, 1)
            return writeAll(bytes, to: descriptor)
        #else
            var pipeSignal = sigset_t()
            var before = sigset_t()
            unsafe sigemptyset(&pipeSignal)
            unsafe sigaddset(&pipeSignal, SIGPIPE)
            unsafe pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
            let isWritten = writeAll(bytes, to: descriptor)
            // Nothing waits where a library of the test process has ignored the signal.
            var waiting = sigset_t()
            unsafe sigpending(&waiting)
            if !isWritten, unsafe sigismember(&waiting, SIGPIPE) == 1 {
                var taken: Int32 = 0
                unsafe sigwait(&pipeSignal, &taken)
            }
            unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
            return isWritten
        #endif
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe systemWrite(descriptor, $0.baseAddress!, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EINTR {
                continue
            } else {
                return false
            }
        }
        return true
    }

    /// `write(2)`, whose name is taken here.
    private static let systemWrite: @Sendable (Int32, UnsafeRawPointer, Int) -> Int = { descriptor, bytes, count in
        #if canImport(Darwin)
            unsafe Darwin.write(descriptor, bytes, count)
        #else
            unsafe Glibc.write(descriptor, bytes, count)
        #endif
    }
}
