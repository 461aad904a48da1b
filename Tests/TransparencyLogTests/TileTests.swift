import FuzzSupport
import Secrets
import Testing
import TransparencyLog

@Suite struct TileTests {
    static let paths: [(String, TilePath)] = [
        ("tile/0/000", TilePath(kind: .hashes(level: 0), index: 0, width: 256)),
        ("tile/0/001.p/1", TilePath(kind: .hashes(level: 0), index: 1, width: 1)),
        ("tile/1/x001/x234/067", TilePath(kind: .hashes(level: 1), index: 1_234_067, width: 256)),
        ("tile/63/999.p/255", TilePath(kind: .hashes(level: 63), index: 999, width: 255)),
        ("tile/2/x001/000", TilePath(kind: .hashes(level: 2), index: 1_000, width: 256)),
        ("tile/entries/x273/112.p/112", TilePath(kind: .entries, index: 273_112, width: 112)),
        ("tile/entries/000", TilePath(kind: .entries, index: 0, width: 256)),
    ]

    @Test(arguments: paths) func pathsAreThoseOfTheSpecification(_ text: String, _ path: TilePath) {
        #expect(TilePath(text) == path)
        #expect(path.description == text)
    }

    @Test(arguments: [
        "", "/", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000",
        "tile/0/x000/001",
        "tile/0/001/002", "tile/0/x001", "tile/0/x01/002", "tile/0/1234", "tile/00/000", "tile/64/000", "tile/-1/000",
        "tile/+1/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/+1", "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/p/1", "tile/0/.p/1", "/tile/0/000", "tile/0/000/", "tile//000", "Tile/0/000", "tile/entry/000",
        "tile/data/000", "tile/8/0/000/1", "tile/entries/000.p/1/2", "tile/0/000.P/1", "tile/0/00\u{661}",
        "tile/0/000\n",
        "tile/0/../../etc/passwd", "tile/0/000.p/1.p/2", "tile/0/X001/000", "tile/0/x18x/446",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tile/0/x001/x001/x001/x001/x001/x001/x001/x001/x001/x001/001",
    ]) func otherPathsAreRefused(_ text: String) { #expect(TilePath(text) == nil) }

    @Test func pathsComeBack() {
        var generator = SplitMix64(name: "tile paths")
        for _ in 0..<500 {
            let path = TilePath(
                kind: generator.once(in: 3) ? .entries : .hashes(level: generator.below(64)),
                index: generator.next() >> UInt64(20 + generator.below(44)), width: 1 + generator.below(256))
            #expect(TilePath(path.description) == path)
        }
    }

    @Test func aTreeOf70000HasTheTilesOfTheSpecification() {
        let paths = TilePath.all(size: 70_000)
        func count(_ kind: TilePath.Kind) -> Int { paths.filter { $0.kind == kind }.count }
        func last(_ kind: TilePath.Kind) -> TilePath? { paths.last { $0.kind == kind } }
        #expect(count(.entries) == 274)
        #expect(last(.entries)?.description == "tile/entries/273.p/112")
        #expect(count(.hashes(level: 0)) == 274)
        #expect(last(.hashes(level: 0))?.description == "tile/0/273.p/112")
        #expect(count(.hashes(level: 1)) == 2)
        #expect(last(.hashes(level: 1))?.description == "tile/1/001.p/17")
        #expect(count(.hashes(level: 2)) == 1)
        #expect(last(.hashes(level: 2))?.description == "tile/2/000.p/1")
        #expect(paths.count == 274 + 274 + 2 + 1)
        #expect(paths.filter { $0.width == 256 && $0.kind == .hashes(level: 0) }.count == 273)
    }

    @Test func smallTreesHaveTheTilesOfTheSpecification() {
        #expect(TilePath.all(size: 0).isEmpty)
        #expect(TilePath.all(size: 1).map(\.description) == ["tile/entries/000.p/1", "tile/0/000.p/1"])
        #expect(TilePath.all(size: 256).map(\.description) == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
        #expect(
            TilePath.all(size: 257).map(\.description) == [
                "tile/entries/000", "tile/entries/001.p/1", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1",
            ])
    }

    @Test func existenceIsThatOfTheList() {
        for size in [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000] as [UInt64] {
            let all = Set(TilePath.all(size: size))
            for path in all { #expect(path.exists(inTreeOf: size), "\(path) of \(size)") }
            for level in 0..<9 {
                for index in [0, 1, 2, 255, 256, 273, 274] as [UInt64] {
                    for width in [1, 16, 17, 18, 111, 112, 113, 255, 256] {
                        let path = TilePath(kind: .hashes(level: level), index: index, width: width)
                        let widest = all.filter { $0.kind == path.kind && $0.index == index }.map(\.width).max() ?? 0
                        #expect(path.exists(inTreeOf: size) == (width <= widest), "\(path) of \(size)")
                    }
                }
            }
        }
        #expect(!TilePath(kind: .hashes(level: 0), index: .max, width: 256).exists(inTreeOf: .max))
        #expect(!TilePath(kind: .hashes(level: 63), index: 0, width: 1).exists(inTreeOf: .max))
    }

    @Test func bundlesComeBack() throws {
        var generator = SplitMix64(name: "bundles")
        for count in [0, 1, 2, 17, 256] {
            let entries = (0..<count).map { _ in generator.bytes(generator.below(90)) }
            let bytes = EntryBundle.encode(entries)
            #expect(try EntryBundle.decode(bytes, count: count) == entries)
            for other in [count - 1, count + 1] {
                #expect(throws: LogError(.malformed, part: "")) { try EntryBundle.decode(bytes, count: other) }
            }
        }
        let large = [[UInt8](repeating: 7, count: 65_535), [], [1]]
        #expect(try EntryBundle.decode(EntryBundle.encode(large), count: 3) == large)
        #expect(EntryBundle.encode([[1, 2], []]) == [0, 2, 1, 2, 0, 0])
    }

    @Test(arguments: [[0], [0, 1], [0, 2, 1], [0, 1, 1, 0], [0xFF, 0xFF, 1]] as [[UInt8]])
    func cutBundlesAreRefused(_ bytes: [UInt8]) {
        for count in 0...2 {
            #expect(throws: LogError(.malformed, part: "")) { try EntryBundle.decode(bytes, count: count) }
        }
    }

    @Test func hashTilesComeBack() throws {
        let plain = PlainTree(count: 256)
        let bytes = HashTile.encode(plain.leaves)
        #expect(bytes.count == 8_192)
        #expect(try HashTile.decode(bytes, width: 256) == plain.leaves)
        for width in [0, 1, 255] {
            #expect(
                try HashTile.decode(Array(bytes.prefix(width * 32)), width: width) == Array(plain.leaves.prefix(width)))
            #expect(throws: LogError(.malformed, part: "")) { try HashTile.decode(bytes, width: width) }
        }
        #expect(throws: LogError(.malformed, part: "")) { try HashTile.decode(bytes + [0], width: 256) }
        for level in 0...8 {
            for index in [0, (256 >> level) - 1] {
                #expect(
                    HashTile.hash(in: plain.leaves, level: level, index: index)
                        == plain.root((index << level)..<((index + 1) << level)))
            }
        }
    }
}
