import RelayAPI
import Secrets
import Statements
import TransparencyLog

/// An organisation's log keys, as the relay's own key files hold them: whoever has these can sign anything as the relay.
final class LyingRelayKeys: Sendable {
    let organisation: OrganisationID
    private let roster: LogSigner
    private let activity: LogSigner

    /// - Parameter data: The relay's data directory.
    init(data: String, genesis: Genesis) throws {
        func key(_ key: VerifyingKey) throws -> SigningKey {
            let name = Base32.encode(Digest.sha256(key.bytes).bytes.prefix(20))
            return SigningKey(seed: try KeyFile.read("\(data)/keys/log-\(name).key", count: SigningKey.seedByteCount))
        }
        organisation = genesis.organisation
        roster = LogSigner(origin: genesis.origin(of: .roster), key: try key(genesis.rosterKey))
        activity = LogSigner(origin: genesis.origin(of: .activity), key: try key(genesis.activityKey))
    }

    /// Signs a tree, true or not.
    func sign(_ log: LogKind, size: UInt64, root: Digest) -> SignedCheckpoint {
        log == .roster ? roster.sign(size: size, root: root) : activity.sign(size: size, root: root)
    }

    func logKey(_ log: LogKind) -> LogKey { log == .roster ? roster.logKey : activity.logKey }

    /// A word on the present, changed and signed anew.
    func changed(
        _ answer: HeadAnswer, time: Timestamp? = nil, roster: Head.Tree? = nil, activity: Head.Tree? = nil,
        device: (Head.DeviceState) -> Head.DeviceState = { $0 }
    ) throws -> HeadAnswer {
        let head = try logKey(.activity).verify(head: Array(answer.head.utf8))
        let changed = Head(
            organisation: head.organisation, time: time ?? head.time, roster: roster ?? head.roster,
            activity: activity ?? head.activity, device: head.device.map(device))
        func text(_ note: SignedNote) -> String { String(decoding: note.bytes, as: UTF8.self) }
        return HeadAnswer(
            head: text(self.activity.sign(changed)),
            roster: text(sign(.roster, size: changed.roster.size, root: changed.roster.root).note),
            activity: text(sign(.activity, size: changed.activity.size, root: changed.activity.root).note),
            rosterConsistency: roster == nil ? answer.rosterConsistency : [],
            activityConsistency: activity == nil ? answer.activityConsistency : [])
    }

    /// What a head says.
    func read(_ answer: HeadAnswer) throws -> Head { try logKey(.activity).verify(head: Array(answer.head.utf8)) }
}
