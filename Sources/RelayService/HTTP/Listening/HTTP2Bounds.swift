import NIOHTTP2

/// What one connection of HTTP/2 may ask of the relay.
enum HTTP2Bounds {
    /// Streams that are open at once on a connection; each live stream is one. RFC 9113, section 6.5.2, recommends no
    /// smaller number, and with it 8,000 live streams come over 80 connections.
    static let streams = 100
    /// Of all header fields of a request, names and values and 32 bytes for each; the same for HTTP/1.1.
    static let headerListByteCount = 16_384
    /// Bytes of bodies that have come and that no request has read: four streams that nobody reads stop no other.
    private static let connectionWindow = 262_144
    /// Resets, errors, and control frames (PING, SETTINGS, PRIORITY) in 30 s; one more ends the connection.
    private static let floodCount = 200

    /// The library's own bounds stand where nothing is said here: 5 CONTINUATION frames, 1 empty DATA frame in a row.
    static let configuration: NIOHTTP2Handler.Configuration = {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerListByteCount),
        ]
        configuration.connection.targetWindowSize = connectionWindow
        configuration.connection.controlFrameRateLimit.maximumCount = floodCount
        configuration.stream.streamResetFrameRateLimit.maximumCount = floodCount
        configuration.stream.streamErrorRateLimit.maximumCount = floodCount
        // Answers to control frames that the peer does not read.
        configuration.connection.maximumBufferedControlFrames = 2 * floodCount
        return configuration
    }()
}
