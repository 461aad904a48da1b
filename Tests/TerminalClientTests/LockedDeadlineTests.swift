import DeviceKit
import Statements
import Synchronization
import Testing

@testable import TerminalClient

/// What a locked profile rings for of what was sent from it.
@Suite struct LockedDeadlineTests {
    private let start = ContinuousClock.now
    private let wall = Timestamp(milliseconds: 1_700_000_000_000)

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func deadlines(_ seconds: Int64...) -> LockedDeadlines {
        var deadlines = LockedDeadlines()
        let start = start
        var teller = DeadlineTeller { word in
            deadlines.take(word, at: start)
            return true
        }
        teller.changed(seconds.map { OpenDeadlines.Deadline(wall.adding(seconds: $0), .urgent) }, now: wall)
        return deadlines
    }

    @Test func itRingsForEachAndEveryMinuteUntilSomebodyLooks() {
        var deadlines = deadlines(90, 30)
        #expect(deadlines.awaited == 2)
        let rung = (0...200).filter { deadlines.rings(at: at($0)) }
        #expect(rung == [30, 90, 150])
        #expect(deadlines.overdue(at: at(200)).count == 2)
    }

    @Test func itSleepsUntilTheNext() {
        var deadlines = deadlines(30, 45)
        #expect(deadlines.pause(at: at(0)) == .seconds(30))
        let first = deadlines.rings(at: at(31))
        #expect(first && deadlines.pause(at: at(31)) == .seconds(14))
        let second = deadlines.rings(at: at(45))
        #expect(second && deadlines.pause(at: at(50)) == .seconds(55))
        #expect(LockedDeadlines().pause(at: at(0)) == nil)
    }

    /// What a worker that was ended in the middle of it told is no reason to forget the rest.
    @Test func whatTheNextWorkerTellsTakesThePlaceOfAllOnceItIsWhole() {
        var deadlines = deadlines(30)
        deadlines.take(WorkerWord(.deadlines, 2), at: at(0))
        deadlines.take(WorkerWord(.deadline, 100, .urgent), at: at(0))
        let before = deadlines.rings(at: at(31))
        deadlines.take(WorkerWord(.deadline, 200, .urgent), at: at(0))
        #expect(before && deadlines.awaited == 2)
        deadlines.take(WorkerWord(.deadlines, 0), at: at(0))
        let after = deadlines.rings(at: at(900))
        #expect(!after && deadlines.awaited == 0)
        deadlines.take(WorkerWord(.deadline, 1, .urgent), at: at(0))
        deadlines.take(WorkerWord(.critical, 1), at: at(0))
        #expect(deadlines.awaited == 0)
    }

    /// Whoever was to see it before the lock was perhaps not there.
    @Test func whatWasOverBeforeTheLockRingsOn() {
        var deadlines = deadlines(-7_200, 10, 45, 600)
        deadlines.lock(at: at(60))
        #expect(deadlines.awaited == 4)
        let rung = (60...200).filter { deadlines.rings(at: at($0)) }
        #expect(rung == [60, 120, 180] && deadlines.overdue(at: at(60)).count == 3)
    }

    @Test func whatIsNotUrgentRingsAgainAfterTenMinutes() {
        var deadlines = LockedDeadlines()
        for word in [WorkerWord(.deadlines, 1), WorkerWord(.deadline, 30, .sameDay)] { deadlines.take(word, at: start) }
        deadlines.lock(at: start)
        let rung = (0...700).filter { deadlines.rings(at: at($0)) }
        #expect(rung == [30, 630])
    }

    /// The socket holds them all at once: those to come, and the last of those that are over.
    @Test func ofManyTheNearestAreTold() {
        let heard = Mutex<[WorkerWord]>([])
        var teller = DeadlineTeller { word in
            heard.withLock { $0.append(word) }
            return true
        }
        let all = (-200..<2_000).map { OpenDeadlines.Deadline(wall.adding(seconds: $0), .routine) }
        teller.changed(all.reversed(), now: wall)
        let told = heard.withLock { $0 }
        #expect(told.first == WorkerWord(.deadlines, 1_000) && told.count == 1_001)
        #expect(told.dropFirst().count { $0.count == 0 } == 100 && told.last?.count == 900)
    }

    @Test func whatWasNotHeardIsToldAgainAsAWholeByItsOwnTime() {
        let heard = Mutex<[WorkerWord]>([])
        let room = Mutex(2)
        var teller = DeadlineTeller { word in
            let hasRoom = room.withLock { room in
                room -= 1
                return room >= 0
            }
            if hasRoom { heard.withLock { $0.append(word) } }
            return hasRoom
        }
        teller.changed(
            [
                OpenDeadlines.Deadline(wall.adding(seconds: 20), .emergent),
                OpenDeadlines.Deadline(wall.adding(seconds: 10), .routine, isPromise: true),
            ], now: wall)
        room.withLock { $0 = 100 }
        teller.repeatUntold(now: wall.adding(seconds: 5))
        teller.repeatUntold(now: wall.adding(seconds: 6))
        #expect(
            heard.withLock { $0 } == [
                WorkerWord(.deadlines, 2), WorkerWord(.promise, 10, .routine),
                WorkerWord(.deadlines, 2), WorkerWord(.promise, 5, .routine), WorkerWord(.deadline, 15, .emergent),
            ])
    }

    @Test func whatWasHandedOnInVainRingsOn() {
        let now = ContinuousClock.now
        var deadlines = LockedDeadlines()
        // One of the two was over just before, and is told here as well: it is one message.
        for word in [
            WorkerWord(.inVain, 2, .urgent), WorkerWord(.deadlines, 2), WorkerWord(.deadline, 0, .routine),
            WorkerWord(.deadline, 600, .emergent),
        ] {
            deadlines.take(word, at: now - .seconds(1))
        }
        deadlines.lock(at: now)
        #expect(
            deadlines.awaited == 3
                && deadlines.overdue(at: now) == LockedDeadlines.Overdue(messages: 2, mostUrgent: .urgent))
        let rings = [0, 1, 59, 60].map { deadlines.rings(at: now + .seconds($0)) }
        #expect(rings == [true, false, false, true])
        // The next worker says how it is then.
        deadlines.take(WorkerWord(.inVain, 0, .routine), at: now)
        for word in [WorkerWord(.deadlines, 0)] { deadlines.take(word, at: now) }
        deadlines.lock(at: now)
        #expect(deadlines.awaited == 0)
    }

    /// Whoever promised a call and was called away is told when it is time, and as loudly as the message was.
    @Test func aPromisedCallRingsWhenItIsTime() {
        var deadlines = LockedDeadlines()
        for word in [
            WorkerWord(.deadlines, 2), WorkerWord(.promise, 60, .urgent), WorkerWord(.deadline, 90, .emergent),
        ] {
            deadlines.take(word, at: start)
        }
        deadlines.lock(at: start)
        #expect(deadlines.awaited == 1)
        let rung = (0...100).filter { deadlines.rings(at: at($0)) }
        #expect(rung == [60, 90])
        #expect(deadlines.overdue(at: at(60)) == LockedDeadlines.Overdue(promises: 1, mostUrgent: .urgent))
        #expect(
            deadlines.overdue(at: at(90)) == LockedDeadlines.Overdue(messages: 1, promises: 1, mostUrgent: .emergent))
    }
}
