import ArgumentParser
import DeviceKit
import Foundation
import Membership
import RelayAPI
import Statements
import TransparencyLog

/// `nightbell status`.
struct StatusCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show this device, its relay, both logs and every finding on one screen.",
        discussion: """
            The short forms of the checkpoints can be read to a colleague: two devices that show different ones at the same \
            size have been shown two histories. A relay whose word is found false makes the exit code 65, below the same \
            screen. --heads writes the signed heads that this device kept, oldest first, each \
            note followed by an empty line.
            """)

    @OptionGroup var options: GlobalOptions

    @Option(help: ArgumentHelp("Write the kept heads to a new file.", valueName: "file"))
    var heads: String?

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
            if let heads { try Self.export(session, to: heads) }
            let status = try StatusReport(session, isReachable: isReachable)
            context.console.result(status.document, human: status.human)
            // A person has read them now; a script has not.
            if !context.console.isJSON { try session.markSeen(session.unseenDevices()) }
            if let lie { throw lie }
        }
    }

    private static func export(_ session: DeviceSession, to path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw DeviceKitError(
                "file_exists", .wouldOverwrite, "\"\(path)\" is there already", next: "name a new file")
        }
        let bytes = try session.keptHeads().flatMap { $0 + [UInt8(ascii: "\n")] }
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else {
            throw DeviceKitError("file_unwritable", .failed, "\"\(path)\" cannot be written", next: "name another file")
        }
    }
}

/// One screen.
struct StatusReport {
    let document: JSONValue
    let human: String

    init(_ session: DeviceSession, isReachable: Bool) throws {
        let view = session.view
        let member = view.member(session.identity.member)
        let checkpoints = LogKind.allCases.compactMap { log in session.checkpoints[log].map { (log, $0) } }
        let findings = try session.findings()
        let waiting = try session.waitingHere()
        let isRevoked = (try? session.checkNotRevoked()) == nil
        let state = isRevoked ? "revoked" : view.liveDevice(session.identity.device) == nil ? "suspended" : "active"
        let difference = session.connection.clock.difference
        let notices = Self.notices(view, session) + (try session.unseenDevices().map { session.announcement(of: $0) })
        var object = JSONObject()
        object.set("organisation", to: .text(session.identity.organisation))
        object.set("name", to: .text(session.roster.genesis.name))
        object.set("member", to: .text(session.identity.member))
        object.set("member_name", to: .text(orNull: member?.name))
        object.set("roles", to: .array((member?.roles.sorted() ?? []).map { .string($0.rawValue) }))
        object.set("device", to: .text(session.identity.device))
        object.set("device_status", to: .string(state))
        object.set("relay", to: .string(session.identity.relay))
        object.set("reachable", to: .bool(isReachable))
        for (log, signed) in checkpoints {
            object.set(
                log.rawValue,
                to: [
                    "size": .integer(signed.size), "root": .text(signed.root), "short": .string(signed.shortForm),
                ])
        }
        object.set("queue_waiting", to: session.present?.head.device.map { .integer($0.waiting) } ?? .null)
        object.set("one_time_prekeys", to: session.present?.head.device.map { .integer($0.oneTimeLeft) } ?? .null)
        object.set("receipts_unposted", to: .integer(waiting.receipts))
        object.set("messages_unsent", to: .integer(waiting.messages))
        object.set("messages_refused", to: .integer(waiting.refused))
        object.set("clock_difference_milliseconds", to: .integer(difference))
        object.set("notices", to: .array(notices.map { .string($0) }))
        object.set(
            "findings",
            to: .array(
                findings.map {
                    [
                        "at": .text($0.found), "code": .string($0.finding.code.rawValue),
                        "message": .string($0.finding.sentence), "evidence": .string($0.finding.evidence),
                    ]
                }))
        document = .object(object)

        var lines = [
            "organisation  \(SafeText.line(session.roster.genesis.name.description))  \(session.identity.organisation)",
            "member        \(SafeText.line(member?.name.description ?? ""))  \(session.identity.member)"
                + "  \((member?.roles.sorted() ?? []).map(\.rawValue).joined(separator: " "))",
            "device        \(session.identity.device)  \(state)",
            "relay         \(session.identity.relay)  \(isReachable ? "reachable" : "UNREACHABLE")",
        ]
        for (log, signed) in checkpoints { lines.append("\(log.rawValue.padded(to: 14))\(signed.shortForm)") }
        if let device = session.present?.head.device {
            lines.append("queue         \(device.waiting) waiting; \(device.oneTimeLeft) one-time prekeys left")
        }
        if waiting.receipts + waiting.messages > 0 {
            lines.append("outbox        \(waiting.receipts) receipts and \(waiting.messages) messages wait here")
        }
        if waiting.refused > 0 {
            lines.append("NOT SENT      \(waiting.refused) messages were refused; see \"nightbell sent\"")
        }
        if difference != 0 { lines.append("clock         the relay's is \(difference) ms ahead of this machine's") }
        lines += notices.map { "notice        \(SafeText.line($0))" }
        lines += findings.map {
            "FINDING       \($0.found)  \(SafeText.line($0.finding.sentence))  \($0.finding.evidence)"
        }
        human = lines.joined(separator: "\n")
    }

    /// What everyone should know; none of it blocks anything.
    private static func notices(_ view: RosterView, _ session: DeviceSession) -> [String] {
        var notices: [String] = []
        if view.auditKey == nil { notices.append("no audit key is set: messages carry no capsule for an auditor") }
        if view.recoveryKey != nil { notices.append("messages are also sealed to the organisation's recovery key") }
        if let pending = view.pendingRecoveryKey {
            notices.append("a new recovery key takes effect at \(pending.effective)")
        }
        if let pending = view.pendingAuditKey { notices.append("a new audit key takes effect at \(pending.effective)") }
        if view.isAdmin(session.identity.device), view.quorum < 2 || view.liveAdminMembers.count <= view.quorum {
            notices.append("with one admin too few, a stolen admin device can be revoked only with the recovery key")
        }
        return notices
    }
}
