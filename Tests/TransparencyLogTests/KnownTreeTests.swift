import Secrets
import Testing
import TransparencyLog

/// The reference leaves of RFC 6962 implementations (transparency-dev/merkle), and their roots and proofs.
@Suite struct KnownTreeTests {
    private static let leaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
    .map { MerkleTree.leafHash(Hex.decode($0.utf8)!) }

    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    private static func digest(_ base64: String) -> Digest { Digest(Base64.decode(base64.utf8)!)! }
    private static func root(_ size: Int) -> Digest { Digest(hex: roots[size].utf8)! }

    @Test(arguments: 0...8) func rootsAreTheReferences(_ size: Int) throws {
        let tree = GrowingTree(leaves: Self.leaves.prefix(size))
        #expect(tree.root.hex == Self.roots[size])
        #expect(MerkleTree.root(of: Self.leaves.prefix(size)).hex == Self.roots[size])
        #expect(ReadBack.root(size: 0, edge: [], adding: Array(Self.leaves.prefix(size))).hex == Self.roots[size])
        #expect(try tree.root(size: UInt64(size)).hex == Self.roots[size])
    }

    @Test func theEmptyTreesRootIsTheHashOfNothing() {
        #expect(Base64.encode(MerkleTree.emptyRoot.bytes) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    }

    @Test func inclusionOfIndexFiveOfEight() throws {
        let leaf = Self.digest("QnGia+DYqE8L1UyMMC58s6O10fpngKQLzOKHNHfatlg=")
        let path = [
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=", "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        ].map(Self.digest)
        #expect(Self.leaves[5] == leaf)
        #expect(Proofs.isIncluded(leaf: leaf, index: 5, size: 8, root: Self.root(8), proof: path))
        #expect(try GrowingTree(leaves: Self.leaves).inclusionProof(index: 5, size: 8) == path)
    }

    static let consistency: [(Int, Int, [String])] = [
        (
            6, 8,
            [
                "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=", "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
                "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
            ]
        ), (2, 5, ["Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=", "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="]),
    ]

    @Test(arguments: consistency) func consistencyProofsAreTheReferences(
        _ first: Int, _ second: Int, _ path: [String]
    ) throws {
        let path = path.map(Self.digest)
        #expect(
            Proofs.isConsistent(
                first: UInt64(first), firstRoot: Self.root(first), second: UInt64(second),
                secondRoot: Self.root(second),
                proof: path))
        #expect(
            try GrowingTree(leaves: Self.leaves).consistencyProof(from: UInt64(first), to: UInt64(second)) == path)
    }
}
