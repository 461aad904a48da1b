#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the kernel tells anybody about a process of this user (proc(5), `/proc/PID/stat`).
struct ProcessStat {
    /// `T` for one that is stopped.
    let state: UInt8?
    let parent: Int32?
    /// The process group in the foreground of its terminal; 0 for one out of sight.
    let foreground: Int32?

    /// - Returns: `nil` when there is no such process, or it is out of sight.
    init?(of pid: Int32) {
        let file = unsafe open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = unsafe read(file, &bytes, bytes.count)
        // The name, in parentheses, may hold anything. Behind it: state, parent, group, session, terminal, foreground.
        guard count > 0, let name = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(name + 1)..<count].split(separator: UInt8(ascii: " "))
        state = fields.first?.first
        parent = fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
        foreground = fields.count > 5 ? Int32(String(decoding: fields[5], as: UTF8.self)) : nil
    }
}
