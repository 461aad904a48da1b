import HummingbirdCore
import NIOCore
import NIOHTTP2

/// The life of one connection of HTTP/2: it ends when it is idle, when its peer takes nothing, when its input ends, after
/// an error, and gracefully when the relay stops. Nothing here waits for a word of the peer.
final class HTTP2ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private enum Farewell {
        case none
        /// The peer was told to open no more streams; those on their way are served.
        case said
        /// It was told which stream was the last.
        case done
    }

    private let patience: ListenerPatience
    private var openStreams = 0
    private var lastStream = HTTP2StreamID.rootStream
    private var farewell = Farewell.none
    /// For a stream to open, or for the end of the farewell.
    private var timer: Scheduled<Void>?
    /// For the peer to take what is written.
    private var writing: Scheduled<Void>?
    /// Whether the last frame that was written ended one stream.
    private var wroteReset = false
    private var context: ChannelHandlerContext?

    init(patience: ListenerPatience) { self.patience = patience }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        waitForStream(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        writing?.cancel()
        self.context = nil
    }

    // MARK: Streams

    /// Tells this handler of streams and frames. Call it on the event loop of the connection.
    func delegate(on eventLoop: any EventLoop) -> any NIOHTTP2StreamDelegate & NIOHTTP2FrameDelegate {
        Delegate(connection: NIOLoopBound(self, eventLoop: eventLoop))
    }

    private struct Delegate: NIOHTTP2StreamDelegate, NIOHTTP2FrameDelegate {
        let connection: NIOLoopBound<HTTP2ConnectionHandler>

        func streamCreated(_ id: HTTP2StreamID, channel: any Channel) { connection.value.opened(id) }

        func streamClosed(_ id: HTTP2StreamID, channel: any Channel) { connection.value.closed() }

        func wroteFrame(_ frame: HTTP2Frame) { connection.value.wrote(frame) }
    }

    private func opened(_ id: HTTP2StreamID) {
        openStreams += 1
        lastStream = max(lastStream, id)
        if farewell == .none { timer?.cancel() }
    }

    private func closed() {
        openStreams -= 1
        guard openStreams == 0, let context else { return }
        switch farewell {
        case .none: waitForStream(context)
        case .said: break
        case .done:
            // The last frame of the stream is written, and not flushed yet.
            context.eventLoop.assumeIsolated().execute { context.close(promise: nil) }
        }
    }

    private func wrote(_ frame: HTTP2Frame) {
        wroteReset = if case .rstStream = frame.payload { true } else { false }
    }

    private func waitForStream(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: patience.idle) { self.sayFarewell(context) }
    }

    // MARK: The end

    /// RFC 9113, section 6.8: first a GOAWAY that names no stream, for requests may be on their way; after a moment the one
    /// that names the last. A request beyond that was not looked at, and may be sent again elsewhere.
    private func sayFarewell(_ context: ChannelHandlerContext) {
        guard farewell == .none else { return }
        farewell = .said
        send(.goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil), context)
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: patience.farewell) {
            self.farewell = .done
            self.send(.goAway(lastStreamID: self.lastStream, errorCode: .noError, opaqueData: nil), context)
            if self.openStreams == 0 { context.close(promise: nil) }
        }
    }

    private func send(_ payload: HTTP2Frame.FramePayload, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: sayFarewell(context)
        // A peer that sends nothing any more can give no window to write into.
        case let event as ChannelEvent where event == .inputClosed: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        if !context.channel.isWritable {
            writing = context.eventLoop.assumeIsolated().scheduleTask(in: patience.reader) {
                context.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    /// What is wrong with one stream comes here too, right after its reset: then the others go on. Everything else is the
    /// end, and the peer was told why.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if wroteReset, farewell == .none, error is any NIOHTTP2Error {
            wroteReset = false
        } else {
            context.close(promise: nil)
        }
    }
}
