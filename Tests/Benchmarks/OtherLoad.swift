import Foundation

/// How much of the machine others use meanwhile: what is neither this program's nor the relay's. Figures of a machine that
/// others use say little.
struct OtherLoad {
    /// A tenth of the processors: from there on, figures are called disturbed.
    private static let limit = 0.1

    private let relay: RelayProcess
    private let began = ContinuousClock.now
    private let busy: Double
    private let ours: Double

    init(beside relay: RelayProcess) {
        self.relay = relay
        busy = Self.busySeconds
        ours = Self.ownSeconds + relay.cpuSeconds
    }

    /// The share that others used since the beginning, in words.
    var summary: String {
        let used = Self.busySeconds - busy - (Self.ownSeconds + relay.cpuSeconds - ours)
        let whole = seconds(ContinuousClock.now - began) * Double(ProcessInfo.processInfo.activeProcessorCount)
        let share = max(0, used) / whole
        let percent = "others used \(rounded(share * 100, 0)) % of the machine meanwhile"
        return share > Self.limit ? "DISTURBED: \(percent)" : percent
    }

    /// CPU seconds that all processors were busy (proc(5), stat): everything but idle and waiting for disks.
    private static var busySeconds: Double {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let fields = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).map { Double($0) ?? 0 }
        let busy = fields.enumerated().filter { $0.offset != 3 && $0.offset != 4 }.map(\.element).reduce(0, +)
        return busy / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static var ownSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
