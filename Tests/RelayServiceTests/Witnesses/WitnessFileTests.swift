import Secrets
import Statements
import Testing

@testable import RelayService

/// The operator's list of witnesses.
@Suite struct WitnessFileTests {
    private static func vkey(_ name: String) -> String {
        WitnessKey(
            name: name, key: SigningKey(seed: SecretBytes(copying: Digest.sha256(Array(name.utf8)).bytes)).verifyingKey
        ).vkey
    }

    private static let one = vkey("one.example/w")
    private static let two = vkey("two.example/w")

    @Test func namesAndAddressesAreRead() throws {
        let text = """
            # ours
            log \(Self.one) https://relay.example

            witness one \(Self.one) https://one.example
            witness\ttwo  \(Self.two) https://Two.example:8443/up/there/
            group both all one two
            quorum both
            """
        let witnesses = try WitnessFile(parsing: Array(text.utf8)).witnesses
        #expect(witnesses.map(\.key.vkey) == [Self.one, Self.two])
        #expect(witnesses.map(\.origin) == ["https://one.example", "https://two.example:8443"])
        #expect(witnesses.map(\.prefix) == ["", "/up/there"])
        #expect(try WitnessFile(parsing: []).witnesses.isEmpty)
    }

    /// As Windows ends lines, and under a name that begins with a mark: no witness is passed over.
    @Test func linesAndWordsAreToldApartByScalars() throws {
        let marked = Self.vkey("\u{301}one.example")
        let text = [
            "# ours", "witness one \(marked) https://one.example", "", "#\u{301} two",
            "witness two \(Self.two) https://two.example", "",
        ].joined(separator: "\r\n")
        let witnesses = try WitnessFile(parsing: Array(text.utf8)).witnesses
        #expect(witnesses.map { Array($0.key.vkey.utf8) } == [marked, Self.two].map { Array($0.utf8) })
        #expect(witnesses.map(\.origin) == ["https://one.example", "https://two.example"])
    }

    @Test(arguments: [
        "witness one \(one)", "witness one \(one) http://one.example", "witness one \(one) https://127.0.0.1",
        "witness one \(one) https://one.example/?a=b", "witness one \(one) https://u@one.example",
        "witness one \(one.dropLast()) https://one.example", "witness one one.example https://one.example",
        "wittness one \(one) https://one.example",
        "witness one \(one) https://one.example\nwitness again \(one) https://two.example",
    ])
    func anythingElseNamesItsLine(_ text: String) {
        #expect {
            try WitnessFile(parsing: Array("# first\n\(text)".utf8))
        } throws: { error in
            (error as? WitnessFile.Malformed)?.line == 1 + text.split(separator: "\n").count
        }
    }

    @Test func sixteenAreEnough() {
        func file(_ count: Int) -> [UInt8] {
            Array((0..<count).map { "witness w \(Self.vkey("\($0).example")) https://\($0).example\n" }.joined().utf8)
        }
        #expect((try? WitnessFile(parsing: file(16)))?.witnesses.count == 16)
        #expect((try? WitnessFile(parsing: file(17))) == nil)
    }
}
