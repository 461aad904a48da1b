import AuditSupport
import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

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

    @Test func aQueueThatWasNeverFullIsNoReasonToLeaveADeviceOut() async throws {
        let world = World.practice()
        let sent = world.send("first", without: "tablet", isSilent: true) {
            $0.without = [.init(device: .named("tablet"), reason: .queueFull)]
        }
        world.log(.undeliverable(.named("tablet"), sent.message, .queueFull))
        try await world.audit().expect(.queueFullUntrue, at: [sent.index], naming: "ivy")
    }
}
