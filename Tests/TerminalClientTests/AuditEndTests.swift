import Auditing
import Testing

@testable import TerminalClient

/// What an audit comes to, in its last lines.
@Suite struct AuditEndTests {
    @Test func aNoteBreaksNothing() {
        for severities in [[], [.note]] as [[AuditFinding.Severity]] {
            #expect(AuditReport.ends(severities).map { $0.hasPrefix("ok: ") } == [true])
        }
    }

    @Test func aDamagedCopyIsNoPromiseThatTheRelayBroke() {
        let ends = AuditReport.ends([.damagedCopy, .note])
        #expect(ends.count == 1 && ends[0].hasPrefix("NOT OK: this copy is damaged") && !ends[0].contains("promise"))
        #expect(ends[0].contains("Keep it, and export again"))
    }

    @Test func whatWasNotJudgedIsNoProofOfAnything() {
        let ends = AuditReport.ends([.unjudged, .note])
        #expect(ends.count == 1 && ends[0].hasPrefix("NOT JUDGED TO THE END"))
        #expect(AuditReport.ends([.unjudged, .brokenPromise]).count == 2)
    }

    @Test func howItEndsSaysWhatWasFoundFirst() {
        #expect(AuditReport.status([.note]) == .done)
        #expect(AuditReport.status([.note, .unjudged]) == .configuration)
        for found in [.brokenPromise, .damagedCopy] as [AuditFinding.Severity] {
            #expect(AuditReport.status([.unjudged, found, .note]) == .verificationFailed)
        }
    }

    @Test func aBrokenPromiseIsSaidFirst() {
        #expect(AuditReport.ends([.brokenPromise]) == ["NOT OK: a promise of the relay was broken, see above"])
        let both = AuditReport.ends([.damagedCopy, .brokenPromise])
        #expect(both.count == 2 && both[0].contains("promise") && both[1].contains("damaged"))
    }
}
