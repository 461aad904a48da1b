import Membership
import RelayAPI
import RelayStorage
import Statements
import TransparencyLog

/// What goes wrong, as problems for people: the thing, the cause and the next step.
enum Problems {
    static let busy: Problem = {
        var problem = Problem(
            .busy, status: 503, detail: "The relay has more to do than it can.", next: "Try again in a second.")
        problem.retryAfter = 1
        return problem
    }()

    /// The end of a stream that was open for long; no fault.
    static let renewal: Problem = {
        var problem = Problem(
            .busy, status: 503, detail: "This stream was open for 6 hours.",
            next: "Open another one: it says how far this device has come.")
        problem.retryAfter = 0
        return problem
    }()

    static let draining: Problem = {
        var problem = Problem(
            .busy, status: 503, detail: "The relay is shutting down.", next: "Try again when it is back.")
        problem.retryAfter = 5
        return problem
    }()

    static let unavailable: Problem = {
        var problem = Problem(
            .unavailable, status: 503, detail: "The relay could not write durably; nothing was accepted.",
            next: "Send the same again. If this goes on, the operator must look at the relay's disk and log.")
        problem.retryAfter = 2
        return problem
    }()

    /// The statement that used or revoked it is added where it is sent.
    static let spent = Problem(
        .invitationSpent, status: 409, detail: "The invitation was used, revoked or has expired.",
        next: "Ask the admin who invited you for a new one, and say when yours was used if it was not you.")

    static func malformed(_ part: String) -> Problem {
        Problem(
            .malformed, status: 400, detail: "The request is not of the documented form: \(part).",
            next: "Update nightbell; if it is up to date, report this.")
    }

    static func tooLarge(_ limit: Int) -> Problem {
        Problem(
            .tooLarge, status: 413, detail: "The body is larger than \(limit) bytes.",
            next: "Send less at once, or a shorter message.")
    }

    static func notFound(_ what: String) -> Problem {
        Problem(.notFound, status: 404, detail: "There is no \(what) here.", next: "Check the address and the id.")
    }

    static func unauthorized(_ cause: String) -> Problem {
        Problem(
            .unauthorized, status: 401, detail: "The request is not authenticated: \(cause).",
            next: "Sign the request with a device key of this organisation.")
    }

    static func notPermitted(_ cause: String) -> Problem {
        Problem(.notPermitted, status: 403, detail: cause, next: "Ask an admin of your organisation for the right.")
    }

    static func quota(_ cause: String, retryAfter: Int) -> Problem {
        var problem = Problem(
            .quota, status: 429, detail: cause,
            next: "Wait \(retryAfter) seconds. If a patient waits, call by telephone now.")
        problem.retryAfter = retryAfter
        return problem
    }

    // MARK: From rules

    /// Whether an error is a refusal of one submission, and not a failure of the whole batch.
    static func isRefusal(_ error: any Error) -> Bool { error is Problem || error is RuleViolation }

    static func problem(of error: any Error) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let violation as RuleViolation: return problem(of: violation)
        case let error as StatementError:
            if error.code == .unknownType || error.code == .unsupported { return unknownType }
            return malformed("\(error)")
        case let error as EnvelopeError: return malformed("\(error)")
        default: return unavailable
        }
    }

    private static let unknownType = Problem(
        .unknownType, status: 400, detail: "The relay does not know this type of statement.",
        next: "The relay must be updated before this can be sent.")

    private static func problem(of violation: RuleViolation) -> Problem {
        let cause = "\(violation.part)."
        switch violation.code {
        case .unknownType: return unknownType
        case .clock:
            return Problem(
                .clock, status: 409, detail: cause, next: "Set the device's clock, or sign with the relay's time.")
        case .stale:
            return Problem(.stale, status: 409, detail: cause, next: "Fetch the roster, look at it, and sign anew.")
        case .signerRevoked:
            return Problem(
                .revoked, status: 403, detail: cause, next: "Ask an admin of your organisation for a new invitation.")
        case .notPermitted: return notPermitted(cause)
        case .wrongRecipients:
            return Problem(.recipients, status: 409, detail: cause, next: "Fetch the roster and seal anew.")
        case .brokenChain:
            return Problem(
                .brokenChain, status: 409, detail: cause,
                next: "Compare the device's last receipt with the relay's: a copied profile shows here.")
        case .invitationSpent: return spent
        case .tooFewAdmins:
            return Problem(
                .notPermitted, status: 403,
                // In words alone: people read it, and no program does anything else about it than about a missing right.
                detail: "\(violation.part), for too few admins would be left.",
                next: "One admin more is needed first, or the recovery secret, and this version of nightbell can use "
                    + "neither. If the device is lost, found a new organisation and invite everyone anew.")
        default:
            return Problem(
                .ruleBroken, status: 422, detail: "\(violation.code.rawValue): \(violation.part).",
                next: "Look at the organisation's members and policy; update nightbell if it should have known.")
        }
    }

    /// A bounded word for a log line or a metric.
    static func logCode(of error: any Error) -> String {
        switch error {
        case let problem as Problem: problem.code.rawValue
        case let violation as RuleViolation: violation.code.rawValue
        case let error as StorageError: "\(error)"
        case let error as LogError: error.code.rawValue
        case let error as StatementError: error.code.rawValue
        default: "other"
        }
    }
}
