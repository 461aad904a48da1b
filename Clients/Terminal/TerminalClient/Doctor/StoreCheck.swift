import DeviceKit

/// Whether the database is whole.
struct StoreCheck: DoctorCheck {
    static let name = "store"
    private static let next =
        "copy the profile's folder away, then restore it from a backup, or join again with a new invitation"

    enum Finding: Sendable, Equatable {
        case whole(messages: Int)
        case damaged(faults: [String])
        case busy
        case missing
    }

    let finding: Finding

    func judge() -> [CheckResult] {
        switch finding {
        case .whole(let messages):
            [Self.ok("the database is whole; \(messages == 1 ? "1 message" : "\(messages) messages") in it")]
        case .damaged(let faults):
            [
                Self.problem(
                    faults.isEmpty
                        ? "the database cannot be read"
                        : "the database is damaged (\(faults.prefix(2).joined(separator: "; ")))",
                    next: Self.next)
            ]
        case .busy:
            [
                Self.warning(
                    "another program holds the database, so it was not checked",
                    next: "run \"nightbell doctor\" again in a moment")
            ]
        case .missing: [Self.problem("the profile has no database", next: Self.next)]
        }
    }
}
