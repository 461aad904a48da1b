import ArgumentParser
import DeviceKit
import Statements

/// What is audited: the relay's logs as they are now, or an export.
struct AuditSourceOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("Read an export instead of asking the relay; needs no profile.", valueName: "dir"),
        completion: .directory)
    var from: String?

    @Option(
        help: ArgumentHelp(
            "The organisation's id, known from elsewhere; with --from, for a profile knows it.", valueName: "org"))
    var org: String?

    /// - Throws: ``DeviceKitError`` of category `usage` for what is no id.
    func organisation() throws -> OrganisationID? {
        guard let org else { return nil }
        guard let id = OrganisationID(org) else {
            throw DeviceKitError(
                "no_organisation_id", .usage, "what was given with --org is no organisation's id",
                next: "give \"org-\" and 32 characters, as an invitation or \"nightbell status\" shows them")
        }
        return id
    }
}
