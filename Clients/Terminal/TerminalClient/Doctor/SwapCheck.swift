/// What is known of where this machine puts memory that it has no room for.
struct SwapCheck: DoctorCheck {
    static let name = "swap"

    /// Places to swap to, and what is known of each.
    struct Place: Sendable, Equatable {
        enum Kind: Sendable { case encrypted, inMemory, plain }
        let path: String
        let kind: Kind
    }

    /// `nil` when the system does not say.
    let places: [Place]?

    func judge() -> [CheckResult] {
        guard let places else {
            return [Self.warning("the system does not say whether it swaps", next: "ask whoever runs this machine")]
        }
        guard !places.isEmpty else { return [Self.ok("none: memory is never written to a disk")] }
        let plain = places.filter { $0.kind == .plain }.map(\.path)
        guard plain.isEmpty else {
            return [
                Self.warning(
                    "\(plain.joined(separator: ", ")): nothing shows that it is encrypted, and messages on screen may be written "
                        + "there (keys are not: they are locked into memory)",
                    next: "encrypt the swap space, or turn it off: swapoff -a")
            ]
        }
        return [
            Self.ok(
                places.map { "\($0.path) is \($0.kind == .encrypted ? "encrypted" : "in memory")" }.joined(
                    separator: ", "))
        ]
    }
}
