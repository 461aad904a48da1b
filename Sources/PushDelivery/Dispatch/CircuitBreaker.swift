/// Leaves alone what fails again and again, a service or one address of it: attempts would only wait for its time-out, and add to
/// its trouble. A value; times are seconds of any one clock.
public struct CircuitBreaker: Sendable, Equatable {
    /// 5 temporary failures in a row open it.
    public static let failureLimit = 5
    /// 30 seconds at first, twice as long each time that the trial fails, at most 10 minutes.
    public static let firstPauseSeconds = 30.0
    public static let mostPauseSeconds = 600.0
    /// 60 seconds: a service that refuses the relay's credentials will do so until the operator has acted; one that did by mistake
    /// shall cost nobody more than a minute.
    public static let refusalPauseSeconds = 60.0

    /// For metrics.
    public enum State: String, Sendable {
        case closed, open
        /// One attempt is on its way, and decides.
        case halfOpen = "half_open"
    }

    public private(set) var state = State.closed
    private let ownersNeeded: Int
    private var failures = 0
    /// Whose attempts failed since the last that did not.
    private var owners: Set<String> = []
    private var pause = firstPauseSeconds
    private var opensAgain = 0.0

    /// - Parameter ownersNeeded: Of how many an attempt must have failed before it opens: the addresses of one shall not close a
    ///   service for the others.
    public init(ownersNeeded: Int = 1) { self.ownersNeeded = ownersNeeded }

    /// Whether an attempt may be made now; of an open one, the first that asks after its pause is the trial.
    public mutating func mayTry(at time: Double) -> Bool {
        switch state {
        case .closed: return true
        case .halfOpen: return false
        case .open:
            guard time >= opensAgain else { return false }
            state = .halfOpen
            return true
        }
    }

    /// Seconds until an attempt may be made; a trial on its way takes a while.
    public func wait(at time: Double) -> Double {
        switch state {
        case .closed: 0
        case .halfOpen: Double(PushLimits.attemptSeconds)
        case .open: max(0, opensAgain - time)
        }
    }

    /// What became of an attempt.
    /// - Parameter owner: Whose it was.
    public mutating func record(_ outcome: PushOutcome, of owner: String = "", at time: Double) {
        switch outcome {
        // It answers: about one subscription or page, but it does.
        case .accepted, .gone, .rejected, .later(.rateLimited, _): self = CircuitBreaker(ownersNeeded: ownersNeeded)
        case .unauthorized: open(for: Self.refusalPauseSeconds, at: time)
        case .later:
            failures += 1
            if owners.count < ownersNeeded { owners.insert(owner) }
            if state == .halfOpen {
                pause = min(pause * 2, Self.mostPauseSeconds)
                open(for: pause, at: time)
            } else if failures >= Self.failureLimit, owners.count >= ownersNeeded, state == .closed {
                open(for: pause, at: time)
            }
        }
    }

    /// The trial was given up before anything was known: the next that asks is one.
    public mutating func abandon(at time: Double) {
        if state == .halfOpen { open(for: 0, at: time) }
    }

    private mutating func open(for seconds: Double, at time: Double) {
        state = .open
        opensAgain = time + seconds
    }
}
