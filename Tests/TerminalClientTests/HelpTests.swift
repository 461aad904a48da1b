import ArgumentParser
import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// What is said to somebody who mistyped, or asks.
@Suite struct HelpTests {
    private let check = CommandLineCheck(tree: .nightbell)

    @Test(arguments: [
        (["inbx"], "did you mean \"nightbell inbox\"?"),
        (["--profile", "p", "inbx"], "did you mean \"nightbell inbox\"?"),
        (["admin", "rvoke"], "did you mean \"nightbell admin revoke\"?"),
        (["ADMIN", "invite"], "did you mean \"nightbell admin\"?"),
        (["send", "--urgnecy", "urgent"], "did you mean --urgency? see \"nightbell send --help\""),
        (["--profiel", "p", "inbox"], "did you mean --profile? see \"nightbell --help\""),
        (["verify"], "did you mean \"nightbell audit verify\"?"),
        (["devices"], "did you mean \"nightbell admin devices\"?"),
        (
            ["audit", "messages", "--from", "Night Desk"],
            "did you mean --from-member? see \"nightbell audit messages --help\""
        ),
    ])
    func saysWhatWasMeant(_ arguments: [String], _ next: String) {
        let mistake = check.mistake(in: arguments)
        #expect(mistake?.next == next)
        #expect(mistake?.category == .usage)
    }

    /// As `admin invite` has it; the nearest other option would take all roles away.
    @Test(arguments: [
        ["--role", "auditor"], ["intake", "--role=provider"], ["--role", "intake", "--role", "provider"],
    ])
    func aRoleMayBeAnOption(_ words: [String]) throws {
        let command = try NightbellCommand.parseAsRoot(["admin", "roles", "Ada"] + words)
        let roles = try #require(command as? AdminRolesCommand)
        #expect(
            roles.role + roles.further
                == words.compactMap { Role(rawValue: $0.replacing("--role=", with: ""))?.rawValue })
        #expect(!roles.none)
    }

    @Test(arguments: [
        [], ["inbox"], ["--json", "inbox", "-v"], ["send", "--to", "--urgent"], ["send", "--text", "--", "--odd"],
        ["--help"],
        ["admin", "--help"], ["admin"], ["admin", "audit-key", "--json"], ["read", "inbx"],
        ["send", "--urgency=urgent", "--text=x"], ["send", "--attach", "a", "--attach", "b"],
        ["read", "x", "-v", "-v"],
        ["send", "--text", "--to", "--to", "x"],
    ])
    func leavesWhatIsRightToTheParser(_ arguments: [String]) {
        #expect(check.mistake(in: arguments) == nil)
    }

    /// Whoever wrote to two people would believe that both have it.
    @Test(arguments: [
        ["send", "--to", "a", "--to", "b"], ["send", "--to=a", "--urgency", "urgent", "--to", "b"],
        ["ack", "x", "--by", "1", "--by", "90"], ["--profile", "a", "inbox", "--profile", "b"],
    ])
    func whatIsTakenOnceIsNotGivenTwice(_ arguments: [String]) {
        let mistake = check.mistake(in: arguments)
        #expect(mistake?.code == "option_twice" && mistake?.category == .usage)
        #expect(mistake?.message.contains("stands twice") == true)
    }

    @Test func whatIsNothingLikeAWordGetsTheList() throws {
        let mistake = try #require(check.mistake(in: ["frobnicate"]))
        #expect(mistake.message == "\"nightbell\" has no command \"frobnicate\"")
        #expect(mistake.next.hasPrefix("choose one of ") && mistake.next.contains("inbox"))
    }

    @Test func aGroupWithoutACommandIsIncomplete() throws {
        let mistake = try #require(check.mistake(in: ["--json", "admin"]))
        #expect(mistake.message == "\"nightbell admin\" needs a command behind it")
    }

    @Test(arguments: [
        ("Missing expected argument '--to <member>'", "\"nightbell send\" needs --to MEMBER"),
        ("Missing value for '--profile <dir>'", "--profile DIR stands without its value"),
        ("Unexpected argument 'b'", "\"b\" is one word too many for \"nightbell send\""),
        ("Unknown option '-x'", "\"nightbell send\" has no option -x"),
        ("The value 'x' is invalid for '--hours <hours>'", "--hours HOURS cannot be \"x\""),
        ("Something new", "something new"), ("", "the command is incomplete"),
    ])
    func complaintsAreInOurVoice(_ complaint: String, _ message: String) {
        let error = UsageWords.error(complaint, line: "nightbell send")
        #expect(error.message == message)
        #expect(error.next.contains("see \"nightbell send --help\""))
    }

    @Test func whatCouldHaveStoodThereIsListed() {
        let few = "The value 'pdf' is invalid for '--format <format>'. Please provide one of 'html', 'csv' or 'text'."
        #expect(
            UsageWords.error(few, line: "nightbell audit report").next
                == "choose one of html, csv, text; see \"nightbell audit report --help\"")
        let many = "The value 'x' is invalid for '--role <role>'. Please provide one of the following:\n  - a\n  - b"
        #expect(UsageWords.error(many, line: "nightbell x").next.hasPrefix("choose one of a, b; "))
        #expect(ReportFormat(argument: "HTML") == .html && ReportFormat(argument: "pdf") == nil)
    }

    @Test func whoNamesAPersonToAListIsToldHow() {
        let error = UsageWords.error("Unexpected argument 'Dr. Noor'", line: "nightbell audit messages")
        #expect(error.next.hasPrefix("name whom they went to with --to MEMBER"))
    }

    @Test func anIdInAFilesPlaceIsSeen() {
        let error = #expect(throws: DeviceKitError.self) {
            try AuditEvidenceCommand.checkOrder("a.tar", "msg-agrcb5nt")
        }
        #expect(error?.next == "name the message first: nightbell audit evidence msg-agrcb5nt a.tar")
        #expect(throws: Never.self) { try AuditEvidenceCommand.checkOrder("msg-agrcb5nt", "a.tar") }
        #expect(throws: Never.self) { try AuditEvidenceCommand.checkOrder("msg-agrcb5nt", "msg-agrcb5nt.tar") }
    }

    @Test func theFourUrgenciesAreNamed() {
        let complaint = "Missing expected argument '--urgency <urgency>'"
        let error = UsageWords.error(complaint, line: "nightbell send")
        #expect(error.next == "choose one of emergent, urgent, same_day, routine; see \"nightbell send --help\"")
    }

    @Test(arguments: HelpTopic.allCases)
    func topicsAreAnswered(_ topic: HelpTopic) async {
        #expect(await NightbellCommand.run(["help", topic.rawValue], environment: [:]) == .done)
        #expect(topic.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test func exitCodesAreAllExplained() {
        for status in ExitStatus.allCases { #expect(HelpTopic.exitCodes.text.contains("\(status.rawValue)")) }
    }

    @Test(arguments: [["help", "inbx"], ["help", "admin", "rvoke"], ["--json", "help", "exit"]])
    func helpOnWhatIsNotThereIsAMistake(_ arguments: [String]) async {
        #expect(await NightbellCommand.run(arguments, environment: [:]) == .usage)
    }
}
