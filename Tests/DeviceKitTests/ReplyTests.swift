import Secrets
import Statements
import Testing

@testable import DeviceKit

@Suite struct ReplyTests {
    private let time = Timestamp(milliseconds: 1_700_000_000_000)

    @Test func everyFormComesBackFromItsPlaintext() throws {
        let receipt = Digest.sha256(Array("receipt".utf8))
        let replies = [
            try Reply(text: "on my way"), try Reply(promisedAt: time), try Reply(disposition: "seen"),
            try Reply(text: "a", promisedAt: time, disposition: "b", receipt: receipt),
            try Reply(text: "words").belonging(to: receipt),
        ]
        for reply in replies {
            let content = MessageContent.reply(reply)
            #expect(MessageContent(plaintext: content.plaintext) == content)
        }
    }

    @Test(arguments: [" ", "\n\t", "\u{A0}"])
    func blanksSayNothing(_ text: String) {
        #expect(throws: DeviceKitError.self) { try Reply(text: text) }
        #expect(throws: DeviceKitError.self) { try Reply(disposition: text) }
        #expect(throws: DeviceKitError.self) { try MessageContent(text: text) }
    }

    @Test(arguments: [
        #"{"schema":"nightbell.reply/1"}"#,
        #"{"schema":"nightbell.reply/1","text":""}"#,
        #"{"schema":"nightbell.reply/1","text":7}"#,
        #"{"schema":"nightbell.reply/1","text":"a","more":"b"}"#,
        #"{"schema":"nightbell.reply/1","promised_at":"03:30"}"#,
        #"{"schema":"nightbell.reply/1","promised_at":"2026-11-28T03:30:00Z"}"#,
        #"{"schema":"nightbell.reply/1","text":"a","receipt":"00"}"#,
        #"{"schema":"nightbell.reply/1","receipt":"0000000000000000000000000000000000000000000000000000000000000000"}"#,
        #"{"schema":"nightbell.reply/2","text":"a"}"#,
    ])
    func anythingElseIsNone(_ text: String) {
        #expect(MessageContent(plaintext: Array(text.utf8)) == nil)
    }

    @Test func nothingSaidIsNoReply() {
        #expect(throws: DeviceKitError.self) { try Reply() }
        #expect(throws: DeviceKitError.self) { try Reply(text: "") }
        #expect(throws: DeviceKitError.self) { try Reply(disposition: "") }
    }

    @Test func aDraftKeepsWhatItAnswers() throws {
        let message = MessageID.make(at: time)
        for reference: Manifest.Reference? in [nil, .inReplyTo(message), .forwardOf(message)] {
            let draft = Draft(
                member: MemberID.random(), urgency: .urgent, lifeSeconds: 60,
                content: .reply(try Reply(text: "words")), patient: "p", reference: reference)
            let again = try #require(Draft(draft.bytes))
            #expect(again.bytes == draft.bytes)
            #expect(again.reference == reference)
        }
    }

    @Test func theWordsOfAReceiptAndAHandOffAreRepeatedForEverOthersUntilTold() throws {
        let member = MemberID.random()
        let message = MessageID.make(at: time)
        func draft(_ content: MessageContent, _ reference: Manifest.Reference, to other: MemberID? = nil) -> Draft {
            Draft(
                member: other ?? member, urgency: .urgent, lifeSeconds: nil, content: content, patient: nil,
                reference: reference)
        }
        let receipt = Digest.sha256(Array("receipt".utf8))
        let words = draft(.reply(try Reply(text: "a").belonging(to: receipt)), .inReplyTo(message))
        #expect(words.isRepeated(by: words, wasReported: true))
        let plain = draft(.reply(try Reply(text: "a")), .inReplyTo(message))
        #expect(plain.isRepeated(by: plain, wasReported: false))
        #expect(!plain.isRepeated(by: plain, wasReported: true))
        let handed = draft(.text("one"), .forwardOf(message))
        #expect(handed.isRepeated(by: draft(.text("other words"), .forwardOf(message)), wasReported: true))
        #expect(!handed.isRepeated(by: draft(.text("one"), .forwardOf(message), to: .random()), wasReported: true))
    }
}
