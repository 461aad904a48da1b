import DeviceKit
import Testing

@testable import TerminalClient

/// A file for somebody else holds nothing of what this device caught the relay with: whoever made it is told.
@Suite struct HeldProofsTests {
    @Test func whoeverHandsAFileOnIsToldOfTheProofBesideIt() throws {
        let held = HeldProofs([
            Finding(.contradiction, "two trees", evidence: "/profile/evidence/checkpoints_contradict-01.json"),
            Finding(.rolledBack, "an older tree", evidence: "/profile/evidence/rolled_back-02.json"),
        ])
        #expect(
            held.document == [
                "/profile/evidence/checkpoints_contradict-01.json", "/profile/evidence/rolled_back-02.json",
            ])
        let words = try #require(held.warning(beside: "proof.tar"))
        #expect(
            words.hasPrefix(
                "NOT ONE HISTORY, as \"/profile/evidence/checkpoints_contradict-01.json\" proves, which this device holds"
            ))
        #expect(words.contains("which is not in \"proof.tar\": hand both on. Keep \"/profile"))
        #expect(
            words.contains("\"nightbell audit compare /profile/evidence/checkpoints_contradict-01.json\"")
                && words.contains("\"nightbell audit export DIR\""))
    }

    @Test func nothingIsSaidWhereNothingIsHeld() {
        let held = HeldProofs([])
        #expect(held.document == [] && held.warning(beside: "proof.tar") == nil)
    }
}
