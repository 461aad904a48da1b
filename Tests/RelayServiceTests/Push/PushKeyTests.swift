import Foundation
import PushDelivery
import RelayStorage
import Secrets
import Statements
import Testing
import WebPush

@testable import RelayService

/// Addresses lie under a key, each bound to its place.
@Suite struct PushKeyTests {
    private static let keys = SubscriptionKeys(
        publicKey: P256PrivateKey().publicKey, authentication: [UInt8](repeating: 5, count: 16))!
    private static let addresses: [PushAddress] = [
        .webPush(try! PushEndpoint(parsing: "https://push.example:8443/send/a?b=c"), keys),
        .apns(token: [0, 1, 254, 255]), .fcm(token: "fK3:APA91b-x_y"),
    ]

    private let device = DeviceID(bytes: [UInt8](repeating: 1, count: 20))
    private let organisation = OrganisationID(bytes: [UInt8](repeating: 2, count: 20))
    private let id = SubscriptionID(bytes: [UInt8](repeating: 3, count: 16))

    private func stored(_ sealed: [UInt8], device: DeviceID? = nil, id: SubscriptionID? = nil) -> StoredSubscription {
        StoredSubscription(
            device: device ?? self.device, id: id ?? self.id, transport: .webPush, sealedAddress: sealed,
            registered: Timestamp.now())
    }

    @Test(arguments: addresses)
    func anAddressComesBackInItsOwnPlaceAlone(_ address: PushAddress) {
        let key = PushKey(SecretBytes(random: 32))
        let sealed = key.seal(address, for: device, id, of: organisation)
        #expect(key.address(of: stored(sealed), of: organisation) == address)
        #expect(
            key.address(of: stored(sealed, device: DeviceID(bytes: [UInt8](repeating: 9, count: 20))), of: organisation)
                == nil)
        #expect(key.address(of: stored(sealed, id: .random()), of: organisation) == nil)
        #expect(key.address(of: stored(sealed), of: OrganisationID(bytes: [UInt8](repeating: 9, count: 20))) == nil)
        #expect(PushKey(SecretBytes(random: 32)).address(of: stored(sealed), of: organisation) == nil)
        #expect(key.address(of: stored([]), of: organisation) == nil)
    }

    @Test(arguments: addresses)
    func cutOrChangedBytesAreNoAddressOrAnother(_ address: PushAddress) {
        let bytes = StoredAddress.bytes(of: address)
        #expect(StoredAddress.address(bytes) == address)
        for count in bytes.indices { #expect(StoredAddress.address(Array(bytes.prefix(count))) == nil) }
        #expect(StoredAddress.address(bytes + [0]) == nil)
    }

    @Test func tagsAreOfThirtyTwoCharactersAndFollowFromTheKey() {
        let (key, other) = (PushKey(SecretBytes(random: 32)), PushKey(SecretBytes(random: 32)))
        let message = MessageID(bytes: [UInt8](repeating: 4, count: 16))
        let tag = key.tag(message, to: device)
        #expect(tag.utf8.count == 32 && Base64URL.decode(tag.utf8)?.count == 24)
        #expect(tag == key.tag(message, to: device) && tag != other.tag(message, to: device))
        #expect(tag != key.tag(message, to: DeviceID(bytes: [UInt8](repeating: 9, count: 20))))
        #expect(tag != key.tag(id))
    }

    @Test func theFileIsMadeOnceForItsOwnerAlone() throws {
        let path = NSTemporaryDirectory() + "nightbell-push-key-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sealed = try PushKey.open(path).seal(Self.addresses[0], for: device, id, of: organisation)
        #expect(try PushKey.open(path).address(of: stored(sealed), of: organisation) == Self.addresses[0])
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: SecretsError.self) { try PushKey.open(path) }
    }
}
