package import Secrets
import SignerSupport
package import Statements
package import TransparencyLog

/// Whoever watches the practice's logs; its key follows from its name.
package struct WitnessPerson: Sendable {
    package let name: String

    package init(_ name: String) { self.name = name }

    package var key: WitnessKey { signer.witnessKey }

    private var signer: CosignatureSigner {
        CosignatureSigner(name: "\(name).example/w", key: Signer.key("witness \(name)"))
    }

    /// Its cosignature of a checkpoint, whatever it vouched for before.
    package func cosignature(of checkpoint: SignedCheckpoint, at time: Timestamp) -> Cosignature {
        signer.sign(checkpoint.note.text, at: UInt64(time.milliseconds / 1_000))
    }

    /// The checkpoint as a witness's monitor is given it.
    package func cosigned(_ checkpoint: SignedCheckpoint, at time: Timestamp) -> [UInt8] {
        checkpoint.carrying([cosignature(of: checkpoint, at: time)]).note.bytes
    }
}

extension World {
    /// Names the witnesses whose cosignatures count.
    package func watch(by names: String..., demanded: UInt64) {
        let policy = WitnessPolicy(names.map { WitnessPerson($0).key }, demanded: demanded)!
        commit(admins(witnesses: policy), by: Self.quorum)
    }

    /// A log's checkpoint with a witness's cosignature.
    /// - Parameters:
    ///   - size: Of the tree; the whole log's without.
    ///   - root: Another than the log's, for a relay that lies.
    ///   - secondsAgo: When it was cosigned.
    package func cosigned(
        _ log: LogKind, by name: String, size: UInt64? = nil, root: Digest? = nil, secondsAgo: Int64 = 0
    ) -> [UInt8] {
        let log = log == .roster ? roster : activity
        let size = size ?? log.size
        let checkpoint = log.sign(size: size, root: root ?? log.root(of: size))
        return WitnessPerson(name).cosigned(checkpoint, at: now.adding(seconds: -secondsAgo))
    }
}

extension TestLog {
    /// The root of the first so many entries.
    package func root(of size: UInt64) -> Digest { try! tree.root(size: size) }
}
