import Membership
import RelayAPI
import Statements
import Testing

@testable import DeviceKit
@testable import TerminalClient

/// What a monitor that looks again and again outlives, and what ends it.
@Suite struct MonitorTroubleTests {
    private static func refusal(_ code: Problem.Code) -> RelayRefusal {
        RelayRefusal(problem: Problem(code, status: 500, detail: "Said by the relay.", next: "Wait."))
    }

    private static func error(_ category: DeviceKitError.Category) -> DeviceKitError {
        DeviceKitError("test", category, "what happened", next: "go on")
    }

    @Test func aRelayThatStartsOrDrainsIsAskedAgain() {
        for code in [.busy, .unavailable, .quota, .clock, .init(rawValue: "later_word")] as [Problem.Code] {
            let trouble = AuditMonitorCommand.trouble(Self.refusal(code))
            #expect(trouble?.event == "unreachable", "\(code.rawValue)")
            #expect(trouble?.words.contains("Said by the relay") == true)
        }
        for category in [.unreachable, .tryAgain] as [DeviceKitError.Category] {
            #expect(AuditMonitorCommand.trouble(Self.error(category))?.event == "unreachable")
        }
    }

    @Test func theGravestProofIsNamed() {
        let two = [Finding(.contradiction, "", evidence: "/two"), Finding(.rolledBack, "", evidence: "/older")]
        #expect(AuditMonitorCommand.history(two).contains("NOT ONE HISTORY, as \"/two\" proves"))
        #expect(AuditMonitorCommand.history([]).hasPrefix("one history"))
    }

    @Test func everyLineHasItsTime() {
        let time = Timestamp(milliseconds: 1_700_000_000_000)
        #expect(
            AuditMonitorCommand.line("the relay answers again", at: time, isGrave: false)
                == "\(LocalTime.full(time))  the relay answers again")
        let grave = AuditMonitorCommand.line("two trees", at: time, isGrave: true)
        #expect(grave == "\(LocalTime.full(time))  !! two trees")
    }

    @Test func aFindingEndsNothing() {
        #expect(AuditMonitorCommand.trouble(Self.error(.verification))?.event == "finding")
        #expect(AuditMonitorCommand.trouble(StatementError(.malformed, part: "head"))?.event == "finding")
        #expect(AuditMonitorCommand.trouble(RuleViolation(.badSignature, "x"))?.event == "finding")
    }

    /// No further look changes these.
    @Test func whatStaysAsItIsEndsIt() {
        for code in [.revoked, .notPermitted] as [Problem.Code] {
            #expect(AuditMonitorCommand.trouble(Self.refusal(code)) == nil)
        }
        for category in [.locked, .configuration, .refused, .failed, .usage] as [DeviceKitError.Category] {
            #expect(AuditMonitorCommand.trouble(Self.error(category)) == nil)
        }
        #expect(AuditMonitorCommand.trouble(StatementError(.unknownType, part: "x")) == nil)
        #expect(AuditMonitorCommand.trouble(CancellationError()) == nil)
    }
}
