import FuzzSupport
import Secrets
import Testing

@Suite struct Ed25519Tests {
    struct Vector: Sendable {
        let seed, key, message, signature: String
    }

    /// RFC 8032 section 7.1: tests 1, 2, 3 and SHA(abc).
    static let vectors = [
        Vector(
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
            signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        Vector(
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        Vector(
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
        Vector(
            seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            key: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            message: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            signature: "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"),
    ]

    @Test(arguments: vectors) func signsAsTheRFCSays(_ vector: Vector) throws {
        let key = SigningKey(seed: SecretBytes(copying: try bytes(vector.seed)))
        #expect(Hex.encode(key.verifyingKey.bytes) == vector.key)
        #expect(Hex.encode(key.signature(for: try bytes(vector.message))) == vector.signature)
        let seed = key.seed().exposed()
        #expect(Hex.encode(seed) == vector.seed)
    }

    @Test(arguments: vectors) func verifiesWhatTheRFCSigned(_ vector: Vector) throws {
        let key = try #require(VerifyingKey(try bytes(vector.key)))
        let signature = try bytes(vector.signature)
        let message = try bytes(vector.message)
        #expect(key.isValid(signature: signature, for: message))
        #expect(!key.isValid(signature: signature, for: message + [0]))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1
            #expect(!key.isValid(signature: changed, for: message), "byte \(index)")
        }
    }

    @Test func refusesASignatureOfAnotherLengthOrWithTheOtherS() throws {
        let vector = Self.vectors[0]
        let key = try #require(VerifyingKey(try bytes(vector.key)))
        let signature = try bytes(vector.signature)
        #expect(!key.isValid(signature: [], for: []))
        #expect(!key.isValid(signature: Array(signature.dropLast()), for: []))
        #expect(!key.isValid(signature: signature + [0], for: []))
        // S + L: a second signature of the same message, were it taken.
        let malleable =
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            + "4c8c7872aa064e049dbb3013fbf29380d25bf5f0595bbe24655141438e7a101b"
        #expect(!key.isValid(signature: try bytes(malleable), for: []))
    }

    /// Every encoding of the eight points of small order, the non-canonical ones included.
    static let smallOrder =
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ].flatMap { hex in
            let last = UInt8(hex.suffix(2), radix: 16)! ^ 0x80
            return [hex, hex.dropLast(2) + Hex.encode([last])]
        }

    @Test(arguments: smallOrder) func refusesAKeyOfSmallOrder(_ hex: String) throws {
        #expect(VerifyingKey(try bytes(hex)) == nil)
    }

    @Test(arguments: [
        // y = 3 + p: not canonical.
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // All ones.
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        // y = 2: on no point of the curve.
        "0200000000000000000000000000000000000000000000000000000000000000",
        // The first vector's key plus a point of order 8, and plus the one of order 2: outside the main subgroup.
        mixedOrder8, mixedOrder2,
    ]) func refusesAKeyThatIsNoCanonicalPointOfTheMainSubgroup(_ hex: String) throws {
        #expect(VerifyingKey(try bytes(hex)) == nil)
    }

    static let mixedOrder8 = "3b5b475c4b82dd1572799fc546f4c6c03e478c6654aa4c7f945b347ea32af60d"
    static let mixedOrder2 = "16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5"

    @Test(arguments: [0, 31, 33, 64]) func refusesAKeyOfAnotherLength(_ count: Int) {
        #expect(VerifyingKey([UInt8](repeating: 9, count: count)) == nil)
    }

    @Test func duplicatesSignAlikeAndFreshKeysDiffer() {
        let key = SigningKey()
        let copy = key.duplicate()
        #expect(key.verifyingKey == copy.verifyingKey)
        #expect(key.signature(for: [1, 2, 3]) == copy.signature(for: [1, 2, 3]))
        let other = SigningKey()
        #expect(other.verifyingKey != key.verifyingKey)
        #expect(!other.verifyingKey.isValid(signature: key.signature(for: [1]), for: [1]))
    }

    private func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex.utf8)) }
}
