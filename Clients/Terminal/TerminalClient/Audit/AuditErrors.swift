import Auditing
import DeviceKit

extension DeviceKitError {
    /// Why an audit could not go on, as what a person reads.
    init(_ error: AuditError) {
        let code = Code(rawValue: error.code.rawValue)
        switch error.code {
        case .updateNeeded:
            self.init(
                code, .configuration, "\(error.part) holds a statement that this version does not know",
                next: "update nightbell")
        case .noExport:
            self.init(code, .notFound, "there is no export in \(error.part)", next: "check the path")
        case .wouldOverwrite:
            self.init(
                code, .wouldOverwrite, "\(error.part) is there already",
                next: "name a directory that does not exist yet")
        case .notTheLog:
            self.init(
                code, .verification,
                "what the relay gave is not what its checkpoint covers (\(error.part)); nothing was written",
                next: "run \"nightbell audit verify\", and show its findings to your administrator")
        default:
            self.init(
                code, .failed, "\(error.part) cannot be written durably",
                next: "check free space and permissions of its folder")
        }
    }
}
