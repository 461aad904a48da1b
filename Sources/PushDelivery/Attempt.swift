import AsyncHTTPClient

/// An exchange that is given up at its deadline, whatever becomes of it.
///
/// A task group would wait for an exchange that does not hear that it is cancelled, and with it everybody who waits for the
/// attempt: a page, or a witness, would never be tried again.
enum Attempt {
    /// - Parameters:
    ///   - seconds: From now, for the whole exchange.
    ///   - exchange: Cancelled at the deadline, and when the caller is; not waited for then.
    /// - Throws: What the exchange ended with; `HTTPClientError.deadlineExceeded`; `CancellationError`.
    static func within<Answer: Sendable>(
        seconds: Int, _ exchange: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let (outcomes, source) = AsyncStream<Result<Answer, any Error>>.makeStream(
            bufferingPolicy: .bufferingOldest(1))
        let work = Task {
            do { source.yield(.success(try await exchange())) } catch { source.yield(.failure(error)) }
        }
        let deadline = Task {
            try await Task.sleep(for: .seconds(seconds))
            source.yield(.failure(HTTPClientError.deadlineExceeded))
        }
        defer {
            work.cancel()
            deadline.cancel()
        }
        for await outcome in outcomes { return try outcome.get() }
        throw CancellationError()
    }
}
