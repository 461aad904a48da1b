import DeviceKit
import Statements

/// What rings, and when again: at once when a message comes, by the policy of its urgency until somebody has answered it or
/// its time is over.
struct RingPlan {
    /// One message that nobody has answered.
    struct Ringing: Sendable, Equatable {
        let message: MessageID
        let urgency: Urgency
        /// What may be shown of it.
        let text: String
        /// When it is over unanswered; `nil`: it rings until somebody has dealt with it.
        let expires: Timestamp?
        /// `nil` for an urgency that rings once.
        let again: Duration?
        /// Whether it was handed on from here in vain: then what was said of it before does not answer it.
        var isHandedOn = false
        /// Whether somebody must answer it, as nobody must a reply.
        var needsAnswer = true
        /// Whether it was sent from here, and its sender must telephone: then whoever rings for it says when that is done.
        var isSent = false
        /// Whether only a page tells of it: what is known once it is here takes its place.
        var isPaged = false

        func isOver(_ wall: Timestamp) -> Bool { expires.map { $0 <= wall } ?? false }
    }

    private var open: [MessageID: (ringing: Ringing, next: ContinuousClock.Instant?)] = [:]
    /// Rang and were answered, or are over: they do not ring anew when more of them is proven.
    private var done: Set<MessageID> = []

    /// A message came, or more of it is known.
    /// - Returns: Whether to ring now.
    mutating func add(_ ringing: Ringing, now: ContinuousClock.Instant, wall: Timestamp) -> Bool {
        if let known = open[ringing.message], known.ringing.isPaged, !ringing.isPaged {
            // It rang when the page came; what was paged may be a reply, and nobody has to answer that.
            open[ringing.message] = (ringing, ringing.again == nil ? nil : known.next)
            return false
        }
        guard open[ringing.message] == nil, !done.contains(ringing.message), !ringing.isOver(wall) else {
            return false
        }
        open[ringing.message] = (ringing, ringing.again.map { now.advanced(by: $0) })
        return true
    }

    /// What was paged is not confirmed: it rings no more, and anew when it comes after all.
    /// - Returns: What rang.
    mutating func withdraw(_ message: MessageID) -> Ringing? {
        guard let ringing = open[message]?.ringing, ringing.isPaged else { return nil }
        open[message] = nil
        return ringing
    }

    /// A message that rang is somebody's again.
    /// - Returns: Whether to ring now.
    mutating func reopen(_ ringing: Ringing, now: ContinuousClock.Instant, wall: Timestamp) -> Bool {
        done.remove(ringing.message)
        open[ringing.message] = nil
        return add(ringing, now: now, wall: wall)
    }

    /// Takes in what is known of a message that rings.
    /// - Returns: What rings no more, and why.
    mutating func settle(_ message: MessageID, _ standing: AnswerStanding) -> (Ringing, RingQueue.Event)? {
        guard let ringing = open[message]?.ringing, !ringing.isHandedOn, !ringing.isSent, standing != .open else {
            return nil
        }
        answered(message)
        // Whoever handed it on answers for it until somebody takes it up.
        return (ringing, standing == .handedOn ? .quiet : .answered)
    }

    /// Somebody answered, or it is over.
    /// - Returns: What rang.
    @discardableResult
    mutating func answered(_ message: MessageID) -> Ringing? {
        done.insert(message)
        return open.removeValue(forKey: message)?.ringing
    }

    /// What rings, as far as is known.
    var waiting: [MessageID] { Array(open.keys) }
    /// The urgencies of those that came here.
    var urgencies: [Urgency] { open.values.filter { !$0.ringing.isSent }.map(\.ringing.urgency) }
    /// Those of what was sent or handed on from here in vain.
    var urgenciesInVain: [Urgency] {
        open.values.filter { $0.ringing.isSent || $0.ringing.isHandedOn }.map(\.ringing.urgency).sorted()
    }

    /// What is over unanswered, and then what is to ring again now, the most urgent first.
    mutating func due(now: ContinuousClock.Instant, wall: Timestamp) -> [(Ringing, RingQueue.Event)] {
        var due: [Ringing] = []
        var over: [Ringing] = []
        for (message, item) in open {
            guard !item.ringing.isOver(wall) else {
                answered(message)
                over.append(item.ringing)
                continue
            }
            guard let next = item.next, let again = item.ringing.again, next <= now else { continue }
            due.append(item.ringing)
            // From now on: a machine that slept does not ring for each time that it missed.
            open[message] = (item.ringing, now.advanced(by: again))
        }
        let again = due.sorted { ($0.urgency, $0.message.description) < ($1.urgency, $1.message.description) }
        return over.map { ($0, .quiet) } + again.map { ($0, .again) }
    }
}
