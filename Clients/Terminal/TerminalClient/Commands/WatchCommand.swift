import ArgumentParser
import DeviceKit
import Foundation
import Statements

/// `nightbell watch`.
struct WatchCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Stay connected: receive and receipt messages as they come, and ring.",
        discussion: """
            Begins with every message that nobody on this device has read or answered yet. Rings for each that nobody has \
            answered, at once and again by the organisation's policy, until somebody answers: the terminal's bell, a \
            notification of the desktop, and a program of your choice. Rings again for what was acknowledged and is not \
            closed, when the time of a promise or of the policy is over. Ends on SIGTERM or Ctrl-C, never on a finding.

            PROGRAM is run directly, with three arguments: ring, again, answered, or quiet (it rings no more, and nobody is \
            known to have answered it: its time is over, or it was handed on; ring follows when nobody takes it up in time); \
            the urgency; the message's id. While the profile is locked, or this device cannot take anything in (a full disk), it is \
            run with "locked" in place of the id, and quiet when nothing waits any more or when that is over. It gets nothing to read, is ended after 30 s, and is told no \
            word of a message.

            With --json, one object a line: {"event":"message",…}, "progressed" (read or answered elsewhere), "notice", \
            "unanswered" (a message of yours whose time is over: telephone), "promise_broken" (the time of a call that was \
            promised about a message of yours is over: telephone), "not_closed" (acknowledged long ago), "stale" (no signed word of the relay on the \
            present), "device_joined" (a further device of yours, or one that you invited), "connected", "drained", \
            "heartbeat" (the link is alive, every 10 s), "disconnected"; and while it is locked "locked", "ring", "ring_link", \
            "overdue" (messages of yours had no answer when it was locked and their time is over, or it is time for calls that \
            you promised), "unlocked".
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Option(
        help: ArgumentHelp("A program to run when something rings, and when that was answered.", valueName: "program"))
    var command: String?

    @Flag(help: "Show no notifications on the desktop.")
    var noNotifications = false

    @Flag(help: "Do not ring the terminal's bell.")
    var noBell = false

    var outlivesFindings: Bool { true }

    func perform(_ given: CommandContext) async throws {
        let context = given.staying
        let environment = ProcessInfo.processInfo.environment
        let program = try command.map { try RingProgram($0, environment: environment) }
        var means = Ringer.Means()
        means.notifies = !noNotifications
        means.program = program
        means.bell = noBell ? nil : TerminalBell.ring
        means.trouble = { [console = context.console] in console.warn($0) }
        if context.isWorker { means.tell = Lifeline.tell }
        // Once: a worker begins anew whenever somebody unlocks.
        if !context.isWorker, LinkState.read(context.profileDirectory) != nil { context.console.warn(WatchTalk.second) }
        try await Supervised.run(context, surface: .lines, ringer: LockedRinger(means)) { session in
            let watching = Watching(
                session: session, console: context.console, ringer: Ringer(means),
                report: WatchReport(ServiceManager(environment: environment)),
                isWorker: context.isWorker)
            let notice = StopNotice.hold { [console = context.console] in console.warn($0) }
            defer { notice?.cancel() }
            try await UntilSignal.run { try await watching.run() }
        }
    }
}
