import NIOCore

/// Closes a connection of HTTP/1.1, or resets a stream of HTTP/2, whose reader takes nothing while something is written:
/// the idle timeout of the server does not look while a response is on its way.
///
/// After an `IdleStateHandler` that looks at writes. A live stream writes every 10 s.
final class StalledReaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let idle = event as? IdleStateHandler.IdleStateEvent, idle == .write {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
