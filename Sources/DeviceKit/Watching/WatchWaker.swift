/// Has a watcher try at once what it would try later, from another task: something waits at the relay, as was learnt on
/// another way.
public struct WatchWaker: Sendable {
    private let wakes: Wakes
    private let connection: RelayConnection

    fileprivate init(_ wakes: Wakes, _ connection: RelayConnection) {
        self.wakes = wakes
        self.connection = connection
    }

    /// - Parameter isStreamDead: Whether the stream, if one is open, did not bring what it should have: then it is given up.
    public func wake(isStreamDead: Bool) async {
        wakes.note()
        if isStreamDead { await connection.reset() }
    }
}

extension DeviceSession {
    /// Wakes ``watch(_:)`` of this session.
    public var waker: WatchWaker { WatchWaker(wakes, connection) }
}
