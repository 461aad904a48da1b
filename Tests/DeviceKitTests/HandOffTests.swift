import Secrets
import Statements
import Testing

@testable import DeviceKit

@Suite struct HandOffTests {
    private func handOff(_ content: String, text: String? = nil, key: String? = "a") -> HandOff {
        HandOff(text: text, entry: "entry", proof: "proof", key: key, nonce: "n", content: content)
    }

    @Test func everyFormComesBackFromItsPlaintext() {
        for handOff in [handOff("{}"), handOff("x", text: "words"), handOff("\"quoted\"\n", key: nil)] {
            let content = MessageContent.handOff(handOff)
            #expect(MessageContent(plaintext: content.plaintext) == content)
        }
    }

    @Test(arguments: [
        #"{"schema":"nightbell.hand-off/1","entry":"e","proof":"p","nonce":"n"}"#,
        #"{"schema":"nightbell.hand-off/1","entry":"e","proof":"p","content":"c"}"#,
        #"{"schema":"nightbell.hand-off/1","entry":"e","proof":"p","nonce":"n","content":"c","text":""}"#,
        #"{"schema":"nightbell.hand-off/1","entry":"e","proof":"p","nonce":"n","content":{},"text":"a"}"#,
        #"{"schema":"nightbell.hand-off/1","entry":"e","proof":"p","nonce":"n","content":"c","more":"m"}"#,
    ])
    func anythingElseIsNone(_ text: String) {
        #expect(MessageContent(plaintext: Array(text.utf8)) == nil)
    }

    @Test func theInnermostIsFoundThroughEveryHand() throws {
        var content = MessageContent.text("the first words")
        for _ in 0..<8 {
            content = .handOff(handOff(String(decoding: content.plaintext, as: UTF8.self), key: nil))
        }
        guard case .handOff(let outermost) = content else { throw HandOffIsNone() }
        #expect(outermost.innermost == .text("the first words"))
        #expect(AlertSummary.text(of: content).description == "handed on: the first words")
        let capsule = try CapsuleContent(of: content, patient: nil)
        #expect(capsule.verdict(on: content.plaintext) == .agrees)
    }

    @Test func whatDoesNotFitIsRefusedInWords() {
        let long = String(repeating: "a", count: 65_000)
        do {
            _ = try MessageContent(handOff(long, text: String(repeating: "b", count: 600)))
            Issue.record("a hand-off that does not fit was made")
        } catch {
            #expect(error.code == "hand_off_too_long")
            #expect(error.next.contains("telephone"))
        }
    }

    private struct HandOffIsNone: Error {}
}
