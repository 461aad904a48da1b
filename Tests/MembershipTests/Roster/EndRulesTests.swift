import Membership
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

/// What a device believes of its own end, shown by a relay that has the log's key and tells it nothing else any more.
@Suite struct EndRulesTests {
    /// Bo's and Ivy's devices, and the roster as Bo's device knows it.
    private static func known() -> (Practice, Roster) {
        let practice = Practice()
        practice.join("bo")
        practice.join("ivy")
        return (practice, practice.roster)
    }

    private static func verdict(_ entry: Entry, at index: UInt64, by roster: Roster) -> RuleViolation.Code? {
        do {
            try roster.checkEnd(entry, at: index, of: .named("bo"))
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [Signer.device("ana"), .device("bo"), .recovery("paper")])
    func isBelievedOfWhoMayDecideIt(_ signer: Signer) {
        let (practice, roster) = Self.known()
        let next = practice.entry(practice.revoke(.device(.named("bo"))), by: [signer])
        #expect(Self.verdict(next, at: roster.size, by: roster) == nil)
        // Behind entries that this device never saw, on which its signer signed.
        practice.join("max")
        let later = practice.entry(practice.revoke(.device(.named("bo"))), by: [signer])
        #expect(Self.verdict(later, at: practice.roster.size, by: roster) == nil)
    }

    @Test func isNobodyElsesToSay() {
        let (practice, roster) = Self.known()
        for name in ["ivy", "invented by the relay"] {
            let entry = practice.entry(practice.revoke(.device(.named("bo"))), by: [.device(name)])
            #expect(Self.verdict(entry, at: roster.size, by: roster) == .notPermitted)
            #expect(Self.verdict(entry, at: roster.size + 9, by: roster) == .notPermitted)
        }
        let stolen = practice.entry(practice.revoke(.device(.named("bo"))), by: [.recovery("stolen")])
        #expect(Self.verdict(stolen, at: roster.size + 9, by: roster) == .badSignature)
    }

    /// An entry of a private tree, at a place that this device replayed long ago.
    @Test func isNotRewrittenIntoWhatWasReplayed() {
        let (practice, roster) = Self.known()
        let entry = practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
        #expect(Self.verdict(entry, at: 0, by: roster) == .outOfBounds)
        #expect(Self.verdict(entry, at: roster.size - 1, by: roster) == .outOfBounds)
    }

    /// Signed on a tree of the relay's making: as long as ours and another, or longer than its own place.
    @Test func restsOnThisLog() {
        let (practice, roster) = Self.known()
        func entry(_ seen: Seen) -> Entry {
            practice.entry(
                RevokeStatement(
                    organisation: practice.organisation, seen: seen, at: practice.now, target: .device(.named("bo")),
                    reason: .words("lost")), by: [.device("ana")])
        }
        let root = Digest.sha256(Array("another tree".utf8))
        let other = entry(practice.sign(size: roster.size, root: root))
        #expect(Self.verdict(other, at: roster.size + 9, by: roster) == .seenContradicts)
        let later = entry(practice.sign(size: roster.size + 10, root: root))
        #expect(Self.verdict(later, at: roster.size + 9, by: roster) == .seenUnsigned)
    }

    @Test func aSuspensionIsAnAdminsToo() {
        let (practice, roster) = Self.known()
        practice.join("max")
        let suspension = practice.member("bo", status: .suspended)
        let place = practice.roster.size
        #expect(Self.verdict(practice.entry(suspension, by: [.device("ana")]), at: place, by: roster) == nil)
        #expect(Self.verdict(practice.entry(suspension, by: [.device("ivy")]), at: place, by: roster) == .notPermitted)
        let other = practice.entry(practice.member("ivy", status: .suspended), by: [.device("ana")])
        #expect(Self.verdict(other, at: place, by: roster) == .unknown)
    }
}
