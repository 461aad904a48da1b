import DeviceKit
import FuzzSupport
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// The order of a list that changes message by message is that of one which is sorted anew.
@Suite struct ScreenListTests {
    private static let states = [
        "waiting", "delivered", "read", "quarantined", "acknowledged", "handed_off", "declined", "closed",
    ]

    /// Any message; seconds, urgencies and states repeat themselves.
    private static func any(_ numbers: inout SplitMix64) -> ListedMessage {
        let at = ScreenStage.start.adding(seconds: -Int64(numbers.below(40)))
        return ListedMessage(
            id: MessageID(bytes: numbers.bytes(16)), urgency: Urgency.allCases[numbers.below(Urgency.allCases.count)],
            from: "Night Desk", at: at, expires: at.adding(seconds: 3_600),
            state: states[numbers.below(states.count)], isVerified: true, quarantine: nil,
            unproven: [nil, .acknowledged, .declined, .read][numbers.below(4)])
    }

    @Test(arguments: 1...20)
    func changesKeepTheOrder(_ seed: UInt64) {
        var numbers = SplitMix64(seed: seed)
        var state = ScreenState(ScreenStage.person, now: ScreenStage.start, clock: ScreenStage.clock)
        var known: [MessageID: ListedMessage] = [:]
        let first = (0..<numbers.below(20)).map { _ in Self.any(&numbers) }
        state.replace(first)
        #expect(state.messages == first.sorted(by: ListedMessage.isBefore))
        for message in first { known[message.id] = message }
        for _ in 0..<60 {
            var message = Self.any(&numbers)
            // What is known already moves.
            if !state.messages.isEmpty, numbers.below(2) == 0 {
                message = state.messages[numbers.below(state.messages.count)]
                message.state = Self.states[numbers.below(Self.states.count)]
                message.unproven = nil
            }
            known[message.id] = message
            state.put(message)
            let sorted = known.values.sorted(by: ListedMessage.isBefore)
            #expect(state.messages == sorted)
            #expect(state.waiting == sorted.filter(\.needsAnswer), "those that wait stand first")
        }
        #expect(state.messages.allSatisfy { state.message($0.id) == $0 })
    }

    /// Until somebody has moved the mark, Enter opens what is most pressing, whatever came meanwhile.
    @Test func theFirstLineIsChosenUntilSomebodyChooses() {
        var stage = ScreenStage()
        let (routine, urgent) = (ListedMessage.sample(1, .routine, age: 60), ListedMessage.sample(2, .urgent, age: 30))
        stage.tell(.listed([routine]), .message(urgent))
        #expect(stage.state.selected == urgent.id)
        stage.press(.down)
        let emergent = ListedMessage.sample(3, .urgent, age: 40)
        stage.tell(.message(emergent))
        #expect(stage.state.selected == routine.id)
    }
}
