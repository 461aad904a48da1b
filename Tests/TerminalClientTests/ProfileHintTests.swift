import Testing

@testable import TerminalClient

/// Whoever follows a hint stays with the profile of the command that gave it.
@Suite struct ProfileHintTests {
    private let hint = ProfileHint(folder: "/srv/desk")

    @Test(arguments: [
        ("see who has it: nightbell sent msg-a", "see who has it: nightbell --profile /srv/desk sent msg-a"),
        (
            "\"nightbell watch\" or \"nightbell inbox\" sends",
            "\"nightbell --profile /srv/desk watch\" or \"nightbell --profile /srv/desk inbox\" sends"
        ),
        ("nightbell admin invite --role x", "nightbell --profile /srv/desk admin invite --role x"),
        ("(another time: nightbell ack MSG)", "(another time: nightbell --profile /srv/desk ack MSG)"),
        ("\"nightbell audit verify\" says", "\"nightbell --profile /srv/desk audit verify\" says"),
        ("next:\n  nightbell hand-off", "next:\n  nightbell --profile /srv/desk hand-off"),
    ])
    func everyCommandNamesIt(_ sentence: String, _ whole: String) {
        #expect(hint.applied(to: sentence) == whole)
        #expect(ProfileHint.none.applied(to: sentence) == sentence)
    }

    @Test(arguments: [
        "another nightbell works on this profile", "update nightbell", "see \"nightbell help\"",
        "nightbell-relay check", "end the process \"nightbell agent --profile '/srv/desk'\"",
        "\"nightbell unlock --profile /srv/desk\" opens it", "mynightbell sent", "nightbell sentinel",
        "\"nightbell audit witness init\" there", "nightbell audit check FILE",
        "\"nightbell audit verify --export DIR\" says",
    ])
    func whatIsNoCommandOrHasAProfileStays(_ sentence: String) {
        #expect(hint.applied(to: sentence) == sentence)
    }

    @Test func aShellTakesTheFolderForOneWord() {
        #expect(ProfileHint(folder: "/srv/a b").option == " --profile '/srv/a b'")
        #expect(ProfileHint(folder: "/srv/it's $1").option == " --profile '/srv/it'\\''s $1'")
    }
}
