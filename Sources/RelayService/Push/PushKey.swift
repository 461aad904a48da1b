import PushDelivery
import RelayStorage
import Secrets
import Statements
import WebPush

/// The key under which the relay keeps where devices are reached, and from which the tags of their pages follow. A capability
/// to write to a phone lies in no database in clear.
final class PushKey: Sendable {
    /// 24 bytes of 32: as many as 32 characters of the URL alphabet hold.
    private static let tagByteCount = 24

    private let sealing: SecretBytes
    private let tagging: SecretBytes

    init(_ key: borrowing SecretBytes) {
        sealing = key.subkey(1, context: "nb-push.")
        tagging = key.subkey(2, context: "nb-push.")
    }

    /// The key in a file of 32 bytes, which is made when it is not there yet.
    /// - Throws: ``SecretsError`` when the file cannot be used.
    static func open(_ path: String) throws(SecretsError) -> PushKey {
        do {
            let made = SecretBytes(random: XChaCha20Poly1305.keyByteCount)
            try KeyFile.create(path, holding: made)
            return PushKey(made)
        } catch  where error.code == .keyFileExists {
            return PushKey(try KeyFile.read(path, count: XChaCha20Poly1305.keyByteCount))
        }
    }

    // MARK: Addresses

    /// Bound to organisation, device and subscription: in another row it does not open.
    func seal(
        _ address: PushAddress, for device: DeviceID, _ id: SubscriptionID, of organisation: OrganisationID
    ) -> [UInt8] {
        XChaCha20Poly1305.seal(
            StoredAddress.bytes(of: address), key: sealing, binding: Self.binding(device, id, organisation))
    }

    /// - Returns: `nil` for what does not open, as when the key was lost.
    func address(of subscription: StoredSubscription, of organisation: OrganisationID) -> PushAddress? {
        let binding = Self.binding(subscription.device, subscription.id, organisation)
        return (try? XChaCha20Poly1305.open(subscription.sealedAddress, key: sealing, binding: binding))
            .flatMap(StoredAddress.address)
    }

    private static func binding(
        _ device: DeviceID, _ id: SubscriptionID, _ organisation: OrganisationID
    ) -> [UInt8] {
        organisation.bytes + device.bytes + id.bytes
    }

    // MARK: Tags

    /// The same for every page of a message to a device, so that a later one takes the earlier one's place at the service; to
    /// whoever has not this key, nothing but a random word.
    func tag(_ message: MessageID, to device: DeviceID) -> String { tag(message.bytes + device.bytes) }

    func tag(_ subscription: SubscriptionID) -> String { tag(subscription.bytes) }

    private func tag(_ subject: [UInt8]) -> String {
        Base64URL.encode(Array(tagging.keyedHash(of: subject).exposed().prefix(Self.tagByteCount)))
    }
}

/// An address as it lies under the key: a word for its transport, then its fields, each behind its length in two bytes.
enum StoredAddress {
    static func bytes(of address: PushAddress) -> [UInt8] {
        switch address {
        case .webPush(let endpoint, let keys):
            join(address.kind, [Array(endpoint.text.utf8), keys.publicKey, keys.authentication])
        case .apns(let token): join(address.kind, [token])
        case .fcm(let token): join(address.kind, [Array(token.utf8)])
        }
    }

    /// - Returns: `nil` for what ``bytes(of:)`` does not make.
    static func address(_ bytes: [UInt8]) -> PushAddress? {
        guard let fields = split(bytes), let word = fields.first,
            let kind = PushTransportKind(rawValue: String(decoding: word, as: UTF8.self))
        else { return nil }
        switch (kind, fields.count) {
        case (.webPush, 4):
            guard let endpoint = try? PushEndpoint(parsing: String(decoding: fields[1], as: UTF8.self)),
                let keys = SubscriptionKeys(publicKey: fields[2], authentication: fields[3])
            else { return nil }
            return .webPush(endpoint, keys)
        case (.apns, 2): return .apns(token: fields[1])
        case (.fcm, 2): return .fcm(token: String(decoding: fields[1], as: UTF8.self))
        default: return nil
        }
    }

    private static func join(_ kind: PushTransportKind, _ fields: [[UInt8]]) -> [UInt8] {
        ([Array(kind.rawValue.utf8)] + fields).flatMap { field in
            [UInt8(field.count >> 8), UInt8(field.count & 0xFF)] + field
        }
    }

    private static func split(_ bytes: [UInt8]) -> [[UInt8]]? {
        var fields: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 2 else { return nil }
            let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            guard rest.count >= count else { return nil }
            fields.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return fields
    }
}
