import Secrets
import Statements

/// The recovery or audit key through time: what is in force, and what waits for its 72 hours.
struct KeyTimeline<Key: Equatable & Sendable>: Sendable {
    struct Pending: Sendable {
        let key: Key?
        /// Log time of the statement that named it.
        let since: Timestamp
        /// The `admins` statement that named it; a `revoke` of this hash voids it.
        let statement: Digest

        /// When the 72 hours are over; where they reach beyond the year 9999, its last instant stands for it.
        var effective: Timestamp { since.adding(seconds: ClockRules.keyChangeSeconds) }

        /// Asked of the time that went by, not of ``effective``: at the end of time nothing takes effect before its hours.
        func isEffective(at time: Timestamp) -> Bool {
            time.milliseconds(since: since) >= ClockRules.keyChangeSeconds * 1000
        }
    }

    private struct Version: Sendable {
        let place: UInt64
        let inForce: Key?
        let pending: Pending?
    }

    private var versions: [Version]

    init(_ key: Key?) { versions = [Version(place: 0, inForce: key, pending: nil)] }

    /// The key in force for the first `size` entries at an instant.
    func key(size: UInt64, at time: Timestamp) -> Key? {
        let version = version(size: size)
        if let pending = version.pending, pending.isEffective(at: time) { return pending.key }
        return version.inForce
    }

    /// What waits at an instant.
    func pending(size: UInt64, at time: Timestamp) -> Pending? {
        guard let pending = version(size: size).pending, !pending.isEffective(at: time) else { return nil }
        return pending
    }

    /// An `admins` statement at `place` names `key`.
    mutating func name(_ key: Key?, place: UInt64, time: Timestamp, statement: Digest, atOnce: Bool) {
        let inForce = self.key(size: place, at: time)
        let waiting = pending(size: place, at: time)
        let pending: Pending?
        if key == inForce || atOnce {
            pending = nil
        } else if let waiting, waiting.key == key {
            pending = waiting
        } else {
            pending = Pending(key: key, since: time, statement: statement)
        }
        versions.append(Version(place: place, inForce: atOnce ? key : inForce, pending: pending))
    }

    /// A `revoke` at `place` voids what `statement` named.
    /// - Returns: `false` when nothing of that statement waits.
    mutating func void(_ statement: Digest, place: UInt64, time: Timestamp) -> Bool {
        guard let waiting = pending(size: place, at: time), waiting.statement == statement else { return false }
        versions.append(Version(place: place, inForce: key(size: place, at: time), pending: nil))
        return true
    }

    /// Whether the first `size` entries ever named such a key, in force or not.
    func named(size: UInt64, _ isIt: (Key) -> Bool) -> Bool {
        versions.contains { version in
            version.place < size && [version.inForce, version.pending?.key].contains { $0.map(isIt) ?? false }
        }
    }

    private func version(size: UInt64) -> Version {
        versions.last { $0.place < size } ?? versions[0]
    }
}
