import Auditing
import DeviceKit
import Statements

extension ExportDirectory {
    /// That an export's entries are not those that were signed, for a command that would tell them as if they were.
    /// - Parameter consequence: What is not done.
    static func unverified(_ consequence: String) -> DeviceKitError {
        DeviceKitError(
            "export_unverified", .verification, "the export is not what was signed, and \(consequence)",
            next: "run \"nightbell audit verify --export DIR\", which says what is wrong; then export again")
    }

    /// An export that somebody named, of the organisation that they named, if they did.
    /// - Throws: ``DeviceKitError``; of category `usage` when the export is of another organisation. A mistyped id is no lie of
    ///   anybody.
    static func opened(_ path: String, of wanted: OrganisationID?) async throws -> ExportDirectory {
        let export: ExportDirectory
        do throws(AuditError) { export = try ExportDirectory(path) } catch { throw DeviceKitError(error) }
        if let wanted, let found = try await export.organisation(), found != wanted {
            throw DeviceKitError(
                "another_organisation", .usage,
                "the export in \"\(path)\" is about \(found), not about \(wanted), which --org names",
                next: "compare the id with where you know it from, letter by letter; if it is right, ask for the "
                    + "export of that organisation")
        }
        return export
    }
}
