import Testing

@testable import DeviceKit

@Suite struct TransferTests {
    @Test func piecesShrinkOnABadLinkAndGrowAgain() {
        var size = PieceSize()
        #expect(size.byteCount == 262_144)
        for _ in 0..<10 { size.failed() }
        #expect(size.byteCount == 16_384)
        size.succeeded()
        #expect(size.byteCount == 32_768)
        for _ in 0..<10 { size.succeeded() }
        #expect(size.byteCount == 262_144)
    }

    @Test func aTransferIsGivenUpWhenNothingGetsThroughAndOnlyThen() async throws {
        let failure = DeviceKitError("relay_unreachable", .unreachable, "away", next: "")
        var pause = TransferPause(attempts: 2)
        try await pause.failed(failure)
        pause.succeeded()
        try await pause.failed(failure)
        await #expect(throws: failure) { try await pause.failed(failure) }
    }
}
