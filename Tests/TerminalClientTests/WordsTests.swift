import DeviceKit
import Foundation
import Secrets
import Statements
import Testing

@testable import TerminalClient

/// Words for people in place of those of the statements, and what they are told to do next.
@Suite struct WordsTests {
    @Test func whatIsDisclosedIsAFileThatWasSaved() {
        #expect(ActionWords.text("disclosed") == "saved a file")
        #expect(ActionWords.text("handed_off") == "handed off")
        let line = StepLine(
            number: 1, previous: .zero, at: ScreenStage.start, step: .receipt, message: nil, microseconds: 1,
            established: "receipt 4 (disclosed) signed and stored")
        #expect(Console.human(line).hasSuffix("receipt 4 (saved a file) signed and stored"))
        #expect(String(decoding: line.bytes, as: UTF8.self).contains("(disclosed)"), "the log keeps its word")
    }

    @Test func aTildeIsTheHomeThatTheEnvironmentNames() {
        let environment = ["HOME": "/srv/night"]
        #expect(HomeFolder.expanded("~", environment: environment) == "/srv/night")
        #expect(HomeFolder.expanded("~/files", environment: environment) == "/srv/night/files")
        for path in ["~noor/files", "/~/files", "files/~", ""] {
            #expect(HomeFolder.expanded(path, environment: environment) == path)
        }
        // Without it, the system knows.
        for environment in [[:], ["HOME": ""], ["HOME": "relative"]] as [[String: String]] {
            let home = HomeFolder.expanded("~/files", environment: environment)
            #expect(home.hasPrefix("/") && home.hasSuffix("/files"), "\(home)")
        }
    }

    @Test func whoHasJoinedIsToldWhatComesNext() {
        let provider = NextSteps(["provider"], profile: "", needsUnlocking: true).text
        let places = ["nightbell unlock\n", "nightbell ui\n", "nightbell watch\n"].map {
            provider.range(of: $0)?.lowerBound
        }
        #expect(places.allSatisfy { $0 != nil }, "\(provider)")
        #expect(zip(places, places.dropFirst()).allSatisfy { $0! < $1! }, "\(provider)")
        let desk = NextSteps(["intake"], profile: " --profile /p", needsUnlocking: false).text
        #expect(!desk.contains("unlock") && !desk.contains(" ui"))
        #expect(
            desk.contains("nightbell --profile /p send --help\n") && desk.contains("nightbell --profile /p watch\n"))
        #expect(NextSteps(["auditor"], profile: "", needsUnlocking: true).text.contains("nightbell audit verify\n"))
        for text in [provider, desk] {
            #expect(text.split(separator: "\n").allSatisfy { TextWidth.of(String($0)) <= 80 }, "\(text)")
        }
    }
}
