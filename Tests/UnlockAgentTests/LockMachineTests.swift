import Testing

@testable import UnlockAgent

/// When a profile locks, and in which order: without a clock, a socket or a key.
@Suite struct LockMachineTests {
    private let start = ContinuousClock.now

    private func unlocked() -> BoxedMachine {
        let machine = BoxedMachine(lockAfter: .seconds(900))
        let (result, actions) = machine.unlock(at: start)
        #expect(result == .unlocked)
        #expect(actions == [.tellUnlocked])
        return machine
    }

    @Test func beginsLocked() {
        let machine = BoxedMachine(lockAfter: .seconds(900))
        #expect(!machine.isUnlocked)
        #expect(machine.isSettled)
        #expect(machine.due == nil)
        #expect(machine.idle(at: start) == nil)
    }

    @Test func wipesBeforeItTellsAndSettlesAtOnceWhenNobodyHoldsAKey() {
        let machine = unlocked()
        #expect(machine.lock(.asked, at: start, holders: 0) == [.wipe, .tellLocked(.asked), .settle])
        #expect(machine.isSettled)
    }

    @Test func isNotOverBeforeTheLastHolderHasEnded() {
        let machine = unlocked()
        #expect(machine.lock(.asked, at: start, holders: 2) == [.wipe, .tellLocked(.asked)])
        #expect(!machine.isUnlocked)
        #expect(!machine.isSettled)
        #expect(machine.look(at: start + .milliseconds(999), holders: 1).isEmpty)
        #expect(machine.look(at: start + .milliseconds(1000), holders: 1) == [.endHolders])
        // Until it is gone, again and again.
        #expect(machine.look(at: start + .milliseconds(1500), holders: 1).isEmpty)
        #expect(machine.look(at: start + .milliseconds(2000), holders: 1) == [.endHolders])
        #expect(machine.look(at: start + .milliseconds(2001), holders: 0) == [.settle])
        #expect(machine.isSettled)
        #expect(machine.look(at: start + .seconds(9), holders: 0).isEmpty)
    }

    @Test func locksWhenNobodyHasUsedIt() {
        let machine = unlocked()
        #expect(machine.look(at: start + .seconds(899), holders: 0).isEmpty)
        machine.used(at: start + .seconds(899))
        #expect(machine.due == start + .seconds(1799))
        #expect(machine.look(at: start + .seconds(1798), holders: 0).isEmpty)
        #expect(
            machine.look(at: start + .seconds(1799), holders: 0) == [.wipe, .tellLocked(.idle), .settle])
    }

    @Test func aShorterPolicyCountsFromTheLastUse() {
        let machine = unlocked()
        machine.setLockAfter(.seconds(60))
        #expect(machine.look(at: start + .seconds(61), holders: 1) == [.wipe, .tellLocked(.idle)])
    }

    @Test func useDoesNotOpenWhatIsLocked() {
        let machine = unlocked()
        _ = machine.lock(.sleep, at: start, holders: 1)
        machine.used(at: start + .milliseconds(1))
        #expect(!machine.isUnlocked)
        _ = machine.look(at: start + .milliseconds(2), holders: 0)
        machine.used(at: start + .milliseconds(3))
        #expect(!machine.isUnlocked)
    }

    @Test func unlockingWaitsUntilTheLockIsOver() {
        let machine = unlocked()
        _ = machine.lock(.asked, at: start, holders: 1)
        #expect(machine.unlock(at: start + .milliseconds(10)) == (.notYet, []))
        _ = machine.look(at: start + .milliseconds(20), holders: 0)
        #expect(machine.unlock(at: start + .milliseconds(30)) == (.unlocked, [.tellUnlocked]))
    }

    @Test func toUnlockTwiceOnlyPutsTheLockOff() {
        let machine = unlocked()
        #expect(machine.unlock(at: start + .seconds(800)) == (.unlocked, []))
        #expect(machine.due == start + .seconds(1700))
    }

    @Test func toLockTwiceAnswersTwiceAndEndsNobodyTwice() {
        let machine = unlocked()
        _ = machine.lock(.asked, at: start, holders: 1)
        #expect(machine.lock(.hangUp, at: start, holders: 1).isEmpty)
        _ = machine.look(at: start, holders: 0)
        #expect(machine.lock(.asked, at: start, holders: 0) == [.settle])
    }
}

/// The machine behind a reference, for the expectations of a test copy what they are about.
private final class BoxedMachine {
    private var machine: LockMachine

    init(lockAfter: Duration) { machine = LockMachine(lockAfter: lockAfter) }

    var isUnlocked: Bool { machine.isUnlocked }
    var isSettled: Bool { machine.isSettled }
    var due: LockMachine.Instant? { machine.due }

    func idle(at now: LockMachine.Instant) -> Duration? { machine.idle(at: now) }
    func unlock(at now: LockMachine.Instant) -> (LockMachine.Unlocking, [LockMachine.Action]) {
        machine.unlock(at: now)
    }
    func used(at now: LockMachine.Instant) { machine.used(at: now) }
    func setLockAfter(_ duration: Duration) { machine.setLockAfter(duration) }
    func lock(_ reason: LockReason, at now: LockMachine.Instant, holders: Int) -> [LockMachine.Action] {
        machine.lock(reason, at: now, holders: holders)
    }
    func look(at now: LockMachine.Instant, holders: Int) -> [LockMachine.Action] {
        machine.look(at: now, holders: holders)
    }
}
