/// Whether there is room for what comes: a store that cannot write receives nothing.
struct DiskCheck: DoctorCheck {
    static let name = "disk"
    private static let little: UInt64 = 200 << 20
    private static let tooLittle: UInt64 = 20 << 20

    /// Bytes that this user may still write in the profile's file system; `nil` when it cannot be told.
    let free: UInt64?

    func judge() -> [CheckResult] {
        guard let free else { return [Self.warning("the free space cannot be told", next: "check it with: df -h")] }
        let size = free >= 1 << 30 ? "\(free >> 30) GiB" : "\(free >> 20) MiB"
        if free < Self.tooLittle {
            return [
                Self.problem(
                    "only \(size) are free: messages may not be stored, and then are not received",
                    next: "make room on the disk at once")
            ]
        }
        if free < Self.little {
            return [
                Self.warning("only \(size) are free", next: "make room on the disk: recordings have up to 25 MiB each")
            ]
        }
        return [Self.ok("\(size) free")]
    }
}
