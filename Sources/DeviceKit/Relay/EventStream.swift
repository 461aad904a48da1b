import AsyncHTTPClient
import NIOCore

/// The relay's stream of events, read one after another.
///
/// Ends when the relay ends it; fails after 25 s of silence, when the link is to be given up.
public struct EventStream {
    private var chunks: HTTPClientResponse.Body.AsyncIterator
    private var parser = EventParser()
    private var ready: [ServerEvent] = []
    private let connection: RelayConnection

    init(body: HTTPClientResponse.Body, connection: RelayConnection) {
        chunks = body.makeAsyncIterator()
        self.connection = connection
    }

    /// The next event, or `nil` when the relay ended the stream.
    /// - Throws: ``DeviceKitError`` of category `unreachable` when the link is dead, ``EventParser/Failure`` when the
    ///   stream is out of bounds.
    public mutating func next() async throws -> ServerEvent? {
        while ready.isEmpty {
            let chunk: ByteBuffer?
            do {
                chunk = try await chunks.next(isolation: #isolation)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                throw DeviceKitError(
                    "stream_lost", .unreachable, "the stream from the relay broke off", next: "wait: it is opened again"
                )
            }
            guard let chunk else { return nil }
            connection.count(chunk.readableBytes)
            ready = try parser.take(chunk.readableBytesView)
        }
        return ready.removeFirst()
    }
}
