import DeviceKit
import Foundation
import Secrets
import Statements
import Testing

@testable import TerminalClient

@Suite struct StepsFilterTests {
    private static let now = Timestamp(Array("2026-11-28T12:00:00.000Z".utf8))!
    private let lines: [StepLine]
    private let first = MessageID.make(at: Timestamp(milliseconds: 1_000))
    private let second = MessageID.make(at: Timestamp(milliseconds: 2_000))

    init() {
        let (first, second) = (first, second)
        let made: [(StepName, MessageID?, Int64)] = [
            (.keysMade, nil, 300), (.page, first, 120), (.receipt, first, 119), (.page, second, 10),
            (.receipt, second, 9),
            (.proof, second, 8),
        ]
        lines = made.enumerated().map { index, made in
            StepLine(
                number: UInt64(index + 1), previous: .zero, at: Self.now.adding(seconds: -60 * made.2), step: made.0,
                message: made.1, microseconds: 1, established: "it")
        }
    }

    private func numbers(_ filter: StepsFilter) -> [UInt64] { filter.chosen(of: lines).map(\.number) }

    @Test func filtersCombine() throws {
        #expect(numbers(StepsFilter()) == [1, 2, 3, 4, 5, 6])
        #expect(numbers(StepsFilter(message: first.description)) == [2, 3])
        #expect(numbers(StepsFilter(steps: [.receipt, .proof])) == [3, 5, 6])
        #expect(numbers(StepsFilter(steps: [.receipt], since: Self.now.adding(seconds: -3_600))) == [5])
        #expect(numbers(StepsFilter(until: Self.now.adding(seconds: -3_600))) == [1, 2, 3])
        #expect(numbers(StepsFilter(message: second.description, last: 2)) == [5, 6])
        #expect(numbers(StepsFilter(message: "msg-none")).isEmpty)
        #expect(numbers(StepsFilter(message: String(second.description.dropFirst("msg-".count)))) == [4, 5, 6])
    }

    @Test func unknownStepsAreRefusedWithTheList() throws {
        #expect(try StepsFilter.steps(["receipt", "sealed_key"]) == [.receipt, .sealedKey])
        let error = #expect(throws: DeviceKitError.self) { try StepsFilter.steps(["reciept"]) }
        #expect(error?.next.hasPrefix("did you mean receipt? the steps are page, ") ?? false)
        #expect(error?.category == .usage)
    }

    @Test(arguments: [
        ("90s", "2026-11-28T11:58:30.000Z"), ("15m", "2026-11-28T11:45:00.000Z"), ("2h", "2026-11-28T10:00:00.000Z"),
        ("7d", "2026-11-21T12:00:00.000Z"), ("2026-11-28T03:00:00Z", "2026-11-28T03:00:00.000Z"),
        ("2026-11-28t03:00:00z", "2026-11-28T03:00:00.000Z"), ("2026-11-28T03:00:00.5Z", "2026-11-28T03:00:00.500Z"),
        ("2026-11-28T03:00:00.123456789Z", "2026-11-28T03:00:00.123Z"),
        ("2026-11-28T03:00:00+01:30", "2026-11-28T01:30:00.000Z"),
        ("2026-11-28T03:00:00-08:00", "2026-11-28T11:00:00.000Z"),
    ])
    func momentsAreTimesOrHowLongAgo(_ text: String, _ moment: String) throws {
        #expect(try Moment.parse(text, option: "--since", now: Self.now).description == moment)
    }

    /// In a process of its own, for the place of a machine is the process's.
    @Test func clockTimesAreWhatTheClockHereShowedLast() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("TZ", "Europe/Berlin", 1)
            tzset()
            let now = Timestamp(Array("2026-11-28T12:00:00.000Z".utf8))!
            func parsed(_ text: String) throws -> String {
                try Moment.parse(text, option: "--since", now: now).description
            }
            precondition(try! parsed("03:00") == "2026-11-28T02:00:00.000Z")
            precondition(try! parsed("3:00") == "2026-11-28T02:00:00.000Z")
            precondition(try! parsed("13:00") == "2026-11-28T12:00:00.000Z")
            precondition(try! parsed("13:01") == "2026-11-27T12:01:00.000Z")
            precondition((try? parsed("24:00")) == nil)
            precondition((try? parsed("3:0")) == nil)
            precondition(ClockTime.text(now, now: now) == "13:00 CET")
            precondition(ClockTime.text(now.adding(seconds: 86_400), now: now) == "29 Nov 13:00 CET")
            precondition(WallClock.stamp(now) == "28 Nov 13:00 CET")
            precondition(LocalTime.exact(now) == "28 Nov 2026 13:00:00.000 CET")
        }
    }

    @Test(arguments: [
        "", "h", "2", "-2h", "2 h", "2w", "99999999999d", "9999999999999s", "2026-11-28", "2026-02-30T00:00:00Z",
        "2026-11-28T03:00:00", "2026-11-28T03:00:00.Z", "2026-11-28T03:00:00+1:00", "2026-11-28T03:00:00+25:00",
        "2026-11-28T03:00:00Zx", "yesterday", "\u{661}h",
    ])
    func everythingElseIsRefused(_ text: String) {
        let error = #expect(throws: DeviceKitError.self) { try Moment.parse(text, option: "--since", now: Self.now) }
        #expect(error?.category == .usage && error?.message.hasPrefix("--since takes no") ?? false)
    }

    @Test(arguments: [
        ["steps", "--step", "reciept"], ["steps", "--last", "0"], ["steps", "--since", "soon"],
        ["steps", "--verify", "--last", "2"], ["steps", "--verify", "msg-a"],
    ])
    func mistakesAreToldBeforeAnyProfileIsOpened(_ arguments: [String]) async {
        #expect(await NightbellCommand.run(arguments, environment: ["HOME": "/nonexistent"]) == .usage)
    }
}
