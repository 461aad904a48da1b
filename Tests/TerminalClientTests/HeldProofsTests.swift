import Auditing
import DeviceKit
import Foundation
import Statements
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
                "NOT ONE HISTORY, as \"/profile/evidence/checkpoints_contradict-01.json\" proves; this device holds it"
            ))
        #expect(words.contains("it is not in \"proof.tar\": hand both on. Keep \"/profile"))
        #expect(
            words.contains("\"nightbell audit compare /profile/evidence/checkpoints_contradict-01.json\"")
                && words.contains("\"nightbell audit export DIR\""))
    }

    /// Two trees of two sizes are no proof to anybody who has no history to hold them against.
    @Test func whatNeedsAnExportIsNotSaidToProveAlone() throws {
        let finding = Finding(
            .inconsistent, "it does not continue", evidence: "/e/not_consistent-01.json", log: .activity)
        let both = "together with an export of the history that"
        let words = try #require(HeldProofs([finding]).warning(beside: "proof.tar"))
        #expect(
            words.hasPrefix("NOT ONE HISTORY, as \"/e/not_consistent-01.json\" proves \(both) the relay shows now;"))
        #expect(words.components(separatedBy: "nightbell audit export DIR").count == 2, "\(words)")
        #expect(finding.next.contains("\(both) it shows now") && finding.next.contains("Keep both"))
        #expect(finding.next.contains("\"nightbell audit compare /e/not_consistent-01.json --export DIR\""))
        let told = AuditFinding(finding).sentence
        #expect(told.contains("evidence/not_consistent-01.json in the profile") && told.contains(both), "\(told)")
        #expect(!told.contains("the proof is"))
        let alone = AuditFinding(Finding(.contradiction, "two", evidence: "/e/x")).sentence
        #expect(alone.contains("the proof is evidence/x"))
    }

    @Test func nothingIsSaidWhereNothingIsHeld() {
        let held = HeldProofs([])
        #expect(held.document == [] && held.warning(beside: "proof.tar") == nil)
    }
}
