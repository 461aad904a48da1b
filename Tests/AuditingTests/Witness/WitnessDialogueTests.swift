import Auditing
import Secrets
import Statements
import Testing
import TransparencyLog

/// The dialogue with which litewitness (torchwood) tests itself, word for word.
@Suite struct WitnessDialogueTests {
    private static let origin = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
    private static let one =
        "\(origin)\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— \(origin) "
        + "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=\n"
    private static let three =
        "\(origin)\n3\nRcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=\n\n— \(origin) "
        + "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=\n"
    private static let proof =
        "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

    private static func key() throws -> NoteKey {
        let bytes = try #require(Hex.decode("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f".utf8))
        return NoteKey(name: origin, key: try #require(VerifyingKey(bytes)))
    }

    @Test func itGoesAsLitewitnessSays() throws {
        let key = try Self.key()
        #expect(key.id == 0x5202_289B)
        let (keeper, _) = try WitnessKeeper.new([key])
        func ask(_ body: String) -> Int { keeper.answer(Array(body.utf8), at: { 1_700_000_000 }).status }
        #expect(ask("old 0\n\n\(Self.one)") == 200)
        #expect(ask("old 1\n\n\(Self.three)") == 422)
        #expect(ask("old 1\n\(Self.proof.replacing("KgIA", with: "KgMA"))\n\(Self.three)") == 422)
        #expect(ask("old 1\n\(Self.proof)\n\(Self.three.replacing("x6go=", with: "x6gs="))") == 403)
        #expect(ask("old 0\n\(Self.proof)\n\(Self.three)") == 409)
        #expect(ask("old 1\n\(Self.proof)\n\(Self.three)") == 200)
        #expect(ask("old 1\n\(Self.proof)\n\(Self.three)") == 409)
        #expect(ask("old 3\n\n\(Self.three)") == 200)
        #expect(keeper.logs[0].latest?.checkpoint.size == 3)
    }
}
