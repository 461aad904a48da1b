import RelayAPI
import Secrets
import Statements
import Synchronization

/// Lies that several tests tell.
extension LyingRelay.Lie {
    /// What items become that one device is given.
    static func items(to device: DeviceID, _ change: @escaping @Sendable (QueueItem) -> [QueueItem]) -> Self {
        LyingRelay.Lie(item: { item, asker in asker == device ? change(item) : [item] })
    }

    /// What an answer to a claim of prekeys becomes.
    static func claims(_ change: @escaping @Sendable (ClaimAnswer) -> ClaimAnswer) -> Self {
        LyingRelay.Lie(answer: { question, forward in
            guard question.path.hasSuffix("/claims") else { return nil }
            let answer = try await forward(question)
            guard answer.status == 200 else { return answer }
            return .json(change(try APIJSON.decode(ClaimAnswer.self, from: answer.body)))
        })
    }
}

extension QueueItem {
    /// The same with some parts replaced.
    func with(number: UInt64? = nil, entry: String? = nil, sealedKey: String? = nil, content: String? = nil)
        -> QueueItem
    {
        QueueItem(
            number: number ?? self.number,
            entry: LoggedEntry(
                log: self.entry.log, index: self.entry.index, entry: entry ?? self.entry.entry, proof: self.entry.proof,
                consistency: self.entry.consistency), sealedKey: sealedKey ?? self.sealedKey, alert: alert,
            capsule: capsule, content: content ?? self.content)
    }

    /// One bit of a sealed part is another.
    func changing(_ part: String) -> QueueItem {
        func changed(_ name: String, _ text: String?) -> String? {
            guard name == part, let text, var bytes = Base64.decode(Array(text.utf8)) else { return text }
            bytes[bytes.count / 2] ^= 1
            return Base64.encode(bytes)
        }
        return QueueItem(
            number: number, entry: entry, sealedKey: changed("sealed_key", sealedKey), alert: changed("alert", alert),
            capsule: changed("capsule", capsule), content: changed("content", content))
    }

    /// The message of a manifest; `nil` for a notice.
    var message: MessageID? {
        guard let entry = try? Entry(parsing: Array(entry.entry.utf8)),
            case .manifest(let manifest, _) = try? ActivityStatement(parsing: entry.body)
        else { return nil }
        return manifest.message
    }
}

/// Gives each device of a message the other's sealed key.
final class SwappedKeys: Sendable {
    private let keys = Mutex<[DeviceID: String]>([:])
    private let devices: [DeviceID]

    init(_ devices: [DeviceID]) { self.devices = devices }

    func swapped(_ item: QueueItem, _ asker: DeviceID?) -> QueueItem {
        guard let asker, devices.contains(asker), let own = item.sealedKey else { return item }
        let other = keys.withLock { keys in
            keys[asker] = own
            return keys.first { $0.key != asker }?.value
        }
        // Until the other has asked, its key is not known here: then any other.
        return other.map { item.with(sealedKey: $0) } ?? item.changing("sealed_key")
    }
}
