import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell admin audit-key …`.
struct AdminAuditKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit-key", abstract: "Show the audit keys that auditors offer, or accept one.",
        subcommands: [AuditKeyShowCommand.self, AuditKeyAcceptCommand.self], defaultSubcommand: AuditKeyShowCommand.self
    )
}

/// `nightbell admin audit-key show`.
struct AuditKeyShowCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the audit key in force, and what auditors offer.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            let offers = try await session.auditKeyProposals()
            let current = session.view.auditKey?.id
            let pending = session.view.pendingAuditKey
            context.console.result(
                [
                    "audit_key": .text(orNull: current),
                    "pending": pending.map {
                        ["key": .text(orNull: $0.key), "effective": .text($0.effective)]
                    } ?? .null,
                    "offers": .array(
                        offers.map {
                            [
                                "device": .text($0.device), "member": .text($0.member), "key": .text($0.key.id),
                                "at": .text($0.at),
                            ]
                        }),
                ],
                human: "audit key in force: \(current?.description ?? "none")\n"
                    + (pending.map { "from \(LocalTime.full($0.effective)) on: \($0.key?.description ?? "none")\n" }
                        ?? "")
                    + Table.text(
                        ["OFFERED BY", "MEMBER", "KEY", "AT"],
                        offers.map {
                            [
                                $0.device.description,
                                session.view.displayName(of: $0.member),
                                $0.key.id.description, LocalTime.short($0.at),
                            ]
                        }))
        }
    }
}

/// `nightbell admin audit-key accept [DEVICE]`.
struct AuditKeyAcceptCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Set the audit key that an auditor's device offers.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The auditor's device, or the beginning of its id; not needed when there is one offer.")
    var device: String?

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            let offers = try await session.auditKeyProposals().filter { offer in
                device.map { offer.device.description.hasPrefix($0) } ?? true
            }
            guard let offer = offers.first, offers.count == 1 else {
                throw DeviceKitError(
                    offers.isEmpty ? "no_offer" : "ambiguous_offer", .notFound,
                    offers.isEmpty ? "no auditor's device offers such a key" : "several auditors' devices offer a key",
                    next: offers.isEmpty
                        ? "let the auditor join first: that makes and offers the key"
                        : "name the device: nightbell admin audit-key accept DEVICE")
            }
            let effective = try await session.accept(offer)
            context.console.result(
                [
                    "audit_key": .text(offer.key.id), "device": .text(offer.device), "member": .text(offer.member),
                    "effective": .text(orNull: effective),
                ],
                human: "audit key \(offer.key.id) of \(offer.device) "
                    + (effective.map {
                        "takes effect on \(LocalTime.full($0)); until then the one before it is in force"
                    }
                        ?? "is in force"))
        }
    }
}
