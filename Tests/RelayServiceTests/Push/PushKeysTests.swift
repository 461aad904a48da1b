import Foundation
import PushDelivery
import Secrets
import SystemPackage
import Testing

@testable import RelayService

@Suite struct PushKeysTests {
    private let files: PushCredentialFiles

    init() throws { files = try PushCredentialFiles() }

    private var stored: [UInt8] {
        get throws { [UInt8](try Data(contentsOf: URL(filePath: files.data.vapidKey.string))) }
    }

    @Test func theKeyIsMadeOnceAndShownAgain() throws {
        let first = try PushKeys.make(in: files.data)
        #expect(first.isCreated)
        let bytes = try stored
        #expect(bytes.count == 32)
        #expect(try permissions(of: files.data.vapidKey) == 0o600)
        let point = try #require(Base64URL.decode(first.publicKey.utf8))
        #expect(point.count == 65 && point.first == 4)
        #expect(try VAPIDKey(SecretBytes(copying: bytes)).publicKey == point)
        let second = try PushKeys.make(in: files.data)
        #expect(!second.isCreated && second.publicKey == first.publicKey)
        #expect(try stored == bytes)
    }

    @Test func whatAnInterruptedOneLeftIsFilled() throws {
        try DurableFile.create(files.data.vapidKey, [], permissions: DurableFile.ownerOnly)
        #expect(try PushKeys.make(in: files.data).isCreated)
        #expect(try stored.count == 32)
    }

    @Test func aKeyThatOthersCanReadIsNotShown() throws {
        _ = try PushKeys.make(in: files.data)
        let bytes = try stored
        try setPermissions(0o640, of: files.data.vapidKey)
        #expect(code { try PushKeys.make(in: files.data) } == .tooOpen)
        #expect(try stored == bytes)
    }

    @Test func ofManyAtOnceOneMakesIt() async throws {
        let data = files.data
        let made = await withTaskGroup(of: PushKeys?.self) { group in
            for _ in 0..<16 { group.addTask { try? PushKeys.make(in: data) } }
            return await group.reduce(into: [PushKeys]()) { if let keys = $1 { $0.append(keys) } }
        }
        #expect(made.filter(\.isCreated).count == 1)
        #expect(Set(made.map(\.publicKey)).count == 1)
    }

    @Test func whereItCannotBeWrittenItSaysSo() throws {
        try FileManager.default.removeItem(atPath: files.data.keys.string)
        #expect(code { try PushKeys.make(in: files.data) } == .fileUnusable)
    }
}
