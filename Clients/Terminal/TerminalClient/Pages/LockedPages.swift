import Processes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Takes pages in while the profile is locked, in the process that has no key: what they are nobody can tell, and any rings
/// with the constant text.
final class LockedPages {
    /// 10 s between two rings, however many come.
    static let pause = Duration.seconds(10)

    private let source: PageSource
    private var intake: PageIntake?
    private var rang: ContinuousClock.Instant?
    /// The first end is readable when something has come.
    private let signal: (Int32, Int32)

    /// - Returns: `nil` when no files can be opened.
    init?(_ source: PageSource) {
        guard let signal = UnixSocket.pair() else { return nil }
        self.source = source
        self.signal = signal
    }

    deinit {
        intake?.stop()
        close(signal.0)
        close(signal.1)
    }

    /// To be polled; then ``take(at:)``.
    var descriptor: Int32 { signal.0 }

    /// The worker is gone: what comes is read here from now on.
    func begin() {
        guard intake == nil else { return }
        let end = signal.1
        intake = PageIntake(source.input) { news in
            guard case .frame = news else { return }
            var byte: UInt8 = 0
            _ = unsafe send(end, &byte, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        intake?.start()
    }

    /// A worker reads again. What came until now was rung for, and is opened by nobody: the relay pages again.
    func end() {
        intake?.stop()
        intake = nil
        _ = take(at: .now)
    }

    /// Something has come.
    /// - Returns: Whether to ring for it.
    func take(at now: ContinuousClock.Instant) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        guard unsafe recv(signal.0, &bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 else { return false }
        if let rang, now - rang < Self.pause { return false }
        rang = now
        return true
    }
}
