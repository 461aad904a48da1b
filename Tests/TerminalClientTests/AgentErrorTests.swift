import DeviceKit
import Testing

@testable import TerminalClient
@testable import UnlockAgent

/// What is said of whatever stands in an agent's place: what it is, and what to do, as a command.
@Suite struct AgentErrorTests {
    private static let kinds: [(AgentStranger.Kind, String, DeviceKitError.Category)] = [
        (.link, "symbolic link", .refused), (.foreign, "no agent made", .refused),
        (.otherUser, "another user", .refused),
        (.silent, "no whole answer", .tryAgain), (.noAgent, "is not that agent", .refused),
    ]

    @Test(arguments: kinds) func aStrangerIsNamedWithTheNextStep(
        _ kind: AgentStranger.Kind, _ words: String, _ category: DeviceKitError.Category
    ) {
        let error = DeviceKitError(AgentStranger(kind, "/p/agent/socket", process: 4711), profile: "/p")
        #expect(error.category == category)
        #expect(error.message.contains(words) && error.message.contains("/p/agent/socket"))
        #expect(error.next.contains("nightbell unlock"))
        #expect(error.next.contains("mv '/p/agent/socket' '/p.moved'") || error.next.contains("end process 4711"))
    }

    @Test(arguments: ["", " ", "a\nb", String(repeating: "x", count: 257)])
    func aReasonThatIsNoneComesWithWordsThatAre(_ text: String) {
        let failure = #expect(throws: DeviceKitError.self) { try AdminRevokeCommand.reason(text) }
        #expect(failure?.category == .usage)
        #expect(failure?.next.contains("\"stolen\", \"lost\", \"replaced\"") == true)
    }

    /// What else passes by itself needs nobody; a copy of this device does.
    @Test func aSecondPlaceIsToldWithWhatToDo() {
        let error = DeviceKitError(
            "connected_twice", .tryAgain, "this device is connected from a second place", next: "end it there")
        #expect(
            WatchTalk.down(error, retryInMilliseconds: 1_000)
                == "this device is connected from a second place (end it there): nothing new arrives, and no answer is seen; trying again in 1 s"
        )
    }
}
