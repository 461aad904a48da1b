import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements
import Synchronization

/// Verifies the RFC 9421 signature that every request but a statement carries.
final class Authenticator: Sendable {
    /// Nonces are kept for 5 minutes; a flood of valid signatures beyond this is refused, never forgotten early.
    private static let nonceLimit = 1_000_000

    private struct Nonces {
        var current: Set<String> = []
        var previous: Set<String> = []
        var turned: Int64 = 0
    }

    private let clock: @Sendable () -> Timestamp
    private let started: Int64
    private let nonces = Mutex(Nonces())

    init(clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }) {
        self.clock = clock
        started = clock().milliseconds / 1000
    }

    /// What a request shows of its sender before anything is looked up.
    struct Claimed: Sendable {
        let signature: RequestSignature
        let components: RequestSignature.Components
    }

    /// Parses the headers.
    /// - Throws: ``Problem``.
    func claimed(
        input: String?, signature: String?, contentDigest: String?, components: RequestSignature.Components
    ) throws(Problem) -> Claimed {
        guard let input, let signature else { throw Problems.unauthorized("it carries no signature") }
        guard
            let parsed = RequestSignature(
                input: input, signature: signature, hasBody: components.contentDigest != nil)
        else { throw Problems.unauthorized("its signature headers are not of the documented form") }
        guard contentDigest == components.contentDigest else {
            throw Problems.unauthorized("its content digest is not the body's")
        }
        return Claimed(signature: parsed, components: components)
    }

    /// Finds the key in the roster and verifies.
    /// - Throws: ``Problem``: 401, or 403 with the statement that revoked the device.
    func caller(_ claimed: Claimed, view: RosterView) throws -> Caller {
        let keyID = claimed.signature.keyID
        let key: VerifyingKey
        let caller: Caller
        if let id = DeviceID(keyID), let device = view.device(id) {
            key = device.key
            try verify(claimed, key: key)
            guard view.liveDevice(id) != nil, let member = view.member(device.member) else { throw Problems.revoked }
            return .device(device, member)
        } else if let id = InvitationID(keyID), let invitation = view.invitation(id) {
            key = invitation.key
            caller = .invitation(invitation)
        } else if keyID == "recovery", let recovery = view.recoveryKey {
            key = recovery.signing
            caller = .recovery
        } else {
            throw Problems.unauthorized("its key is not in this organisation's roster")
        }
        try verify(claimed, key: key)
        return caller
    }

    private func verify(_ claimed: Claimed, key: VerifyingKey) throws(Problem) {
        let now = clock()
        let seconds = now.milliseconds / 1000
        guard claimed.signature.verifies(claimed.components, key: key) else {
            throw Problems.unauthorized("its signature is false")
        }
        guard abs(seconds - claimed.signature.created) <= RequestSignature.toleranceSeconds,
            claimed.signature.created >= started
        else {
            var problem = Problem(
                .clock, status: 401, detail: "The request was signed at another time than the relay's.",
                next: "Sign again with the relay's time; set the device's clock.")
            problem.relayTime = now.description
            throw problem
        }
        guard remember(claimed.signature.keyID + claimed.signature.nonce, at: seconds) else {
            throw Problem(
                .replayed, status: 401, detail: "This very request was sent before.",
                next: "Sign it again with a new nonce.")
        }
    }

    private func remember(_ nonce: String, at seconds: Int64) -> Bool {
        nonces.withLock { nonces in
            if seconds - nonces.turned >= RequestSignature.nonceMemorySeconds {
                nonces.previous =
                    seconds - nonces.turned < 2 * RequestSignature.nonceMemorySeconds ? nonces.current : []
                nonces.current = []
                nonces.turned = seconds
            }
            guard !nonces.previous.contains(nonce), nonces.current.count < Self.nonceLimit else { return false }
            return nonces.current.insert(nonce).inserted
        }
    }
}
