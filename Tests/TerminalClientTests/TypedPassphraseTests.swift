import DeviceKit
import Testing

@testable import TerminalClient

/// Keys of a passphrase that nobody sees.
@Suite struct TypedPassphraseTests {
    private func press(_ text: String, _ typed: TypedPassphrase) -> [TypedPassphrase.Key] {
        text.utf8.map { typed.press($0) }
    }

    /// Whoever waits for Enter would eat the next line that is typed.
    @Test func ctrlCInterruptsAtOnceWhateverWasTyped() {
        let typed = TypedPassphrase()
        #expect(press("abc\u{03}", typed).last == .interrupted)
    }

    @Test func ctrlDInterruptsWhereNothingWasTyped() {
        let typed = TypedPassphrase()
        #expect(press("\u{04}", typed) == [.interrupted])
        #expect(press("a\u{04}", typed) == [.taken, .entered])
    }

    @Test func whatIsTakenAwayAndKeysThatAreNoCharactersAreNotInIt() {
        let typed = TypedPassphrase()
        // A wrong start, an arrow, F1 of the console, a letter of two bytes taken away, a tab.
        _ = press("wrong\u{15}cor\u{1B}[A\u{1B}[[Aré\u{7F}\u{1B}OBe\tcxy\u{08}\u{08}t\n", typed)
        var wanted = Array("correct".utf8)
        let isSame = typed.take().isSame(as: Passphrase(moving: &wanted))
        let rest = typed.take().length
        #expect(isSame && rest == 0)
    }

    @Test func handedOnItIsGivenOnce() {
        let typed = TypedPassphrase()
        _ = press("horse", typed)
        let handed = typed.hand()
        let lengths = [handed.take().length, handed.take().length, typed.take().length]
        #expect(lengths == [5, 0, 0])
    }

    @Test func whatIsTooLongIsCut() {
        let typed = TypedPassphrase()
        _ = press(String(repeating: "x", count: Passphrase.maximumByteCount + 1), typed)
        let length = typed.take().length
        #expect(length == Passphrase.maximumByteCount)
    }
}
