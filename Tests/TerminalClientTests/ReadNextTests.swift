import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// What whoever has read a message is told to do next.
@Suite struct ReadNextTests {
    private func next(_ state: String, answers: MessageID? = nil) -> String? {
        ReadCommand.next(.sample(1, .emergent, age: 5, state: state, answers: answers))
    }

    @Test func whatIsToBeDoneIsNamedWithItsCommand() {
        let id = ListedMessage.sample(1, .emergent, age: 5).id
        #expect(next("read")?.hasPrefix("next: nightbell ack \(id) (--by TIME") == true)
        #expect(next("acknowledged") == "next, when everything is done: nightbell close \(id)")
    }

    /// Whoever follows it stays with the profile that was read with.
    @Test func aHintNamesTheProfile() {
        var console = Console(isJSON: false, isVerbose: false, hasColour: false) { _, _ in }
        console.profile = ProfileHint(folder: "/srv/desk")
        let told = ReadCommand.next(.sample(1, .emergent, age: 5, state: "read"), console)
        #expect(told?.hasPrefix("next: nightbell --profile /srv/desk ack ") == true, "\(told ?? "")")
        #expect(told?.contains("or nightbell --profile /srv/desk decline ") == true)
    }

    @Test func whatIsDoneOrAsksNothingNamesNothing() {
        #expect(next("closed") == nil && next("declined") == nil)
        #expect(next("read", answers: ListedMessage.sample(2, .urgent, age: 9).id) == nil)
    }
}
