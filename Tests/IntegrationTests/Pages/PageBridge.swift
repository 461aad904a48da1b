import DeviceKit
import DeviceStorage
import Foundation
import RelayAPI
import Secrets
import Statements
import Testing
import WebPush

@testable import Sealing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A distributor beside the watcher: connects to its socket and hands lines over.
struct PageBridge {
    let folder: String
    var place: String { folder + "/pages" }

    init(in folder: String) throws {
        self.folder = folder + "/bridge"
        try FileManager.default.createDirectory(
            atPath: self.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Hands one body over, as soon as somebody listens.
    func hand(_ body: [UInt8], of subscription: String? = nil) async throws {
        let line = PushFrame(subscription: subscription.flatMap { SubscriptionID($0) }, body: body).line
        let isHanded = try await ProfileProcesses.wait { Self.write(line, to: place) }
        try #require(isHanded)
    }

    /// As a program without any of our code would.
    private static func write(_ line: [UInt8], to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < 107 else { return false }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, size) == 0
            }
        }
        guard isConnected else { return false }
        let count = unsafe send(descriptor, line, line.count, Int32(MSG_NOSIGNAL))
        return count == line.count
    }
}

extension LieWorld {
    /// What the relay would page a device of a message that waits for it there. Takes nothing in.
    func page(_ message: String, for who: Who) async throws -> Page {
        let signer = try signer(of: who)
        let session = try session(of: who)
        let answer: InboxAnswer
        do {
            answer = try await session.connection.answer(
                to: .get(APIPath.inbox, query: [("after", "0"), ("roster", "1"), ("activity", "1")]), signer: signer,
                as: InboxAnswer.self)
            await session.close()
        } catch {
            await session.close()
            throw error
        }
        let item = try #require(answer.items.first { $0.message?.description == message })
        let entry = try Entry(parsing: Array(item.entry.entry.utf8))
        guard case .manifest(let manifest, _) = try ActivityStatement(parsing: entry.body) else {
            throw PreparationFailed("no manifest")
        }
        func bytes(_ text: String?) -> [UInt8] { text.flatMap { Base64.decode(Array($0.utf8)) } ?? [] }
        let prekey = try #require(manifest.recipient(device(who))).prekey
        return try #require(
            Page(
                message: manifest.message, prekey: prekey, binding: manifest.binding,
                sealedKey: bytes(item.sealedKey), sealedAlert: bytes(item.alert)))
    }

    /// The same with the key sealed anew: it opens to the same alert, and is not the message's own.
    func resealed(_ page: Page, for who: Who) throws -> Page {
        let sealed = try profile(of: who).store.look { store in
            try store.withPrivatePrekey(page.prekey.description) { secret in
                guard let key = EncapsulationPrivateKey(secret: secret) else { throw PreparationFailed("no prekey") }
                let opened = try SealedKey.open(page.sealedKey, with: key, binding: page.binding)
                return try SealedKey.seal(opened, to: key.publicKey, binding: page.binding)
            }
        }
        let sealedKey = try #require(sealed)
        return try #require(
            Page(
                message: page.message, prekey: page.prekey, binding: page.binding, sealedKey: sealedKey,
                sealedAlert: page.sealedAlert))
    }

    /// Registers Clara's device with a relay that keeps subscriptions.
    /// - Returns: The subscription's id.
    func subscribe(_ who: Who, at paging: PagingRelay) async throws -> String {
        liar.tell(paging.lie)
        let added = try await person(who).run(
            "push", "add", "--web-push", "--endpoint-file", "-", input: "https://push.example/secret-address\n")
        #expect(added.status == 0, "\(added)")
        #expect(!(added.out + added.err).contains("secret-address"))
        return try #require(try added.json()["subscription"]?.string)
    }
}
