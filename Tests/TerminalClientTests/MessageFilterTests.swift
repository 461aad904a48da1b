import ArgumentParser
import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// Which messages an auditor asks for: all that is given must hold.
@Suite struct MessageFilterTests {
    private let noor = MemberID.random()
    private let desk = MemberID.random()
    private let at = ScreenStage.start

    private func admits(
        _ filter: MessageFilter, _ urgency: Urgency = .urgent, isUnanswered: Bool = false
    ) -> Bool {
        filter.admits(to: noor, from: desk, urgency, isUnanswered: isUnanswered, at: at)
    }

    @Test func withoutAFilterAllAreListed() {
        #expect(admits(MessageFilter()) && admits(MessageFilter(), .routine, isUnanswered: true))
    }

    @Test func eachFilterAdmitsWhatItNames() {
        #expect(admits(MessageFilter(to: noor)) && !admits(MessageFilter(to: desk)))
        #expect(admits(MessageFilter(from: desk)) && !admits(MessageFilter(from: noor)))
        #expect(admits(MessageFilter(urgency: .urgent)) && !admits(MessageFilter(urgency: .emergent)))
        let unanswered = MessageFilter(isUnanswered: true)
        #expect(admits(unanswered, isUnanswered: true) && !admits(unanswered))
    }

    /// From the one moment on, and before the other.
    @Test func theSpanIsHalfOpen() {
        #expect(admits(MessageFilter(since: at)) && !admits(MessageFilter(since: at.adding(seconds: 1))))
        #expect(!admits(MessageFilter(until: at)) && admits(MessageFilter(until: at.adding(seconds: 1))))
    }

    /// An empty list would be believed: nothing ever lies in such a window.
    @Test(arguments: [("7d", "8d"), ("2h", "2h"), ("2026-11-28T03:00:00Z", "2026-11-28T02:00:00Z")])
    func aWindowThatEndsBeforeItBeginsIsRefused(_ since: String, _ until: String) throws {
        let error = #expect(throws: DeviceKitError.self) { try TimeWindow(since: since, until: until, now: at) }
        #expect(error?.code == "empty_window" && error?.category == .usage)
        let start = try Moment.parse(since, option: "--since", now: at)
        #expect(error?.message.contains(LocalTime.full(start)) == true, "\(error?.message ?? "")")
        #expect(throws: Never.self) { try TimeWindow(since: "8d", until: "7d", now: at) }
    }

    @Test func aWindowInTheFutureIsWarnedOf() throws {
        let ahead = try TimeWindow(since: "2099-01-01T00:00:00Z", until: nil, now: at)
        #expect(ahead.warning(now: at)?.contains("has yet to come") == true)
        #expect(try TimeWindow(since: "2h", until: "2099-01-01T00:00:00Z", now: at).warning(now: at) == nil)
        #expect(try TimeWindow(since: nil, until: nil, now: at).warning(now: at) == nil)
    }

    @Test func aReportsPeriodIsRefusedForOneCauseAtATime() throws {
        func options(_ from: String?, _ to: String?) throws -> ReportOptions {
            try ReportOptions.parse((from.map { ["--from", $0] } ?? []) + (to.map { ["--to", $0] } ?? []))
        }
        func message(_ from: String, _ to: String) throws -> String? {
            let parsed = try options(from, to)
            let error = #expect(throws: DeviceKitError.self) { try parsed.request(now: at) }
            return error?.message
        }
        #expect(try message("1st", "2026-11-02") == "--from takes no \"1st\": it is neither a day nor a time")
        #expect(try message("2026-11-02", "2nd")?.hasPrefix("--to takes no \"2nd\"") == true)
        #expect(try message("2026-11-02", "2026-11-01")?.contains("ends before it begins") == true)
        let ahead = try options("2099-01-01", "2099-01-31").request(now: at)
        #expect(ReportOptions.warning(ahead)?.contains("has yet to come") == true)
        #expect(ReportOptions.warning(try options("2026-01-01", "2026-01-31").request(now: at)) == nil)
    }

    @Test func allThatIsGivenMustHold() {
        #expect(admits(MessageFilter(to: noor, from: desk, urgency: .urgent)))
        #expect(!admits(MessageFilter(to: noor, from: desk, urgency: .routine)))
        #expect(!admits(MessageFilter(to: noor, from: noor, urgency: .urgent)))
    }
}
