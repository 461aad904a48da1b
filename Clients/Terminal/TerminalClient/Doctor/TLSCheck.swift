import DeviceKit
import Statements

/// Whether the relay answers with a certificate that this profile trusts, and for how long.
struct TLSCheck: DoctorCheck {
    static let name = "tls"
    /// Certificates are renewed a month before their end; later somebody forgot.
    private static let soonDays: Int64 = 14

    let address: String
    let handshake: RelayHandshake
    /// Whether the profile remembers a CA of the relay's own.
    let hasOwnAuthority: Bool
    let now: Timestamp

    func judge() -> [CheckResult] {
        let trust = hasOwnAuthority ? "the CA that this profile remembers" : "this machine's CAs"
        switch handshake.outcome {
        case .unreachable(let why):
            return [
                Self.problem(
                    "the relay at \(address) cannot be reached: \(why)",
                    next: "check the network; if others reach it, tell the relay's operator")
            ]
        case .unusableAuthority:
            return [
                Self.problem(
                    "the CA file that this profile remembers is none",
                    next: "give the relay's CA file once more: nightbell status --ca FILE")
            ]
        case .untrusted: return [untrusted(trust)]
        case .trusted(let version):
            guard let until = handshake.certificate?.validUntil else {
                return [Self.ok("\(version) with \(address), trusted by \(trust)")]
            }
            let days = until.milliseconds(since: now) / 86_400_000
            guard days >= Self.soonDays else {
                return [
                    Self.warning(
                        "the certificate of \(address) ends in \(days) days, on \(LocalTime.short(until, now: now))",
                        next: "tell the relay's operator: nobody is reached afterwards")
                ]
            }
            return [Self.ok("\(version) with \(address), trusted by \(trust), for \(days) more days")]
        }
    }

    private func untrusted(_ trust: String) -> CheckResult {
        if let certificate = handshake.certificate {
            if certificate.validUntil < now {
                return Self.problem(
                    "the certificate of \(address) ended on \(LocalTime.short(certificate.validUntil, now: now))",
                    next: "tell the relay's operator; if it is not true, set this machine's clock")
            }
            if certificate.validFrom > now {
                return Self.problem(
                    "the certificate of \(address) begins only on \(LocalTime.short(certificate.validFrom, now: now))",
                    next: "set this machine's clock; if it is right, tell the relay's operator")
            }
        }
        return Self.problem(
            "\(address) shows a certificate that \(trust) did not issue, or for another name",
            next: "ask the relay's operator for its CA file, then: nightbell status --ca FILE")
    }
}
