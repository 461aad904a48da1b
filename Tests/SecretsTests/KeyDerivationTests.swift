import FuzzSupport
import Secrets
import Testing

@Suite struct KeyDerivationTests {
    private static func key() -> SecretBytes { SecretBytes(copying: Array(0..<32)) }

    @Test func subkeysDependOnIdContextLengthAndKey() {
        let base = Self.key().subkey(1, context: "nbseal01").exposed()
        #expect(base.count == 32)
        #expect(Self.key().subkey(1, context: "nbseal01").exposed() == base)
        #expect(Self.key().subkey(2, context: "nbseal01").exposed() != base)
        #expect(Self.key().subkey(1, context: "nbrecov1").exposed() != base)
        #expect(SecretBytes(copying: Array(1...32)).subkey(1, context: "nbseal01").exposed() != base)
        // The length is hashed in: no subkey is the beginning of a longer one.
        let long = Self.key().subkey(1, context: "nbseal01", length: 64).exposed()
        #expect(long.count == 64)
        #expect(Array(long.prefix(32)) != base)
    }

    /// RFC 7693 gives BLAKE2b-512 only; BLAKE2b-256 of "abc" is in every other implementation's tests.
    @Test func hashesAsBLAKE2bDoes() {
        #expect(
            Hex.encode(SecretBytes(copying: Array("abc".utf8)).hash().exposed())
                == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
        #expect(
            Hex.encode(SecretBytes(copying: []).hash().exposed())
                == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8")
    }

    @Test func keyedHashesDependOnKeyAndMessage() {
        let base = Self.key().keyedHash(of: [1]).exposed()
        #expect(base.count == 32)
        #expect(Self.key().keyedHash(of: [1]).exposed() == base)
        #expect(Self.key().keyedHash(of: [2]).exposed() != base)
        #expect(Self.key().keyedHash(of: []).exposed() != base)
        #expect(SecretBytes(copying: Array(0..<16)).keyedHash(of: [1]).exposed() != base)
    }

    @Test func aLengthThatLibsodiumRefusesStopsInsteadOfGivingAConstantKey() async {
        await #expect(processExitsWith: .failure) {
            _ = SecretBytes(random: 32).subkey(1, context: "nbseal01", length: 65)
        }
        await #expect(processExitsWith: .failure) { _ = SecretBytes(random: 65).keyedHash(of: []) }
    }

    @Test func passphrasesGiveOneKeyForOneSalt() throws {
        let cost = PassphraseCost(operations: 1, memory: 8 << 20)
        let salt = [UInt8](repeating: 5, count: PassphraseCost.saltByteCount)
        let passphrase = SecretBytes(copying: Array("correct horse".utf8))
        let key = try SecretBytes(passphrase: passphrase, salt: salt, cost: cost)
        #expect(key.count == 32)
        let again = try SecretBytes(passphrase: passphrase, salt: salt, cost: cost)
        #expect(key.isEqual(to: again) == true)
        let otherSalt = try SecretBytes(
            passphrase: passphrase, salt: [UInt8](repeating: 6, count: PassphraseCost.saltByteCount), cost: cost)
        #expect(key.isEqual(to: otherSalt) == false)
        let otherPassphrase = try SecretBytes(
            passphrase: SecretBytes(copying: Array("correct horsf".utf8)), salt: salt, cost: cost)
        #expect(key.isEqual(to: otherPassphrase) == false)
        let otherCost = try SecretBytes(
            passphrase: passphrase, salt: salt, cost: PassphraseCost(operations: 2, memory: 8 << 20))
        #expect(key.isEqual(to: otherCost) == false)
    }

    @Test func badSaltsAndCostsAreRefused() {
        let passphrase = SecretBytes(copying: Array("correct horse".utf8))
        for count in [0, 15, 17] {
            #expect(throws: SecretsError(.wrongLength)) {
                _ = try SecretBytes(
                    passphrase: passphrase, salt: [UInt8](repeating: 5, count: count),
                    cost: PassphraseCost(operations: 1, memory: 8 << 20))
            }
        }
        let salt = [UInt8](repeating: 5, count: PassphraseCost.saltByteCount)
        for cost in [PassphraseCost(operations: 0, memory: 8 << 20), PassphraseCost(operations: 1, memory: 1)] {
            #expect(throws: SecretsError(.outOfMemory)) {
                _ = try SecretBytes(passphrase: passphrase, salt: salt, cost: cost)
            }
        }
    }

    @Test func theStandardCostIsTheDesigns() {
        #expect(PassphraseCost.standard == PassphraseCost(operations: 3, memory: 268_435_456))
        #expect(PassphraseCost.minimumPassphraseLength == 10)
    }
}
