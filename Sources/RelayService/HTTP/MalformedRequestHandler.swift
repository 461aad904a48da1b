import NIOCore
import NIOHTTP1
import RelayAPI

/// Answers what is not HTTP, or not HTTP within this relay's bounds, with a problem like everything else.
///
/// The router never sees such a request, and the server's own answer is a 400 without a word: it gets its body here. HTTP/2
/// needs none of this: what is not HTTP is the end of its stream there.
final class MalformedRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func handlerAdded(context: ChannelHandlerContext) {
        // Before the server's conversion to its own types, where these are NIO's.
        let operations = context.pipeline.syncOperations
        if let encoder = try? operations.handler(type: HTTPResponseEncoder.self) {
            try? operations.addHandler(BareRefusalHandler(), position: .after(encoder))
        }
    }
}

/// Gives an empty 400 a problem for a body. The relay's own refusals have theirs.
private final class BareRefusalHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private static let body = APIJSON.encode(
        Problems.malformed("no HTTP/1.1 request of a known method with headers of at most 16 KiB"))

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), head.status == .badRequest,
            !head.headers.contains(name: "content-type"), head.headers.first(name: "content-length") == "0"
        else {
            context.write(data, promise: promise)
            return
        }
        head.headers.replaceOrAdd(name: "content-type", value: Problem.contentType)
        head.headers.replaceOrAdd(name: "content-length", value: "\(Self.body.count)")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: Self.body)))), promise: promise)
    }
}
