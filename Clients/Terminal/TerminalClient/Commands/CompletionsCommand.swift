import ArgumentParser
import DeviceKit

/// `nightbell completions SHELL`.
struct CompletionsCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Print the script that completes commands in bash, zsh or fish.",
        discussion: """
            The script asks the program itself what may stand at the cursor. For good:

              \(Shell.bash.installation)
              \(Shell.zsh.installation)
              \(Shell.fish.installation)

            For this bash alone: source <(nightbell completions bash)
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "bash, zsh or fish.", completion: .list(Shell.allCases.map(\.rawValue)))
    var shell: Shell

    func perform(_ context: CommandContext) async throws {
        if context.console.isJSON {
            context.console.result(["shell": .string(shell.rawValue), "script": .string(shell.script)], human: "")
        } else {
            context.console.output(shell.script)
        }
    }
}
