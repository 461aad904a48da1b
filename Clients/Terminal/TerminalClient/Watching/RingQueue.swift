import Statements

/// For what the program of `--command` runs now, and what waits for that; says, and starts nothing.
///
/// - An emergent message never waits for a lesser one or for a reply: each of the two has a place of its own, where one runs at a
///   time.
/// - An end has a third, so that it can stop what rings. It waits only for other ends, and is never left out.
/// - What must be answered goes first, then the most urgent, then a new message before a repeated one, then whoever came first.
/// - What waits already is not added again, and what has ended meanwhile rings no more; what rings anew is not quieted after
///   that.
struct RingQueue {
    /// What happened.
    enum Event: String, Sendable {
        case ring, again
        /// Somebody answered it.
        case answered
        /// It rings no more, and nobody is known to have answered it.
        case quiet

        /// Whether it rings no more.
        var isEnd: Bool { self == .answered || self == .quiet }
    }

    /// One run of the program.
    struct Run: Sendable, Hashable {
        let event: Event
        let urgency: Urgency
        /// `nil` while the profile is locked: then no message's id is known.
        let message: MessageID?
        /// Whether somebody must answer it, as nobody must a reply.
        var needsAnswer = true
    }

    private enum Place: Hashable {
        case emergent, lesser, ends
    }

    /// 100 that ring; their ends come on top.
    static let longest = 100

    private(set) var waiting: [Run] = []
    private var taken: Set<Place> = []

    /// - Returns: What to start now, and what is left out because too many wait.
    mutating func add(_ run: Run) -> (start: Run?, leftOut: Run?) {
        waiting.removeAll { other in
            other.message == run.message && (run.event.isEnd ? !other.event.isEnd : other.event == .quiet)
        }
        guard !waiting.contains(run) else { return (nil, nil) }
        let place = waiting.firstIndex { Self.goes(run, before: $0) } ?? waiting.endIndex
        waiting.insert(run, at: place)
        let start = next(for: Self.place(of: run))
        return (start, shorten())
    }

    /// A run has ended.
    /// - Returns: What to start in its place.
    mutating func ended(_ run: Run) -> Run? {
        let place = Self.place(of: run)
        taken.remove(place)
        return next(for: place)
    }

    private mutating func next(for place: Place) -> Run? {
        guard !taken.contains(place), let index = waiting.firstIndex(where: { Self.place(of: $0) == place }) else {
            return nil
        }
        taken.insert(place)
        return waiting.remove(at: index)
    }

    private mutating func shorten() -> Run? {
        guard waiting.count(where: { !$0.event.isEnd }) > Self.longest,
            let last = waiting.lastIndex(where: { !$0.event.isEnd })
        else { return nil }
        return waiting.remove(at: last)
    }

    private static func place(of run: Run) -> Place {
        run.event.isEnd ? .ends : run.urgency == .emergent && run.needsAnswer ? .emergent : .lesser
    }

    private static func goes(_ left: Run, before right: Run) -> Bool {
        guard left.needsAnswer == right.needsAnswer else { return left.needsAnswer }
        guard left.urgency == right.urgency else { return left.urgency < right.urgency }
        return left.event == .ring && right.event == .again
    }
}
