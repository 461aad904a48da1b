import Dispatch
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Wakes whoever follows a profile: when a process has made a durable step in it, when the receiving process says how the
/// link is or ends, and every second anyway, so that a signal that was lost costs a second.
///
/// The kernel tells of the folder's files (inotify). Twice woken before looking is woken once.
public final class ProfileChanges {
    /// Yields whenever there may be something to look at.
    public let signals: AsyncStream<Void>
    private let descriptor: Int32
    private let sources: [any DispatchSourceProtocol]

    /// - Parameter directory: The profile's folder.
    /// - Parameter milliseconds: How long it is until the next signal that comes anyway.
    /// - Throws: ``DeviceKitError`` when the kernel has no more watches to give.
    public init(_ directory: String, pauseMilliseconds milliseconds: Int = 1_000) throws(DeviceKitError) {
        let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        let mask = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MODIFY) | UInt32(IN_MOVED_TO)
        guard descriptor >= 0, unsafe inotify_add_watch(descriptor, directory, mask) >= 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw DeviceKitError(
                "watches_exhausted", .tryAgain, "the system does not let the folder \"\(directory)\" be followed",
                next: "close other programs, or raise fs.inotify.max_user_instances")
        }
        let queue = DispatchQueue(label: "nightbell.profile-changes")
        let changes = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        let file = FileDescriptor(rawValue: descriptor)
        changes.setEventHandler { if Self.takeNews(from: file) { signal.yield() } }
        let pause = DispatchTimeInterval.milliseconds(milliseconds)
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now() + pause, repeating: pause, leeway: .milliseconds(50))
        timer.setEventHandler { signal.yield() }
        changes.setCancelHandler {
            // Nothing can be done about a failure to close.
            try? file.close()
            signal.finish()
        }
        sources = [changes, timer]
        changes.resume()
        timer.resume()
        signal.yield()
    }

    deinit { sources.forEach { $0.cancel() } }

    /// Empties the kernel's list.
    /// - Returns: Whether one of the files that tell something changed: each step closes `lock`, each word on the link
    ///   changes `receiving`, and the end of the process that receives closes it.
    private static func takeNews(from file: FileDescriptor) -> Bool {
        var isNews = false
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 8)
        defer { unsafe buffer.deallocate() }
        while let count = unsafe try? file.read(into: buffer), count > 0 {
            if unsafe names(in: UnsafeRawBufferPointer(rebasing: buffer[..<count])) { isNews = true }
        }
        return isNews
    }

    /// Whether events of the kernel's form (inotify(7): four 32-bit numbers, the last the length of a name that follows,
    /// filled up with zeros) name a file that tells something.
    private static func names(in events: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place + 16 <= events.count {
            let length = unsafe Int(events.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
            // No name: the kernel's list ran over, or the folder went.
            guard length > 0, place + 16 + length <= events.count else { return true }
            let name = unsafe events[place + 16..<place + 16 + length].prefix { $0 != 0 }
            if unsafe name.elementsEqual("lock".utf8) || name.elementsEqual("receiving".utf8) { return true }
            place += 16 + length
        }
        return false
    }
}
