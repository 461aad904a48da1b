import AuditStorage
import Auditing
import Foundation
import Secrets
import Statements

/// What one audit took.
struct AuditRunResult: Codable {
    let entries: UInt64
    let messages: Int
    let verifications: Int
    let findings: Int
    let seconds: Double
    let cpuSeconds: Double
    let peakBytes: Double
    let storeBytes: Double

    static func measure(_ audit: Audit, _ source: LogFiles, _ folder: String) async throws -> AuditRunResult {
        let began = ContinuousClock.now
        let store = try SQLiteAuditStore(folder: folder, key: SecretBytes(copying: [UInt8](repeating: 7, count: 32)))
        let verdict = try await audit.run(source, store: store)
        let duration = nightbell_bench.seconds(ContinuousClock.now - began)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/audit.sqlite")
        return AuditRunResult(
            entries: verdict.activity?.size ?? 0, messages: verdict.messageCount,
            verifications: verdict.rosterVerifications + verdict.verifications,
            findings: verdict.findings.count, seconds: duration, cpuSeconds: Double(clock()) / Double(CLOCKS_PER_SEC),
            peakBytes: peakBytes, storeBytes: (attributes[.size] as? NSNumber)?.doubleValue ?? 0)
    }

    /// Signatures a second, as a part of what the machine allows.
    func ratio(to floor: VerificationFloor) -> Double { Double(verifications) / seconds / floor.perSecond }

    /// The most that this process had resident.
    private static var peakBytes: Double {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) } ?? 0) * 1_024
    }

    func print(_ what: String, floor: VerificationFloor?) {
        var lines = [
            "  \(what): \(rounded(seconds, 2)) s, \(findings) findings, \(verifications) signatures verified;"
                + " peak RSS \(rounded(peakBytes / 1_048_576, 0)) MiB, store \(rounded(storeBytes / 1_048_576, 0)) MiB,"
                + " CPU \(rounded(cpuSeconds, 2)) s"
        ]
        if let floor {
            let rate = Double(verifications) / seconds
            let share = Double(verifications) * floor.cpuSeconds / cpuSeconds
            lines += [
                "    floor  \(rounded(floor.perSecond, 0)) Ed25519 verifications/s on all cores,"
                    + " \(rounded(floor.cpuSeconds * 1e6, 1)) us of CPU each",
                "    rate   \(rounded(rate, 0)) signatures/s, \(rounded(Double(entries) / seconds, 0)) entries/s ="
                    + " \(rounded(ratio(to: floor), 2)) x floor (aim \(AuditCommand.aim))",
                "    CPU    \(rounded(share, 2)) of it is what the signatures alone take: the ratio when nobody else works here",
            ]
        }
        Swift.print(lines.joined(separator: "\n"))
    }
}
