import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system says about this process, under the names that Prometheus' own libraries use.
enum ProcessMetrics {
    /// CPU time, resident memory and open files, read now. What the system does not tell is left out.
    static func write(to text: inout PrometheusText) {
        let none = PrometheusLabels([])
        // 1,000,000 a second wherever POSIX is. Of getrusage's times, an optimised build does not see the fields.
        let ticks = clock()
        if ticks >= 0 {
            text.family(
                "process_cpu_seconds_total", kind: .counter, help: "User and system CPU time of this process.")
            text.sample("process_cpu_seconds_total", none, Double(ticks) / 1_000_000)
        }
        if let pages = residentPages() {
            text.family("process_resident_memory_bytes", kind: .gauge, help: "Resident memory of this process.")
            text.sample("process_resident_memory_bytes", none, Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        if let files = try? DurableFile.names(in: "/proc/self/fd") {
            text.family("process_open_fds", kind: .gauge, help: "Open file descriptors of this process.")
            // Reading the list opens one more.
            text.sample("process_open_fds", none, Double(files.count - 1))
        }
    }

    /// The second field of `/proc/self/statm`.
    private static func residentPages() -> Int? {
        guard let bytes = try? DurableFile.read("/proc/self/statm", limit: 256) else { return nil }
        let fields = bytes.split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
