import Secrets
import Statements
import Testing

@testable import Sealing

@Suite struct PushChallengeTests {
    @Test func itIsAsLongAsAPageAndIsToldApart() throws {
        let challenge = PushChallenge(subscription: .random())
        let bytes = challenge.bytes
        #expect(bytes.count == Page.byteCount)
        #expect(PushBody(parsing: bytes) == .challenge(challenge))
        #expect(Array(bytes.prefix(49)) == [2] + challenge.subscription.bytes + challenge.secret)
        #expect(bytes != challenge.bytes)
        let page = try #require(
            Page(
                message: MessageID(bytes: randomBytes(16)), prekey: PrekeyID(bytes: randomBytes(20)),
                binding: Digest.sha256([1]), sealedKey: randomBytes(SealedKey.byteCount),
                sealedAlert: randomBytes(SealedPart.alertByteCount)))
        #expect(PushBody(parsing: page.bytes) == .page(page))
    }

    @Test func anythingElseIsNeither() {
        let bytes = PushChallenge(subscription: .random()).bytes
        #expect(PushBody(parsing: []) == nil)
        #expect(PushBody(parsing: Array(bytes.dropLast())) == nil)
        #expect(PushBody(parsing: bytes + [0]) == nil)
        for version in [0, 1, 3, 255] as [UInt8] { #expect(PushBody(parsing: [version] + bytes.dropFirst()) == nil) }
    }
}
