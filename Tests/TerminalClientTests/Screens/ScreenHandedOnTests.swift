import DeviceKit
import Foundation
import Statements
import TerminalScreen
import Testing

@testable import TerminalClient

/// A message that somebody handed on says so: through whose hands it came, with which words, and what is shown of it.
@Suite struct ScreenHandedOnTests {
    private let message = ListedMessage.sample(0, .urgent, age: 60, from: "Dr. Dan Diaz")

    private func original(_ from: String, _ age: Int64, attachments: Int = 0) -> HandOffPath.Original {
        HandOffPath.Original(
            from: from, at: ScreenStage.start.adding(seconds: -age), message: message.id, attachments: attachments)
    }

    private func text(_ path: HandOffPath, broken: [BrokenPromise] = []) -> String {
        var stage = ScreenStage(rows: 60)
        stage.tell(.listed([message]))
        stage.press(.enter)
        stage.open(message, .handedOn(path, Samples.record), broken: broken)
        return stage.text
    }

    @Test func whoHandedItOnWithWhichWordsAndWhoSentIt() {
        let text = text(
            HandOffPath(
                hands: [
                    .init(
                        text: "I am in theatre.\nPlease call her.",
                        original: original("Night Desk", 1_800, attachments: 2))
                ], content: nil))
        #expect(text.contains("HANDED ON    by Dr. Dan Diaz, 22:06"))
        #expect(text.contains("             I am in theatre.\n"))
        #expect(text.contains("             Please call her.\n"))
        #expect(text.contains("FIRST SENT   by Night Desk, 21:37, 30 min ago"))
        #expect(text.contains("Verified: to the letter what Night Desk signed."))
        #expect(text.contains("2 files of Night Desk did NOT come with it: ask."))
        #expect(text.contains("CALL BACK"))
        #expect(!text.contains("AS TOLD"))
    }

    @Test func whatIsNotShownIsAsTold() {
        let text = text(
            HandOffPath(hands: [.init(text: nil, original: original("Night Desk", 1_800))], content: nil),
            broken: [
                BrokenPromise("original", "as told by Dr. Dan Diaz: its key was no longer there to be given with it")
            ])
        #expect(text.contains("NOT VERIFIED, what was handed on: as told by Dr. Dan Diaz"))
        #expect(text.contains("AS TOLD by Dr. Dan Diaz, not shown to be so."))
        #expect(!text.contains("to the letter"))
    }

    @Test func everyHandIsNamedTheLastOneFirst() {
        let text = text(
            HandOffPath(
                hands: [
                    .init(text: "and now you", original: original("Dr. Eve", 600)),
                    .init(text: "yours", original: original("Night Desk", 1_800)),
                ], content: nil))
        let places = [
            "by Dr. Dan Diaz, 22:06", "and now you", "by Dr. Eve, 21:57, before that", "yours", "by Night Desk, 21:37",
        ].map { text.range(of: $0)?.lowerBound }
        #expect(places.allSatisfy { $0 != nil }, "\(text)")
        #expect(zip(places, places.dropFirst()).allSatisfy { $0.0! < $0.1! })
    }

    @Test func aReplyThatIsOpenedForItselfIsRead() throws {
        var stage = ScreenStage()
        let reply = ListedMessage.sample(1, .urgent, age: 60, answers: message.id)
        stage.tell(.listed([reply]))
        stage.press(.enter)
        stage.open(
            reply,
            .reply(try Reply(text: "On my way.", promisedAt: ScreenStage.start.adding(seconds: 600))))
        #expect(stage.text.contains("Calls the patient by 22:17."))
        #expect(stage.text.contains("On my way."))
    }
}
