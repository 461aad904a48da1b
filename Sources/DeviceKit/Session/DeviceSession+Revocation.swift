import DeviceStorage
import Membership
public import RelayAPI
import Statements
import TransparencyLog

extension DeviceSession {
    /// Signs nothing more once this device knows that it was revoked.
    public func checkNotRevoked() throws {
        let stored = try profile.store.look { try $0.setting(.revoked) }
        if let stored { throw Self.revoked(String(decoding: stored, as: UTF8.self)) }
        if let revocation = view.device(identity.device)?.revoked {
            throw Self.revoked("reason: \(revocation.reason); entry \(revocation.place.index) of the roster log")
        }
    }

    /// Looks at a relay's 403: a proven revocation of this device ends its signing for good.
    /// - Returns: The error to show.
    public func learn(from problem: Problem) -> DeviceKitError {
        guard problem.code == .revoked, let logged = problem.statement,
            let entry = try? Entry(parsing: Array(logged.entry.utf8)),
            let proof = try? LogProof(parsing: Array(logged.proof.utf8)),
            (try? proof.verify(entry: entry, key: logKey(.roster))) != nil,
            let note = try? SignedNote(parsing: entry.body), let statement = try? RosterStatement(parsing: note.text),
            statement.organisation == identity.organisation
        else { return DeviceKitError(problem) }
        switch statement {
        case .revoke(let revoke) where revoke.target == .device(identity.device):
            let text = "reason: \(revoke.reason); entry \(proof.index) of the roster log"
            try? profile.store.step { step in try step.set(.revoked, to: Array(text.utf8)) }
            return Self.revoked(text)
        case .member(let member) where member.member == identity.member && member.status == .suspended:
            return DeviceKitError(
                "suspended", .refused, "this member is suspended (entry \(proof.index) of the roster log)",
                next: "ask an admin; what waits is kept until reactivation")
        default:
            return DeviceKitError(problem)
        }
    }

    /// Whether a relay's 403 proves that this device is revoked; remembered then.
    func isRevocationProven(by problem: Problem) -> Bool {
        _ = learn(from: problem)
        return (try? profile.store.look { try $0.setting(.revoked) }) != nil
    }

    private static func revoked(_ text: String) -> DeviceKitError {
        DeviceKitError(
            "revoked", .refused, "this device was revoked (\(text)); it signs nothing more",
            next: "ask an admin for an invitation if you still need one, and join with a new profile")
    }
}
