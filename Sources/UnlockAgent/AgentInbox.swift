import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What other threads tell the agent's own: a signal came, the ring stream rang.
public final class AgentInbox: Sendable {
    enum Word: Sendable, Equatable {
        case lock(LockReason)
        case end
        case ring(UInt8?)
        case link(RingLink)

        var isRing: Bool { if case .ring = self { true } else { false } }
    }

    private let words = Mutex<[Word]>([])
    private let ends: (reading: Int32, writing: Int32)

    /// - Returns: `nil` when there are no descriptors left.
    public init?() {
        var made: [Int32] = [-1, -1]
        guard unsafe pipe(&made) == 0 else { return nil }
        for end in made {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        ends = (made[0], made[1])
    }

    deinit {
        close(ends.reading)
        close(ends.writing)
    }

    /// Locks.
    public func lock(_ reason: LockReason) { post(.lock(reason)) }
    /// Locks, and ends the agent.
    public func end() { post(.end) }
    /// Something waits; told to those who keep a terminal.
    /// - Parameter urgency: 0 is the most urgent; `nil` when nothing waits any more.
    public func ring(urgency: UInt8?) { post(.ring(urgency)) }

    /// Whether anything can ring.
    public func link(_ link: RingLink) { post(.link(link)) }

    var descriptor: Int32 { ends.reading }

    private func post(_ word: Word) {
        words.withLock { words in
            // A stream that rings without end makes one entry, not a list of them; the last word is what is so now.
            words.removeAll { $0 == word || ($0.isRing && word.isRing) }
            words.append(word)
        }
        var byte: UInt8 = 1
        // Full: then it is about to wake up anyway.
        _ = unsafe write(ends.writing, &byte, 1)
    }

    func take() -> [Word] {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(ends.reading, &bytes, bytes.count) > 0 {}
        return words.withLock { words in
            defer { words = [] }
            return words
        }
    }
}
