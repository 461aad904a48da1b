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
            closed, when the time of a promise or of the policy is over. Rings as well for what you sent as soon as you must \
            telephone about it, and again, until "nightbell sent --overdue" does not list it any more. Ends on SIGTERM or Ctrl-C, never on a finding.

            PROGRAM is run directly, with three arguments: ring, again, answered, or quiet (it rings no more, and nobody is \
            known to have answered it: its time is over, or it was handed on; ring follows when nobody takes it up in time); \
            the urgency; the message's id. While the profile is locked, or this device cannot take anything in (a full disk), it is \
            run with "locked" in place of the id, and quiet when nothing waits any more or when that is over. It gets nothing to read, is ended after 30 s, and is told no \
            word of a message.

            With --web-push it also takes what a UnifiedPush distributor or another bridge receives for this device ("nightbell \
            push add"), from standard input (-) or from whoever connects to a Unix socket, which it makes with mode 0600 in a \
            folder that only you may enter. A body of Web Push is one line: its bytes in base64 (RFC 4648, with padding), behind \
            the subscription's id and a blank where that is known: "sub-… BASE64" and a line feed. A line has at most 5,495 bytes and \
            must end 10 s after it began; what is no such line is named on standard error and, at the socket, cut off. A page that opens rings at once and is \
            shown as NOT VERIFIED (page) until its message is fetched; anything else is a reason to connect. While the profile is \
            locked any body rings, every 10 s at most, without a word of what it is.

            With --json, one object a line: {"event":"message",…}, "progressed" (read or answered elsewhere), "notice", \
            "unanswered" (a message of yours whose time is over: telephone), "promise_broken" (the time of a call that was \
            promised about a message of yours is over: telephone), "not_closed" (acknowledged long ago), "stale" (no signed word of the relay on the \
            present), "device_joined" (a further device of yours, or one that you invited), \
            "witnesses_missing" (for 24 hours too few have cosigned the logs; once) and "witnesses_again", "connected", "drained", \
            "page" (a page opened, and nothing of it is confirmed), "page_unconfirmed" (the relay has no such message), "push_proven" \
            (a test page was said back), "heartbeat" (the link is alive, every 10 s), "disconnected"; and while it is locked "locked", "page" (without a message), "ring", "ring_link", \
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

    @Option(
        help: ArgumentHelp(
            "Take bodies of Web Push from standard input (-) or at a new Unix socket.", valueName: "socket"),
        completion: .file())
    var webPush: String?

    var outlivesFindings: Bool { true }

    func perform(_ given: CommandContext) async throws {
        let context = given.staying
        // What was said last is seen, as far as somebody takes it.
        defer { OutputPump.process.drain(atMost: 2) }
        let environment = ProcessInfo.processInfo.environment
        let program = try command.map { try RingProgram($0, environment: environment) }
        var means = Ringer.Means()
        means.notifies = !noNotifications
        means.program = program
        means.bell = noBell ? nil : TerminalBell.ring
        means.trouble = { [console = context.console] in console.warn($0) }
        if context.isWorker { means.tell = Lifeline.tell }
        let pages = try webPush.map { try PageSource($0, isWorker: context.isWorker) }
        defer { pages?.close() }
        // Once: a worker begins anew whenever somebody unlocks.
        if !context.isWorker, LinkState.read(context.profileDirectory) != nil { context.console.warn(WatchTalk.second) }
        try await Supervised.run(context, surface: .lines, ringer: LockedRinger(means), pages: pages) { session in
            let watching = Watching(
                session: session, console: context.console, ringer: Ringer(means),
                report: WatchReport(ServiceManager(environment: environment)),
                isWorker: context.isWorker, pages: pages)
            // At once: what another thread is to write comes when this process runs again.
            let notice = StopNotice.hold { [console = given.console] in console.warn($0) }
            defer { notice?.cancel() }
            try await UntilSignal.run { try await watching.run() }
            // Whoever ends it at a terminal goes away from there.
            guard !context.console.isJSON, TerminalBell.hasTerminal else { return }
            if let words = try? WatchFarewell.words(session) {
                context.console.warn(words)
            }
        }
    }
}
