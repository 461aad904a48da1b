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
                                "state": .string(Self.state($0.key.id, current: current, pending: pending)),
                            ]
                        }),
                ],
                human: Self.words(
                    offers.map {
                        ($0.key.id, $0.device, session.view.displayName(of: $0.member), $0.at)
                    }, current: current, pending: pending))
        }
    }

    private static func state(_ key: PrekeyID, current: PrekeyID?, pending: PendingKeyChange?) -> String {
        if key == current { return "in_force" }
        return key == pending?.key ? "pending" : "offered"
    }

    /// What is accepted is no offer any more: it stands above, with whose it is.
    static func words(
        _ offers: [(key: PrekeyID, device: DeviceID, member: String, at: Timestamp)], current: PrekeyID?,
        pending: PendingKeyChange?
    ) -> String {
        func line(_ key: PrekeyID?) -> String {
            guard let key else { return "none" }
            let maker = offers.first { $0.key == key }.map { ", made by \(SafeText.line($0.member)) on \($0.device)" }
            return "\(key)\(maker ?? "")"
        }
        let open = offers.filter { $0.key != current && $0.key != pending?.key }
        return "audit key in force: \(line(current))\n"
            + (pending.map { "from \(LocalTime.full($0.effective)) on: \(line($0.key))\n" } ?? "")
            + (open.isEmpty
                ? "no \(offers.isEmpty ? "" : "other ")key is offered"
                : Table.text(
                    ["OFFERED BY", "MEMBER", "KEY", "AT"],
                    open.map { [$0.device.description, $0.member, $0.key.description, LocalTime.short($0.at)] }))
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
            try await session.refresh()
            try session.checkAdmin()
            let beginning = device.map { DeviceID.beginning($0) }
            let offers = try await session.auditKeyProposals().filter { offer in
                beginning.map { offer.device.description.hasPrefix($0) } ?? true
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
