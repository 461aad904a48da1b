import NIOCore
import NIOHTTPTypes
import Synchronization

/// A connection or stream on its way to whoever serves it.
///
/// `NIOAsyncChannel` ends the whole program when it is let go of while its channel lives, and the library lets go of what
/// arrives behind an error of a connection, or while its task is cancelled. Here it is closed instead.
final class Arrival: Sendable {
    typealias HTTPChannel = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    private let channel: HTTPChannel
    private let isTaken = Atomic(false)

    init(_ channel: HTTPChannel) { self.channel = channel }

    var isActive: Bool { channel.channel.isActive }

    /// For whoever serves it, and so closes it.
    func take() -> HTTPChannel {
        isTaken.store(true, ordering: .relaxed)
        return channel
    }

    deinit {
        guard !isTaken.load(ordering: .relaxed) else { return }
        let channel = channel
        // Held until it is closed: from then on nothing is asked of it.
        channel.channel.closeFuture.whenComplete { _ in withExtendedLifetime(channel) {} }
        channel.channel.close(promise: nil)
    }
}
