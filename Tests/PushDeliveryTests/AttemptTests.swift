import Testing

@testable import PushDelivery

@Suite struct AttemptTests {
    /// An exchange that does not hear that it is cancelled, until it is let go.
    private struct Deaf: Sendable {
        private let letGo = AsyncStream<Void>.makeStream()

        func exchange() async -> Int {
            await Task { for await _ in letGo.stream { break } }.value
            return 7
        }

        func end() { letGo.continuation.yield() }
    }

    @Test func whatHearsNothingHoldsNobodyUp() async throws {
        let deaf = Deaf()
        await #expect {
            try await Attempt.within(seconds: 1) { await deaf.exchange() }
        } throws: { error in
            PushFailure.reason(of: error) == .timeout
        }
        deaf.end()
    }

    @Test func whoeverIsCancelledGoesAtOnce() async throws {
        let deaf = Deaf()
        let caller = Task { try await Attempt.within(seconds: 3_600) { await deaf.exchange() } }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        deaf.end()
    }

    @Test func whatEndsInTimeIsGivenAsItIs() async throws {
        #expect(try await Attempt.within(seconds: 3_600) { 7 } == 7)
        await #expect(throws: HostCheck.Refusal.unknownHost) {
            try await Attempt.within(seconds: 3_600) { throw HostCheck.Refusal.unknownHost }
        }
    }
}
