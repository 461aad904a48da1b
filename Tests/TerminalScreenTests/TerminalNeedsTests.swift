import Testing

@testable import TerminalScreen

/// The descriptions are those of the usual data base of terminals, as far as they are asked for.
@Suite struct TerminalNeedsTests {
    private static let xterm = [
        "cup": "\u{1B}[%i%p1%d;%p2%dH", "ed": "\u{1B}[J", "el": "\u{1B}[K", "rev": "\u{1B}[7m", "sgr0": "\u{1B}[m",
        "smcup": "\u{1B}[?1049h", "rmcup": "\u{1B}[?1049l",
    ]
    /// As of the console, which has one screen.
    private static let oneScreen = xterm.filter { !["smcup", "rmcup"].contains($0.key) }

    private static func needs(_ description: [String: String]) -> TerminalNeeds? {
        TerminalNeeds { description[$0].map { Array($0.utf8) } }
    }

    @Test func whatHasAnAlternateScreenIsLeftAsItsDescriptionSays() throws {
        let needs = try #require(Self.needs(Self.xterm))
        #expect(needs.entering.isEmpty && needs.leaving.isEmpty)
        #expect(String(decoding: needs.restoring, as: UTF8.self) == "\u{1B}[m\u{1B}[?1049l")
    }

    /// A message must not stay where there is nothing to go back to, nor lie below the locked screen where there is.
    @Test func whereNoneIsKnownOneIsAskedForAndWhatWasDrawnIsCleared() throws {
        let needs = try #require(Self.needs(Self.oneScreen))
        #expect(String(decoding: needs.entering, as: UTF8.self) == "\u{1B}[?1049h")
        for bytes in [needs.leaving, needs.restoring] {
            #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("\u{1B}[2J\u{1B}[H\u{1B}[?1049l"))
        }
    }

    @Test func whatDrawsOtherwiseIsRefused() {
        #expect(Self.needs(["cup": "\u{1B}Y%p1%' '%+%c%p2%' '%+%c", "ed": "\u{1B}J", "el": "\u{1B}K"]) == nil)
        #expect(Self.needs([:]) == nil)
        for control in ["cup", "ed", "el", "rev"] {
            #expect(Self.needs(Self.xterm.filter { $0.key != control }) == nil)
            #expect(Self.needs(Self.xterm.merging([control: "\u{1B}J"]) { $1 }) == nil)
        }
    }
}
