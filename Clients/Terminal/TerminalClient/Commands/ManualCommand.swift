import ArgumentParser
import DeviceKit
import Foundation

/// `nightbell manual DIR`.
struct ManualCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Write the manual's pages, one a command, for man(1).",
        discussion: """
            The pages are made from the commands of this very program. A page that is there is written anew; "man DIR/PAGE" \
            shows one, and so does "man nightbell" when DIR is a man1 folder of your MANPATH.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The folder for the pages; made when it is missing.", completion: .directory)
    var directory: String

    func perform(_ context: CommandContext) async throws {
        let pages = ManualPage.all()
        do {
            if !FileManager.default.fileExists(atPath: directory) {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
            }
            for page in pages {
                let path = directory + "/" + page.fileName
                try Data(page.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
                // Manuals are for everyone, whatever this program keeps for itself.
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            }
        } catch {
            throw DeviceKitError(
                "manual_unwritable", .failed, "the pages cannot be written to \"\(directory)\"",
                next: "name a folder that you may write to")
        }
        context.console.result(
            ["directory": .string(directory), "pages": .array(pages.map { .string($0.fileName) })],
            human: "\(pages.count) pages in \(SafeText.line(directory)); read one with: man "
                + SafeText.line(directory) + "/nightbell.1")
    }
}
