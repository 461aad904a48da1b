import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// What whoever ends a watch reads.
@Suite struct WatchFarewellTests {
    private let now = ScreenStage.start

    @Test func whatMustBeTelephonedAndWhatWaitsIsSaid() {
        let left = LeftBehind(
            [
                .sample(0, .emergent, age: 900, state: "read"), .sample(1, .urgent, age: 5, state: "acknowledged"),
                .sample(2, .routine, age: 5, state: "closed"),
            ], now: now)
        #expect(
            WatchFarewell.words(left, toTelephone: 2)
                == "CALL BY TELEPHONE about 2 sent messages (\"nightbell sent --overdue\"); "
                + "1 EMERGENT MESSAGE WAITS FOR AN ANSWER, 1 MESSAGE IS YOURS AND NOT CLOSED; nothing rings here any more: run "
                + "\"nightbell watch\" again to be rung")
    }

    @Test func thatNothingRingsAnyMoreIsSaidInAnyCase() {
        #expect(
            WatchFarewell.words(LeftBehind(), toTelephone: 0)
                == "nothing rings here any more: run \"nightbell watch\" again to be rung")
        #expect(WatchFarewell.words(LeftBehind(), toTelephone: 1).hasPrefix("CALL BY TELEPHONE about 1 sent message ("))
    }
}
