import Auditing
import DeviceKit
import Statements
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

    /// That a lie was met says nothing of the command that met it: what it did not do is said, the lie itself once.
    @Test func whatALieLeavesUndoneIsSaid() {
        let lie = DeviceKitError("rolled_back", .verification, "an older present", next: "keep it")
        let told = lie.leaving(undone: "\"f.tar\" was not written", instead: "name an export", isTold: true)
        #expect(told.code == lie.code && told.category == lie.category && told.next == "keep it; name an export")
        #expect(told.message.hasPrefix("\"f.tar\" was not written") && !told.message.contains(lie.message))
        let untold = lie.leaving(undone: "\"f.tar\" was not written", instead: nil, isTold: false)
        #expect(untold.message == "\"f.tar\" was not written: an older present" && untold.next == "keep it")
    }

    /// Without a relay an export answers.
    @Test func whereNoRelayIsReachedAnExportIsNamed() {
        let away = DeviceKitError("relay_unreachable", .unreachable, "it is away", next: "check the network").orOfExport
        #expect(away.code == "relay_unreachable" && away.message == "it is away")
        #expect(away.next.hasPrefix("check the network; or ask an export") && away.next.hasSuffix("--export DIR"))
        #expect(DeviceKitError("x", .failed, "y", next: "z").orOfExport.next == "z")
    }

    @Test func aLookThatShowedNothingIsToldOnce() {
        let looks = LoggedLooks()
        #expect(looks.take() == nil)
        looks.add(812)
        #expect(looks.take() == "the look is logged all the same: entry 812 of the activity log")
        #expect(looks.take() == nil)
        looks.add(7)
        looks.add(8)
        #expect(looks.take() == "the looks are logged all the same: entries 7 and 8 of the activity log")
    }

    @Test func whatRunsToItsEndIsGiven() async throws {
        #expect(try await UntilSignal.whole { 7 } == 7)
        await #expect(throws: AuditError(.noExport, "")) {
            try await UntilSignal.whole { throw AuditError(.noExport, "x") }
        }
    }

    @Test func anExportOfAnotherOrganisationNamesBoth() throws {
        let (own, other) = ("org-" + String(repeating: "a", count: 32), "org-" + String(repeating: "i", count: 32))
        let words = CommandContext.warning(
            of: try #require(OrganisationID(other)), where: try #require(OrganisationID(own)), of: "/profile")
        #expect(
            words == "this export is about \(other), and the profile \"/profile\" is of another organisation, \(own)")
    }

    @Test func aBrokenPromiseIsSaidFirst() {
        #expect(AuditReport.ends([.brokenPromise]) == ["NOT OK: a promise of the relay was broken, see above"])
        let settled = AuditReport.ends([.brokenPromise, .note], isCaughtAlone: true)
        #expect(settled.count == 1 && settled[0].contains("was broken, see above. Nothing else is wrong"))
        #expect(
            settled[0].contains("how the matter was settled")
                && settled[0].contains("\"nightbell audit verify --export DIR\""))
        let both = AuditReport.ends([.damagedCopy, .brokenPromise])
        #expect(both.count == 2 && both[0].contains("promise") && both[1].contains("damaged"))
    }
}
