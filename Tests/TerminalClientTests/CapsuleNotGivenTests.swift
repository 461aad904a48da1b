import Auditing
import RelayAPI
import Testing

@testable import DeviceKit
@testable import TerminalClient

/// What a relay says instead of a capsule.
@Suite struct CapsuleNotGivenTests {
    @Test func anAnswerWithoutACapsuleIsTheRelays() {
        let bare = DeviceKitError(
            "relay_answer_unreadable", .unreachable, "the relay answered with status 500 and without a reason",
            next: "check the address")
        #expect(RelayAuditSource.notGiven(bare) == CapsuleNotGiven(isAnswered: true, bare.message))
        for code in [Problem.Code.notPermitted, .malformed, .methodNotAllowed] {
            let refusal = RelayRefusal(problem: Problem(code, status: 400, detail: "No.", next: "x"))
            #expect(RelayAuditSource.notGiven(refusal)?.isAnswered == true)
        }
    }

    @Test func noAnswerIsNoProof() {
        let silent = DeviceKitError(
            "relay_unreachable", .unreachable, "the relay closed the connection", next: "try again")
        #expect(RelayAuditSource.notGiven(silent) == CapsuleNotGiven(isAnswered: false, silent.message))
        let busy = RelayRefusal(problem: Problem(.busy, status: 503, detail: "Busy.", next: "Wait."))
        #expect(RelayAuditSource.notGiven(busy)?.isAnswered == false)
    }

    @Test func whatThisDeviceCannotDoIsNoWordOfTheRelay() {
        #expect(RelayAuditSource.notGiven(DeviceKitError.profileLocked) == nil)
        #expect(RelayAuditSource.notGiven(CancellationError()) == nil)
    }
}
