import DeviceKit
import Testing

@testable import TerminalClient

@Suite struct ExitStatusTests {
    @Test func numbersAreFrozen() {
        let numbers = Dictionary(uniqueKeysWithValues: ExitStatus.allCases.map { ("\($0)", $0.rawValue) })
        #expect(
            numbers == [
                "done": 0, "failed": 1, "usage": 64, "verificationFailed": 65, "notFound": 66, "relayUnreachable": 69,
                "wouldOverwrite": 73, "tryAgain": 75, "refused": 77, "configuration": 78, "locked": 79,
            ])
    }

    @Test func eachKindOfFailureHasItsNumber() {
        let statuses = DeviceKitError.Category.allCases.map(ExitStatus.init)
        #expect(Set(statuses).count == DeviceKitError.Category.allCases.count)
        #expect(!statuses.contains(.done))
        #expect(ExitStatus(.verification) == .verificationFailed)
        #expect(ExitStatus(.unreachable) == .relayUnreachable)
    }
}
