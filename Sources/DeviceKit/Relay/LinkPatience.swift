import RelayAPI

/// How long is waited for what on the link to the relay. Nothing is waited for longer than 30 s.
struct LinkPatience: Sendable {
    /// Until a connection is there.
    var connect: Duration = .seconds(10)
    /// Until an answer begins, the connection and its encryption included.
    var answer: Duration = .seconds(20)
    /// Between two pieces of an answer or of a stream.
    var silence: Duration = .seconds(StreamEvent.silenceSeconds)
    /// Until something whole has come.
    var whole: Duration = LinkWatchdog.limit

    static let standard = LinkPatience()
}
