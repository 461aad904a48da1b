import Secrets
import Statements
import Testing

@testable import DeviceKit

@Suite struct KeptMessageTests {
    private let message = MessageID.make(at: Timestamp(milliseconds: 1_700_000_000_000))
    private let about = MessageID.make(at: Timestamp(milliseconds: 1_600_000_000_000))
    private let member = MemberID.random()

    private func draft(_ content: MessageContent, _ reference: Manifest.Reference?) -> Draft {
        Draft(
            member: member, urgency: .urgent, lifeSeconds: nil, content: content, patient: nil, reference: reference)
    }

    @Test func aReplyWordsOfAReceiptAndAHandOffAreToldApart() throws {
        let receipt = Digest.sha256(Array("receipt".utf8))
        let handOff = HandOff(
            text: nil, entry: "entry", proof: "proof", key: nil, nonce: "nonce", content: "{}")
        let cases: [(MessageContent, Manifest.Reference, KeptMessage.Kind)] = [
            (.reply(try Reply(text: "a")), .inReplyTo(about), .reply),
            (.reply(try Reply(text: "a").belonging(to: receipt)), .inReplyTo(about), .words),
            (.handOff(handOff), .forwardOf(about), .handOff),
        ]
        for (content, reference, kind) in cases {
            #expect(
                KeptMessage(message, draft(content, reference))
                    == KeptMessage(message: message, about: about, member: member, kind: kind))
        }
    }

    @Test func whatIsAboutNoOtherMessageIsNone() {
        #expect(KeptMessage(message, draft(.text("a"), nil)) == nil)
    }
}
