/// Whether the process that receives runs on: whether its word changes, by the clock of whoever looks.
struct FollowedBeat {
    /// 5 s: whoever did not look for so long was stopped itself, and the other one perhaps with it.
    private static let longestPause: Int64 = 5_000

    /// What was read, since when it is the same, and when it was looked at; no word at all is one that does not change.
    private var last: (beat: Int64?, since: Int64, looked: Int64)?

    /// - Returns: Whether it has said nothing new for too long.
    mutating func isStuck(_ link: LinkState?, at now: Int64 = LinkState.now) -> Bool {
        let isSame = last.map { $0.beat == link?.beat && now - $0.looked <= Self.longestPause } ?? false
        let since = isSame ? last!.since : now
        last = (link?.beat, since, now)
        return now - since >= LinkState.stuckAfterMilliseconds
    }
}

/// The link as it was told by a process that follows.
struct FollowedLink {
    private var shown: LinkState?
    private var isSilent = false
    /// When the last sign of life was seen, by the clock of whoever looks.
    private var heardAt: Int64?

    /// What is to be told of the link now.
    mutating func take(_ link: LinkState, at now: Int64 = LinkState.now) -> [WatchEvent] {
        let before = shown
        shown = link
        let silence = silence(of: link, before, at: now)
        defer { isSilent = silence > 0 }
        if silence > 0 {
            guard !isSilent else { return [] }
            let cause = DeviceKitError(
                "stream_silent", .unreachable, "nothing has come from the relay for \(silence / 1_000) s",
                next: "wait: the program that receives for this profile opens another stream")
            return [.disconnected(cause, retryInMilliseconds: 0)]
        }
        var events: [WatchEvent] = []
        // After a silence, everything is said again.
        let phase = isSilent ? nil : before?.phase
        switch link.phase {
        case .connecting: break
        case .connected: if phase != .connected { events = [.connected] }
        case .drained:
            if phase != .drained { events = phase == .connected ? [.drained] : [.connected, .drained] }
        case .disconnected:
            if phase != .disconnected || before?.cause != link.cause, let cause = link.cause {
                events = [.disconnected(cause, retryInMilliseconds: link.retryInMilliseconds)]
            }
        }
        if link.phase != .disconnected, let heard = link.heard, heard != before?.heard { events.append(.alive) }
        return events
    }

    /// For how many milliseconds an open stream has brought nothing; 0 while that is no cause for concern.
    private mutating func silence(of link: LinkState, _ before: LinkState?, at now: Int64) -> Int64 {
        let isOpen = link.phase == .connected || link.phase == .drained
        if !isOpen || heardAt == nil || link.heard != before?.heard { heardAt = now }
        let silence = now - heardAt!
        return silence >= LinkState.silentAfterMilliseconds ? silence : 0
    }
}
