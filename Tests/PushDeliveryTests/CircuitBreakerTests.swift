import FuzzSupport
import PushDelivery
import Testing

@Suite struct CircuitBreakerTests {
    private static let failure = PushOutcome.later(.serviceUnavailable, after: nil)

    private func opened(at time: Double = 0) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.failureLimit { breaker.record(Self.failure, at: time) }
        return breaker
    }

    /// Asking is a step of its own: of an open one, it begins the trial.
    private func expect(
        _ breaker: inout CircuitBreaker, mayTry: Bool, at time: Double, _ location: SourceLocation = #_sourceLocation
    ) {
        let may = breaker.mayTry(at: time)
        #expect(may == mayTry, sourceLocation: location)
    }

    @Test func itOpensAtTheFifthFailureInARow() {
        var breaker = CircuitBreaker()
        for _ in 0..<(CircuitBreaker.failureLimit - 1) { breaker.record(Self.failure, at: 0) }
        breaker.record(.accepted, at: 0)
        for _ in 0..<(CircuitBreaker.failureLimit - 1) { breaker.record(Self.failure, at: 0) }
        #expect(breaker.state == .closed)
        expect(&breaker, mayTry: true, at: 0)
        breaker.record(Self.failure, at: 0)
        #expect(breaker.state == .open)
        expect(&breaker, mayTry: false, at: 29.9)
        #expect(breaker.wait(at: 10) == 20)
    }

    @Test func oneTrialDecides() {
        var breaker = opened()
        expect(&breaker, mayTry: true, at: 30)
        #expect(breaker.state == .halfOpen)
        expect(&breaker, mayTry: false, at: 31)
        breaker.record(.accepted, at: 32)
        #expect(breaker == CircuitBreaker())
    }

    @Test func afterAFailedTrialThePauseGrowsToItsBound() {
        var breaker = opened()
        var time = 30.0
        for pause in [60, 120, 240, 480, 600, 600.0] {
            expect(&breaker, mayTry: true, at: time)
            breaker.record(Self.failure, at: time)
            #expect(breaker.wait(at: time) == pause)
            expect(&breaker, mayTry: false, at: time + pause - 0.1)
            time += pause
        }
    }

    /// What is about one subscription says that the service answers.
    @Test(
        arguments: [
            .gone(.unsubscribed, at: nil), .rejected(.tooLarge), .later(.rateLimited, after: 60), .accepted,
        ] as [PushOutcome])
    func anAnswerIsNoFailure(_ outcome: PushOutcome) {
        var breaker = opened()
        expect(&breaker, mayTry: true, at: 30)
        breaker.record(outcome, at: 30)
        #expect(breaker.state == .closed)
    }

    @Test func refusedCredentialsOpenItAtOnce() {
        var breaker = CircuitBreaker()
        breaker.record(.unauthorized(.credentials), at: 0)
        #expect(breaker.wait(at: 0) == 60)
    }

    @Test func aTrialThatWasGivenUpIsFollowedByAnother() {
        var breaker = opened()
        expect(&breaker, mayTry: true, at: 30)
        breaker.abandon(at: 30)
        expect(&breaker, mayTry: true, at: 30)
    }

    /// Whatever happens: never more than one trial at once, and never shut for ever.
    @Test func itAlwaysLetsSomebodyTryAgain() {
        var generator = SplitMix64(name: "breaker")
        for _ in 0..<200 {
            var breaker = CircuitBreaker()
            var (time, onTheirWay) = (0.0, 0)
            for _ in 0..<200 {
                time += Double(generator.next() % 20)
                let outcomes: [PushOutcome] = [.accepted, Self.failure, .unauthorized(.credentials)]
                if generator.next() % 2 == 0, onTheirWay > 0 {
                    onTheirWay -= 1
                    breaker.record(outcomes[Int(generator.next() % 3)], at: time)
                } else if breaker.mayTry(at: time) {
                    onTheirWay += 1
                }
            }
            for _ in 0..<onTheirWay { breaker.record(Self.failure, at: time) }
            expect(&breaker, mayTry: true, at: time + CircuitBreaker.mostPauseSeconds)
        }
    }
}

@Suite struct BackOffTests {
    @Test func eachWaitIsAtMostThreeTimesTheLastAndBounded() {
        let backOff = BackOff(firstSeconds: 1, mostSeconds: 600)
        for (failures, full) in [(1, 1), (2, 3), (3, 9), (4, 27), (5, 81), (6, 243), (7, 600), (50, 600)] {
            #expect(backOff.seconds(after: failures, random: 0) == Double(full) / 2)
            #expect(backOff.seconds(after: failures, random: 1) == Double(full))
        }
    }

    @Test func whatTheServiceAsksForIsNeverUndercut() {
        let backOff = BackOff(firstSeconds: 1, mostSeconds: 600)
        for random in [0, 0.5, 0.99] {
            let wait = backOff.seconds(after: 1, asked: 60, random: random)
            #expect((60...66).contains(wait))
            #expect(backOff.seconds(after: 7, asked: 5, random: random) >= 300)
        }
    }

    @Test func googleWantsTenSeconds() {
        #expect(BackOff.of(.fcm).seconds(after: 1, random: 0) == 10)
        #expect(BackOff.of(.webPush).seconds(after: 1, random: 1) == 1)
    }
}
