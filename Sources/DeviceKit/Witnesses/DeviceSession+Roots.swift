import Membership
public import Secrets
public import Statements
import TransparencyLog

extension DeviceSession {
    /// The root of the first `size` entries of the history that this device knows, made from the relay's hash tiles and shown
    /// to be a part of the largest tree that was verified here.
    /// - Returns: `nil` when that tree is smaller.
    /// - Throws: ``DeviceKitError`` of category `verification` when the relay's tiles do not give its own signed root.
    public func root(of log: LogKind, size: UInt64) async throws -> Digest? {
        guard let newest = checkpoints[log], size <= newest.size else { return nil }
        if size == newest.size { return newest.root }
        if size == 0 { return MerkleTree.emptyRoot }
        if log == .roster { return roster.root(size: size) }
        if let known = knownRoots[size] { return known }
        let root = try await prefixRoot(log, size: size, in: newest.size)
        let proof = try await consistencyProof(log, from: size, to: newest.size)
        guard
            Proofs.isConsistent(
                first: size, firstRoot: root, second: newest.size, secondRoot: newest.root, proof: proof)
        else {
            throw try record(
                .inconsistent, "the relay's hash tiles do not give the root of the activity log that it signed",
                parts: [("checkpoint", newest.note.bytes)]
            ).error
        }
        knownRoots[size] = root
        return root
    }
}
