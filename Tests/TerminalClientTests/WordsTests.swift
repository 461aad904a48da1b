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

    /// Another device of the same person did it: neither what was promised nor what became of it is known here.
    @Test func whatWasDoneElsewhereIsLookedUpThere() {
        #expect(
            ActionWords.elsewhere([.acknowledged, .handedOff, .acknowledged]) == [
                "1 message handed off on another device of yours: look there whether it was taken",
                "2 messages acknowledged on another device of yours; a promised time is shown only there",
            ])
        #expect(ActionWords.elsewhere([.closed]).isEmpty)
        var message = ListedMessage.sample(0, .urgent, age: 9, state: "handed_off")
        message.saidElsewhere = .handedOff
        let table = InboxList([message])
            .table([:], Policy(), columns: nil, now: ScreenStage.start)
        #expect(table.contains("handed off on another device of yours: look there"), "\(table)")
    }

    /// Whoever is reminded is told which: call, or close.
    @Test func aCallThatIsLateIsNotOnlyToBeClosed() {
        let now = ScreenStage.start
        let since = now.adding(seconds: -3_600)
        func words(_ promised: Timestamp?) -> String {
            WatchLines.notClosed(
                "EMERGENT from Night Desk", TakenUp(since: since, promisedAt: promised), id: "msg-abc", now: now)
        }
        let late = now.adding(seconds: -60)
        #expect(
            words(late)
                == "CALL LATE: EMERGENT from Night Desk, you promised to call by \(ClockTime.text(late, now: now)): "
                + "call now, then close it with nightbell close msg-abc")
        let later = now.adding(seconds: 60)
        #expect(words(later).hasPrefix("NOT CLOSED: EMERGENT from Night Desk, acknowledged at "))
        #expect(words(later).contains(", you promised to call by \(ClockTime.text(later, now: now)): close it when"))
        #expect(words(nil).contains("\(ClockTime.text(since, now: now)): close it when everything is done"))
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
        // Who only watches the relay hears what an admin has to do before, and that without it no patient is named.
        let keys: [NextSteps.AuditKey] = [.awaited, .here, .elsewhere]
        let auditors = keys.map {
            NextSteps(["auditor"], auditKey: $0, profile: "", needsUnlocking: true).text
        }
        #expect(auditors[0].contains("an admin, on their own device: nightbell admin audit-key accept"))
        #expect(!auditors[1].contains("audit-key") && !auditors[1].contains("another device"))
        #expect(auditors[2].contains("the audit key is another device's"))
        #expect(auditors.allSatisfy { !$0.contains("watch") && !$0.contains("rings") })
        #expect(!provider.contains("audit-key"))
        for text in [provider, desk] + auditors {
            #expect(text.split(separator: "\n").allSatisfy { TextWidth.of(String($0)) <= 80 }, "\(text)")
        }
    }
}
