import AuditSupport
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

@testable import Auditing

/// What went out with a message: a one-time prekey once, a fallback one with its event; and no queue that was full for nothing.
@Suite struct PrekeyFindingTests {
    @Test func aOneTimePrekeyThatGoesOutTwiceIsFound() async throws {
        let world = World.practice()
        let first = world.send("first")
        world.wait(seconds: 1)
        let second = world.send("second", prekeys: "first")
        let verdict = try await world.audit()
        // One finding for each of Bo's devices.
        #expect(verdict.findings.map(\.code) == [.prekeyAgain, .prekeyAgain])
        #expect(verdict.findings.allSatisfy { $0.entries == [first.index, second.index] })
        #expect(verdict.messages.map(\.isSound) == [true, false])
    }

    @Test func aOneTimePrekeyNeverBecomesAFallbackOne() async throws {
        let world = World.practice()
        let first = world.send("first")
        world.wait(seconds: 1)
        let said = ["bo", "tablet"].map { name in
            world.log(
                .fallback(.named(name), .named("second"), world.prekey("first", of: .named(name)).id))
        }
        world.wait(seconds: 1)
        world.send("second", prekeys: "first")
        let verdict = try await world.audit()
        #expect(verdict.findings.map(\.code) == [.prekeyAgain, .prekeyAgain])
        #expect(verdict.findings.map(\.entries) == said.map { [first.index, $0] })
    }

    @Test func aFallbackPrekeyGoesOutAsOftenAsItIsSaid() async throws {
        let world = World.practice()
        for name in ["first", "second", "third"] {
            world.claimFallbacks(name, of: "bo")
            world.wait(seconds: 3)
            world.send(name, fallback: true)
        }
        #expect(try await world.audit().findings.isEmpty)
    }

    @Test func aFallbackPrekeyInSilenceIsFound() async throws {
        let world = World.practice()
        world.claimFallbacks("first", of: "bo")
        world.send("first", fallback: true)
        let sent = world.send("second", fallback: true)
        let verdict = try await world.audit()
        #expect(verdict.findings.map(\.code) == [.fallbackMissing, .fallbackMissing])
        #expect(verdict.findings.allSatisfy { $0.entries == [sent.index] && $0.message == sent.message })
    }

    /// What is kept does not grow with fallback prekeys that went out for messages which never came; of one that comes a day
    /// after its claim the story is whole.
    @Test func claimsThatCameToNothingAreForgotten() async throws {
        let world = World.practice()
        let store = MemoryAuditStore(isKept: true)
        let run = Run(world, store: store)
        let prekey = world.prekey("fallback", of: .named("bo")).id
        var sizes: [Int] = []
        for day in 0..<12 {
            for number in 0..<20 { world.log(.fallback(.named("bo"), .named("never \(day) \(number)"), prekey)) }
            #expect(try await run.audit(world.source).ok)
            sizes.append(try #require(store.value(.replay)).count)
            world.wait(seconds: 86_400)
        }
        let (before, after) = (try #require(sizes[4..<8].max()), try #require(sizes[8...].max()))
        // A longer number, and more of the tree's right edge; what is remembered of a day takes more than twice of it.
        #expect(after < before + 500)

        world.claimFallbacks("late", of: "bo")
        world.wait(seconds: 86_399)
        world.send("late", fallback: true)
        let verdict = try await run.audit(world.source)
        #expect(verdict.ok && verdict.messages.map(\.message) == [.named("late")])
        #expect(verdict.messages.first?.facts.map(\.word) == ["fallback", "fallback"])
    }

    @Test func aQueueThatWasNeverFullIsNoReasonToLeaveADeviceOut() async throws {
        let world = World.practice()
        let sent = world.send("first", without: "tablet", isSilent: true) {
            $0.without = [.init(device: .named("tablet"), reason: .queueFull)]
        }
        world.log(.undeliverable(.named("tablet"), sent.message, .queueFull))
        try await world.audit().expect(.queueFullUntrue, at: [sent.index], naming: "ivy")
    }
}
