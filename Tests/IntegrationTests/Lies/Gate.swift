/// Something that an answer of the lying relay waits for.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    /// Lets everyone through from now on.
    func open() { continuation.finish() }

    func pass() async { for await _ in stream {} }
}
