import NIOCore

/// How long the listener waits for whoever has connected.
struct ListenerPatience: Sendable {
    /// From the connection to the end of the TLS handshake.
    var handshake: TimeAmount = .seconds(10)
    /// For a reader who takes nothing while an answer or stream is written: to the end of an HTTP/1.1 connection, or of one
    /// stream of HTTP/2, or of all of them when the whole connection takes nothing.
    var reader: TimeAmount = .seconds(30)
    /// For the next request on a connection that has none, and for the next piece of one.
    var idle: TimeAmount = .seconds(60)
    /// For requests that were on their way when HTTP/2's GOAWAY was sent: longer than any round trip.
    var farewell: TimeAmount = .seconds(1)

    static let standard = ListenerPatience()
}
