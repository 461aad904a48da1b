import Auditing
import DeviceKit
import Statements

extension ExportDirectory {
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
