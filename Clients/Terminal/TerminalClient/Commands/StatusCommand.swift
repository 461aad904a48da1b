import ArgumentParser
import DeviceKit
import Foundation
import Membership
import RelayAPI
import UnlockAgent

/// `nightbell status`.
struct StatusCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show on one screen who you are, what waits and what is wrong.",
        discussion: """
            First who you are, then what waits and what is wrong. What stands behind "compare" can be read to a colleague: two \
            devices that show different words at the same size have been shown two histories. A relay whose word is found \
            false makes the exit code 65, below the same screen. --heads writes the signed heads that this device kept, oldest \
            first, each note followed by an empty line.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Option(help: ArgumentHelp("Write the kept heads to a new file.", valueName: "file"), completion: .file())
    var heads: String?

    @Flag(help: "Show every notice, not only those for which there is room.")
    var notices = false

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            var isReachable = true
            var lie: DeviceKitError?
            do {
                try await session.refresh()
            } catch let error as DeviceKitError where error.category == .unreachable {
                context.console.warn(error.message)
                isReachable = false
            } catch let error as DeviceKitError where error.category == .verification {
                // The screen and the kept heads are what is needed most now; the exit code tells of the lie.
                lie = error
            } catch let refusal as RelayRefusal where refusal.problem.code == .revoked {
                let cause = session.learn(from: refusal.problem)
                // Of a revoked device nothing is left to show.
                guard try session.profile.revocation() == nil else { throw cause }
                context.console.warn(cause.message)
            }
            if isReachable, lie == nil {
                do {
                    try await session.refreshWitnesses()
                } catch let error as DeviceKitError where error.category == .verification {
                    lie = error
                } catch {
                    context.console.warn(
                        "what the witnesses say is not known: \(DeviceKitError(describing: error).message)")
                }
            }
            // A relay that answers nothing to it pushes nothing.
            let push = isReachable ? try? await session.pushStanding() : nil
            let written = try heads.map { (path: $0, count: try Self.export(session, to: $0)) }
            let status = try StatusReport(
                session, isReachable: isReachable, lie: lie?.message, push: push,
                agent: Self.agent(context.profileDirectory),
                showsEveryNotice: notices, hinted: { [console = context.console] in console.hinted($0) })
            let isShown = context.console.result(
                Self.document(status.document, written), human: status.human)
            if let (path, count) = written {
                context.console.say(
                    "\(SafeText.line(path)): \(count) signed heads, as this device kept them; an auditor, or an admin, holds them against "
                        + "the logs with \"audit verify --heads FILE\"")
            }
            // A person has read them now; a script has not.
            if isShown, !context.console.isJSON { try session.markSeen(session.unseenDevices().map(\.id)) }
            if let lie { throw lie }
        }
    }

    /// What the profile's agent says of itself; `nil` when none answers.
    static func agent(_ profile: String) -> AgentState? {
        AgentConnection(profile: profile, role: .command, isPerson: false)?.greeted
    }

    /// With what was written to a file.
    private static func document(_ status: JSONValue, _ written: (path: String, count: Int)?) -> JSONValue {
        guard let written, case .object(var object) = status else { return status }
        object.set(
            "heads_written", to: ["file": .string(written.path), "heads": .integer(written.count)])
        return .object(object)
    }

    /// - Returns: How many heads were written.
    private static func export(_ session: DeviceSession, to path: String) throws -> Int {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw DeviceKitError(
                "file_exists", .wouldOverwrite, "\"\(path)\" is there already", next: "name a new file")
        }
        let heads = try session.keptHeads()
        let bytes = heads.flatMap { $0 + [UInt8(ascii: "\n")] }
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else {
            throw DeviceKitError("file_unwritable", .failed, "\"\(path)\" cannot be written", next: "name another file")
        }
        return heads.count
    }
}
