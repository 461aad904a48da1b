import Statements
import Synchronization
import Testing

@testable import TerminalClient

/// What a locked profile rings for of what was sent from it.
@Suite struct LockedDeadlineTests {
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func at(_ seconds: Int64) -> Timestamp { start.adding(seconds: seconds) }

    private func deadlines(_ seconds: Int64...) -> LockedDeadlines {
        var deadlines = LockedDeadlines()
        var teller = DeadlineTeller { word in
            deadlines.take(word)
            return true
        }
        teller.changed(seconds.map(at))
        return deadlines
    }

    @Test func itRingsForEachAndEveryMinuteUntilSomebodyLooks() {
        var deadlines = deadlines(90, 30)
        #expect(deadlines.count == 2)
        let rung = (0...200).filter { deadlines.rings(at: at(Int64($0))) }
        #expect(rung == [30, 90, 150])
        #expect(deadlines.overdue(at: at(200)) == 2)
    }

    @Test func itSleepsUntilTheNext() {
        var deadlines = deadlines(30, 45)
        #expect(deadlines.pause(at: at(0)) == 30_000)
        let first = deadlines.rings(at: at(31))
        #expect(first && deadlines.pause(at: at(31)) == 14_000)
        let second = deadlines.rings(at: at(45))
        #expect(second && deadlines.pause(at: at(50)) == 55_000)
        // Somebody set the clock back: a minute at the most.
        #expect(deadlines.pause(at: at(-9_000)) == 60_000)
        #expect(LockedDeadlines().pause(at: at(0)) == nil)
    }

    @Test func whatTheNextWorkerTellsTakesThePlaceOfAll() {
        var deadlines = deadlines(30)
        let before = deadlines.rings(at: at(31))
        deadlines.take(WorkerWord(.deadlines))
        let after = deadlines.rings(at: at(91))
        #expect(before && !after && deadlines.count == 0)
        deadlines.take(WorkerWord(.critical, 1))
        #expect(deadlines.count == 0)
    }

    @Test func whatWasNotHeardIsToldAgainAsAWhole() {
        let heard = Mutex<[WorkerWord]>([])
        let room = Mutex(2)
        var teller = DeadlineTeller { word in
            room.withLock {
                $0 -= 1; return $0 >= 0
            }
                && heard.withLock {
                    $0.append(word); return true
                }
        }
        teller.changed([at(2), at(1)])
        room.withLock { $0 = 100 }
        teller.repeatUntold()
        teller.repeatUntold()
        let second = UInt32(start.milliseconds / 1000)
        let all = [WorkerWord(.deadlines), WorkerWord(.deadline, second + 1), WorkerWord(.deadline, second + 2)]
        #expect(heard.withLock { $0 } == all.prefix(2) + all)
    }
}
