public import Statements

/// What one step established, before it has its line.
public struct StepNote: Sendable {
    public let step: StepName
    public let message: MessageID?
    public let microseconds: UInt64
    public let established: String

    public init(step: StepName, message: MessageID?, microseconds: UInt64, established: String) {
        self.step = step
        self.message = message
        self.microseconds = microseconds
        self.established = established
    }
}

/// Times the steps of one piece of work and collects them until they are stored.
public struct StepTimer {
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant
    /// What the steps are about.
    public var message: MessageID?
    /// In the order in which they were made.
    public private(set) var notes: [StepNote] = []

    /// Starts the clock.
    public init(message: MessageID? = nil) {
        last = clock.now
        self.message = message
    }

    /// Notes a step that took the time since the note before.
    public mutating func note(_ step: StepName, _ established: String) {
        let now = clock.now
        let microseconds = UInt64(clamping: (now - last) / .microseconds(1))
        last = now
        notes.append(StepNote(step: step, message: message, microseconds: microseconds, established: established))
    }

    /// Takes the notes, for storing.
    public mutating func take() -> [StepNote] {
        defer { notes = [] }
        return notes
    }
}

extension UInt64 {
    fileprivate init(clamping value: Double) {
        self = value < 0 ? 0 : value > 1e15 ? 1_000_000_000_000_000 : UInt64(value)
    }
}
