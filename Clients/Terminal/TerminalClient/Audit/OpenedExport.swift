import Auditing
import DeviceKit
import Statements

/// What a command tells of an export whose entries are not those that were signed: the one place where that is decided.
enum DamageTelling {
    /// Nothing: of what could not be read nobody can say that it is not there, and of what was changed nobody knows what it was.
    case nothing
    /// What can be read, by a command that says before everything else that none of it is proven; nothing where entries are missing.
    case whatIsThere
    /// All of it, by the command that looks for damage.
    case damage

    /// - Throws: ``DeviceKitError`` where nothing is told.
    func check(_ verdict: AuditVerdict) throws(DeviceKitError) {
        let isTold =
            switch self {
            case .nothing: verdict.isWhole
            case .whatIsThere: verdict.hasAllEntries
            case .damage: true
            }
        guard isTold else { throw ExportDirectory.unverified("nothing is told from it") }
    }
}

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
    static func opened(
        _ path: String, of wanted: OrganisationID?, whose: Wanted = .named
    ) async throws -> ExportDirectory {
        let export: ExportDirectory
        do throws(AuditError) { export = try ExportDirectory(path) } catch { throw DeviceKitError(error) }
        if let wanted, let found = try await export.organisation(), found != wanted {
            throw DeviceKitError(
                "another_organisation", .usage,
                "the export in \"\(path)\" is about \(found), not about \(wanted), which \(whose.words)",
                next: whose.next)
        }
        return export
    }

    /// From where it is known which organisation an export has to be about.
    enum Wanted {
        case named, ofProfile

        fileprivate var words: String {
            switch self {
            case .named: "--org names"
            case .ofProfile: "this profile is of"
            }
        }

        fileprivate var next: String {
            switch self {
            case .named:
                "compare the id with where you know it from, letter by letter; if it is right, ask for the export of that "
                    + "organisation"
            case .ofProfile:
                "name an export that this profile wrote, or that organisation's profile with --profile DIR"
            }
        }
    }
}
