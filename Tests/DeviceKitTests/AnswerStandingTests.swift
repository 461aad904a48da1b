import Statements
import Testing

@testable import DeviceKit

/// Who answers for a received message.
@Suite struct AnswerStandingTests {
    @Test(
        arguments: [
            ([], [], AnswerStanding.open),
            ([.delivered, .read], [.delivered, .read, .filed], .open),
            ([.read, .acknowledged], [], .answered),
            ([.declined], [], .answered),
            ([.closed], [], .answered),
            // Whoever handed it on answers for it until somebody takes it up, also after having taken it up before.
            ([.read, .handedOff], [.read], .handedOn),
            ([.acknowledged, .handedOff], [], .handedOn),
            ([.handedOff, .closed], [], .answered),
            // After the other's no, acknowledged anew.
            ([.acknowledged, .handedOff, .acknowledged], [], .answered),
            ([.handedOff, .acknowledged, .handedOff], [], .handedOn),
            // A colleague who was asked as well took it up, or answers for it.
            ([.handedOff], [.acknowledged], .answered),
            ([], [.handedOff], .answered),
            ([.read], [.declined], .answered),
        ] as [([ReceiptAction], [ReceiptAction], AnswerStanding)])
    func itIsOpenUntilSomebodyTakesItUp(
        _ ours: [ReceiptAction], _ others: [ReceiptAction], _ standing: AnswerStanding
    ) {
        #expect(AnswerStanding(ours: ours, others: others) == standing)
    }
}
