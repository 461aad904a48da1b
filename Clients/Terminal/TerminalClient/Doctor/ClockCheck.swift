/// Whether this machine's clock and the relay's agree: beyond five minutes nothing is sent.
struct ClockCheck: DoctorCheck {
    static let name = "clock"
    private static let tolerance: Int64 = 300_000
    private static let noticeable: Int64 = 30_000

    /// Milliseconds that the relay's signed clock is ahead; `nil` when the relay gave none.
    let difference: Int64?

    func judge() -> [CheckResult] {
        guard let difference else {
            return [
                Self.warning(
                    "the relay's clock is not known, so this machine's was held against nothing",
                    next: "see what this report says of the relay")
            ]
        }
        let apart = LocalTime.span(milliseconds: Int64(difference.magnitude))
        let side = difference > 0 ? "behind" : "ahead of"
        if difference.magnitude > Self.tolerance {
            return [
                Self.problem(
                    "this machine's clock is \(apart) \(side) the relay's: nothing is sent until they agree",
                    next: "set the clock (timedatectl set-ntp true); if it is right, tell the relay's operator")
            ]
        }
        if difference.magnitude > Self.noticeable {
            return [
                Self.warning(
                    "this machine's clock is \(apart) \(side) the relay's; from 5 min on nothing is sent",
                    next: "let the clock be set by the network: timedatectl set-ntp true")
            ]
        }
        return [Self.ok(difference == 0 ? "agrees with the relay's" : "within \(apart) of the relay's")]
    }
}
