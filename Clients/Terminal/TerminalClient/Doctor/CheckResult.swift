/// What one check of `doctor` found.
struct CheckResult: Sendable, Equatable {
    enum Status: String, Sendable, CaseIterable {
        case ok
        /// It works, and may not for long, or is less safe than it could be.
        case warning
        /// Something does not work, or is not safe.
        case problem
    }

    /// A stable word: `name` in `--json`.
    let name: String
    let status: Status
    /// One sentence without a full stop.
    let message: String
    /// What to do about it, in one sentence; empty when there is nothing to do.
    let next: String
    /// Whether it shows that someone lied: then the command ends with 65.
    var isLie = false
}

/// One thing that `doctor` looks at: a check holds what was found out, and says what that means.
///
/// Finding out and judging are apart so that every judgement can be tested without breaking a machine.
protocol DoctorCheck: Sendable {
    /// A stable word.
    static var name: String { get }
    /// What it means, the most important first; never empty.
    func judge() -> [CheckResult]
}

extension DoctorCheck {
    static func ok(_ message: String) -> CheckResult {
        CheckResult(name: name, status: .ok, message: message, next: "")
    }

    static func warning(_ message: String, next: String) -> CheckResult {
        CheckResult(name: name, status: .warning, message: message, next: next)
    }

    static func problem(_ message: String, next: String, isLie: Bool = false) -> CheckResult {
        CheckResult(name: name, status: .problem, message: message, next: next, isLie: isLie)
    }
}
