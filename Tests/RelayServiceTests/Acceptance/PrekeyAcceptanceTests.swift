import Membership
import RelayAPI
import Secrets
import Statements
import Testing

@testable import RelayService

/// A prekey to which nothing can be sealed would stop every message to its member: it is never taken.
@Suite struct PrekeyAcceptanceTests {
    private static let mlkem768 = MLKEM768.publicKey(seed: SecretBytes(copying: [UInt8](repeating: 3, count: 64)))
    private static let x25519 = X25519PrivateKey(SecretBytes(copying: [UInt8](repeating: 4, count: 32))).publicKey

    @Test func aUsablePrekeyIsTaken() async throws {
        #expect(try await problem(EncapsulationKey(x25519: Self.x25519, mlkem768: Self.mlkem768)) == nil)
    }

    @Test(arguments: [
        EncapsulationKey(x25519: [UInt8](repeating: 0, count: 32), mlkem768: mlkem768),
        EncapsulationKey(x25519: [1] + [UInt8](repeating: 0, count: 31), mlkem768: mlkem768),
        EncapsulationKey(x25519: x25519, mlkem768: [UInt8](repeating: 0xFF, count: 1_184)),
    ])
    func aPrekeyThatCannotBeSealedToIsRefused(_ key: EncapsulationKey) async throws {
        let problem = try #require(try await problem(key))
        #expect(problem.code == .malformed)
        #expect(problem.detail.contains("nothing can be sealed to it"))
    }

    private func problem(_ key: EncapsulationKey) async throws -> Problem? {
        let relay = try await FoundedRelay()
        let device = try #require(relay.state.view(at: Timestamp.now()).device(relay.admin.device))
        let prekey = SignedPrekey(
            PrekeyText(
                organisation: relay.state.organisation, device: device.id, purpose: .oneTime,
                notAfter: Timestamp.now().adding(seconds: 3_600), key: key),
            signedBy: SigningKey(seed: relay.adminSeed.duplicate()))
        let upload = PrekeyUpload(
            oneTime: [
                PrekeyShape(
                    text: String(decoding: prekey.text, as: UTF8.self), signature: Base64.encode(prekey.signature))
            ], fallback: nil)
        do {
            _ = try PrekeyAcceptance(upload, device: device, organisation: relay.state.organisation)
            return nil
        } catch let problem as Problem {
            return problem
        }
    }
}
