import DeviceStorage
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which process of a profile follows the relay's stream: one at a time, for the relay keeps one stream a device, and two
/// would end each other's for ever.
///
/// An exclusive `flock` on the file `receiving`, which ends with the process, however that ends, and in which the process
/// tells the others how the link is (``LinkState``). A process that was stopped keeps its `flock` and receives nothing: then
/// another one puts a new file, locked by itself, into the old one's place, and the first one, when it runs again, sees by
/// ``isOurs`` that it has to follow.
final class ReceivingLock: Sendable {
    /// How often the process says that it runs.
    static let beatSeconds: Int64 = 5

    private let descriptor: Int32
    private let state: Mutex<LinkState>

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        state = Mutex(LinkState(.connecting))
        report { _ in }
    }

    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    static func path(_ directory: String) -> String { directory + "/receiving" }

    /// Takes the lock, or gives `nil` while another process has it.
    /// - Throws: ``DeviceKitError`` when the file cannot be used.
    static func take(in directory: String) throws(DeviceKitError) -> ReceivingLock? {
        // Asked first by a look that closes nothing that was open for writing: that would be news to everybody who follows the
        // folder, this process included, and each would look again at once, for ever.
        guard !isHeld(in: directory) else { return nil }
        let path = path(directory)
        while true {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw unusable(path) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let isHeld = errno == EWOULDBLOCK
                close(descriptor)
                if isHeld || errno == EINTR { return nil }
                throw unusable(path)
            }
            // In between, another process may have put a new file there.
            if isPresent(descriptor) { return ReceivingLock(descriptor: descriptor) }
            close(descriptor)
        }
    }

    /// Takes the place of a process that holds the lock and does not run on.
    /// - Parameter link: Its last word, which has not changed for too long.
    /// - Returns: `nil` when it runs after all, or another one has taken its place.
    static func takePlace(ofStuck link: LinkState?, in directory: String) throws -> ReceivingLock? {
        let path = path(directory)
        // Two that follow do this one after the other: the second finds the first one's fresh word.
        let order = try FileLock(path: directory + "/lock")
        defer { withExtendedLifetime(order) {} }
        guard LinkState.stored(in: directory)?.beat == link?.beat else { return nil }
        let beside = path + ".new"
        unsafe unlink(beside)
        let descriptor = unsafe open(beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw unusable(path)
        }
        let lock = ReceivingLock(descriptor: descriptor)
        guard unsafe rename(beside, path) == 0 else { throw unusable(path) }
        return lock
    }

    /// Whether some process has the lock.
    static func isHeld(in directory: String) -> Bool {
        let descriptor = unsafe open(path(directory), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Whether no other process has taken this one's place.
    var isOurs: Bool { Self.isPresent(descriptor) }

    /// Tells the other processes how the link is.
    func report(_ change: (inout LinkState) -> Void) {
        state.withLock { state in
            state.beat = LinkState.now
            change(&state)
            let bytes = state.bytes
            // One write, and what is left of a longer word before cut off: a reader that comes in between finds no whole
            // word, and looks again.
            unsafe bytes.withUnsafeBytes { unsafe _ = pwrite(descriptor, $0.baseAddress!, $0.count, 0) }
            ftruncate(descriptor, off_t(bytes.count))
        }
    }

    /// Says every few seconds that this process runs, until the task is cancelled.
    func beat() async {
        while (try? await Task.sleep(for: .seconds(Self.beatSeconds))) != nil { report { _ in } }
    }

    private static func isPresent(_ descriptor: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
    }

    private static func unusable(_ path: String) -> DeviceKitError {
        DeviceKitError(
            "profile_not_writable", .failed, "the file \"\(path)\" cannot be used",
            next: "check the free space and the rights of the profile's folder")
    }
}
