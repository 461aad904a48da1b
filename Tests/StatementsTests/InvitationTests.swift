import FuzzSupport
import Secrets
import Statements
import Testing

@Suite struct InvitationTests {
    private static let organisation = OrganisationID(bytes: Array(100..<120))
    private static func text(_ relay: String = "relay.example.org:8443") -> String {
        InvitationText(relay: relay, organisation: organisation, secret: SecretBytes(copying: Array(0..<16))).exposed()
    }

    @Test func comesBackWhole() throws {
        let parsed = try InvitationText(parsing: Self.text())
        #expect(parsed.relay == "relay.example.org:8443")
        #expect(parsed.organisation == Self.organisation)
        #expect(parsed.exposed() == Self.text())
        let secret = SecretBytes(copying: Array(0..<16))
        let key = InvitationText(relay: "other", organisation: Self.organisation, secret: secret.duplicate()).key()
        // The key depends on secret and organisation, not on the address.
        #expect(parsed.key().verifyingKey == key.verifyingKey)
        let elsewhere = InvitationText(
            relay: "other", organisation: OrganisationID(bytes: Array(0..<20)), secret: secret)
        #expect(parsed.key().verifyingKey != elsewhere.key().verifyingKey)
    }

    @Test func capitalsAreUnderstood() throws {
        let parsed = try InvitationText(parsing: Self.text().uppercased())
        #expect(parsed.exposed() == Self.text())
    }

    @Test func everySingleSubstitutionInTheTailIsCaught() {
        let text = Array(Self.text())
        for index in (text.count - 30)..<text.count {
            for character in "abcdefghijklmnopqrstuvwxyz234567" where character != text[index] {
                var changed = text
                changed[index] = character
                #expect(throws: StatementError(.malformed, part: "")) {
                    _ = try InvitationText(parsing: String(changed))
                }
            }
        }
    }

    @Test func everySubstitutionInAddressOrOrganisationIsCaught() {
        let text = Array(Self.text())
        for index in 10..<(text.count - 31) {
            for character in "a7-." where character != text[index] {
                var changed = text
                changed[index] = character
                #expect(throws: StatementError.self) { _ = try InvitationText(parsing: String(changed)) }
            }
        }
    }

    @Test func swappedNeighboursAreCaught() {
        let text = Array(Self.text())
        for index in 10..<(text.count - 1) where text[index] != text[index + 1] {
            var changed = text
            changed.swapAt(index, index + 1)
            #expect(throws: StatementError.self) { _ = try InvitationText(parsing: String(changed)) }
        }
    }

    @Test func mistypedCheckCharactersAreNamed() throws {
        let text = Self.text()
        let last = text.last == "a" ? "b" : "a"
        let error = try #require(throws: StatementError.self) {
            _ = try InvitationText(parsing: text.dropLast() + last)
        }
        #expect(error.part == "check characters")
    }

    @Test(arguments: [
        "", "nightbell:", "http://relay.example.org", "nightbell:/", "nightbell:a/b.c", "nightbell:a.b",
        "nightbell:\(String(repeating: "a", count: 500))",
    ]) func otherTextsAreRefused(_ text: String) {
        #expect(throws: StatementError.self) { _ = try InvitationText(parsing: text) }
    }

    @Test func blanksAndForeignCharactersAreRefused() {
        let text = Self.text()
        for changed in [
            " " + text, text + "\n", text.replacing("relay", with: "re lay"),
            text.replacing("nightbell", with: "nightbe\u{212A}l"),
            text.replacing("k", with: "\u{212A}"), text + "\u{301}", text.replacing(":8443", with: ":+8443"),
        ] {
            #expect(throws: StatementError.self) { _ = try InvitationText(parsing: changed) }
        }
    }

    /// With check characters that fit: a hostile address is not refused for a typing mistake.
    @Test(arguments: [
        "", ":1", "a:", "a:0", "a:65536", "a:080", "a:1:2", "a..b", ".a", "a.", "-a", "a-", "a_b", "a@b", "user:pw@a",
        "[::1",
        "::1", "[]", "[:::]", "[1.2.3.4]", "[::1]2", "[fe80::1%eth0]", "a,b", "a?b", "a#b", "a%2eb", "a\\b", "a\u{E9}",
        String(repeating: "a", count: 64), Array(repeating: "a", count: 127).joined(separator: ".") + ".b",
    ]) func hostileAddressesAreRefused(_ relay: String) {
        let body = "nightbell:\(relay)/\(Self.organisation.characters).\(Base32.encode(Array(0..<16)))"
        let text = body + Base32.encode(Digest.sha256(Array(body.utf8)).bytes).prefix(4)
        #expect(throws: StatementError.self) { _ = try InvitationText(parsing: text) }
        #expect(!InvitationText.isRelayAddress(relay))
    }

    @Test(arguments: [
        "a", "localhost", "relay.example.org", "relay.example.org:443", "127.0.0.1:8443", "[::1]",
        "[2001:db8::1]:65535",
        "[::ffff:1.2.3.4]:1", "a-b.c-d", "xn--grnwald-o2a.example", String(repeating: "a", count: 63),
    ]) func addressesAreAccepted(_ relay: String) throws {
        #expect(InvitationText.isRelayAddress(relay))
        #expect(try InvitationText(parsing: Self.text(relay)).relay == relay)
    }
}
