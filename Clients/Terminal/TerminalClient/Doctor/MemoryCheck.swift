/// Whether keys can be kept out of swap and out of core dumps.
struct MemoryCheck: DoctorCheck {
    static let name = "memory"
    /// What the keys of a session and of an agent need, with room.
    private static let enough: UInt64 = 1 << 20

    /// `RLIMIT_MEMLOCK`, in bytes; `nil` when there is no limit.
    let lockLimit: UInt64?
    /// Whether this process may leave a core dump.
    let mayDumpCore: Bool

    func judge() -> [CheckResult] {
        var results: [CheckResult] = []
        if let lockLimit, lockLimit < Self.enough {
            results.append(
                Self.warning(
                    "only \(lockLimit >> 10) KiB may be locked into memory: keys may be written to swap",
                    next: "raise the limit: ulimit -l 8192, or LimitMEMLOCK=8M in a service"))
        }
        if mayDumpCore {
            results.append(
                Self.warning(
                    "a crash may leave this program's memory, keys included, in a core dump",
                    next: "turn core dumps off: ulimit -c 0, or LimitCORE=0 in a service"))
        }
        guard results.isEmpty else { return results }
        let limit = lockLimit.map { "\($0 >> 20) MiB may be locked" } ?? "any amount may be locked"
        return [Self.ok("\(limit) into memory; no core dumps")]
    }
}
