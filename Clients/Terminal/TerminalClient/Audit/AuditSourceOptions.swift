import ArgumentParser
import DeviceKit
import Statements

/// What is audited: the relay's logs as they are now, or an export.
struct AuditSourceOptions: ParsableArguments, Sendable {
    /// One name in every command; `--from` is what it was called first, and in `audit report` that is a day.
    @Option(
        name: [.customLong("export"), .customLong("from")],
        help: ArgumentHelp(
            "Read an export instead of asking the relay; needs no profile. \"--from\" is the same here; in \"audit report\" it "
                + "is a day.", valueName: "dir"),
        completion: .directory)
    var export: String?

    @Option(
        help: ArgumentHelp(
            "The organisation's id, known from elsewhere; with --export, for a profile knows it.", valueName: "org"))
    var org: String?

    /// - Throws: ``DeviceKitError`` of category `usage` for what is no id.
    func organisation() throws -> OrganisationID? {
        guard let org else { return nil }
        return try OrganisationID(org, givenWith: "--org")
    }
}

extension OrganisationID {
    /// - Throws: ``DeviceKitError`` of category `usage` for what is no id.
    init(_ text: String, givenWith option: String) throws(DeviceKitError) {
        guard let id = OrganisationID(text) else {
            throw DeviceKitError(
                "no_organisation_id", .usage, "what was given with \(option) is no organisation's id",
                next: "give \"org-\" and 32 characters, as an invitation or \"nightbell status\" shows them")
        }
        self = id
    }
}
