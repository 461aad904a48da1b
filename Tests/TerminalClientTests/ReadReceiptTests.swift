import DeviceKit
import Testing

@testable import TerminalClient

/// What a read receipt that failed means for who reads: nothing while it only waits for the relay.
@Suite struct ReadReceiptTests {
    private struct Unknown: Error {}

    @Test(arguments: [DeviceKitError.Category.unreachable, .verification, .tryAgain])
    func aStoredReceiptThatWaitsIsNoFailure(_ category: DeviceKitError.Category) {
        #expect(ReadCommand.waits(DeviceKitError("a", category, "b", next: "c")))
    }

    @Test(arguments: [DeviceKitError.Category.failed, .refused, .configuration, .locked])
    func aReceiptThatWasNotStoredIsOne(_ category: DeviceKitError.Category) {
        #expect(!ReadCommand.waits(DeviceKitError("a", category, "b", next: "c")))
        #expect(!ReadCommand.waits(Unknown()))
    }
}
