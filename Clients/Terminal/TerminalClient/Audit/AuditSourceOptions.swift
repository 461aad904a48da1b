import ArgumentParser
import DeviceKit
import Statements

/// What is audited: the relay's logs as they are now, or an export.
struct AuditSourceOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Read an export instead of asking the relay; needs no profile, but in \"audit evidence\", which signs.",
            valueName: "dir"),
        completion: .directory)
    var export: String?

    @OptionGroup var named: NamedOrganisation

    /// - Throws: ``DeviceKitError`` of category `usage` for what is no id.
    func organisation() throws -> OrganisationID? { try named.id() }
}

/// Whose logs somebody means to look at.
struct NamedOrganisation: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "The organisation's id, known from elsewhere; with --export, for a profile knows it.", valueName: "org"))
    var org: String?

    /// - Throws: ``DeviceKitError`` of category `usage` for what is no id.
    func id() throws -> OrganisationID? {
        guard let org else { return nil }
        return try OrganisationID(org, givenWith: "--org")
    }
}

extension CommandContext {
    /// That an export is of another organisation than the profile, where nobody named one: it is verified all the same, and whoever
    /// took one file for another must not take its verdict for the one on their own practice.
    func warnOfAnotherOrganisation(_ export: OrganisationID?, named: OrganisationID?) {
        guard named == nil, let export, let own = Profile.organisation(of: profileDirectory), own != export else {
            return
        }
        console.warn(Self.warning(of: export, where: own, of: profileDirectory))
    }

    static func warning(of export: OrganisationID, where own: OrganisationID, of profile: String) -> String {
        "this export is about \(export), and the profile \"\(SafeText.line(profile))\" is of another organisation, \(own)"
    }
}

extension DeviceSession {
    /// Whether this profile is of the organisation that somebody named, if they did: asked before anything is logged.
    /// - Throws: ``DeviceKitError`` of category `usage`.
    func check(isOf organisation: OrganisationID?) throws(DeviceKitError) {
        guard let organisation, organisation != identity.organisation else { return }
        throw DeviceKitError(
            "another_organisation", .usage, "this profile is of another organisation than --org names",
            next: "name that organisation's profile with --profile DIR")
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
