import ArgumentParser
import DeviceKit
import Foundation

/// `nightbell doctor`.
struct DoctorCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything this device depends on, and say what to do about what is wrong.",
        discussion: """
            Looks at the profile and who may read it, the database and the step log, what waits here, keys, findings, the relay's \
            certificate, its clock and its word on the present, both logs, the agent, what stays connected, notifications, disk, \
            memory and swap. Changes nothing but what every command learns. Works without a relay, with a locked profile and with \
            a damaged one, and says as much as it can. The exit code is 0 when all is well or there are only warnings, 1 when \
            there is a problem, 65 when someone lied.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    func perform(_ context: CommandContext) async throws {
        let machine = Machine(environment: ProcessInfo.processInfo.environment)
        let report = DoctorReport(await DoctorVisit(context: context, machine: machine).checks())
        context.console.result(report.document, human: report.human(context.console.hinted))
        if report.exit != .done { throw FinishedWith(status: report.exit) }
    }
}
