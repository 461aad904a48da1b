import Auditing
import DeviceKit
import WitnessService

extension DeviceKitError {
    /// Why an audit could not go on, as what a person reads.
    init(_ error: AuditError) {
        let code = Code(rawValue: error.code.rawValue)
        switch error.code {
        case .noExport:
            self.init(
                code, .notFound, "there is no export in \(error.part)",
                next: "name the folder that \"nightbell audit export\" made: it holds the folders roster and activity")
        case .wouldOverwrite:
            self.init(
                code, .wouldOverwrite, "\(error.part) is there already",
                next: "name what does not exist yet")
        case .tooMuch:
            self.init(
                code, .failed, "there is more in the logs about \(error.part) than a file of evidence holds",
                next: "export the logs whole, with \"nightbell audit export DIR\"")
        case .notTheLog:
            self.init(
                code, .verification,
                "what the relay gave is not what its checkpoint covers (\(error.part)); nothing was written",
                next: "run \"nightbell audit verify\", and show its findings to your administrator")
        case .noCapsule:
            self.init(
                code, .failed, "the message's capsule cannot go into the file: \(error.part)",
                next: "leave --with-capsule out: everything else is proven without it")
        case .storeBusy:
            self.init(
                code, .tryAgain, "another audit over this profile is at work",
                next: "repeat the command when it has ended")
        case .storeDamaged:
            self.init(
                code, .failed, "what earlier audits kept cannot be read (\(error.part))",
                next: "run \"nightbell audit verify --anew\", which ignores and replaces it")
        case .storeUnusable:
            self.init(
                code, .failed, "what the audit has to keep cannot be written, or is open to others (\(error.part))",
                next: "check free space and permissions there; TMPDIR says where an export's is")
        case .storeNotAFile:
            self.init(
                code, .configuration, "\"\(error.part)\" is not a plain file, and audits keep there what they found",
                next: "move it away and repeat the command: the file is written anew")
        case .noWitness:
            self.init(
                code, .notFound, "there is no witness in \(error.part)",
                next:
                    "name the folder that holds witness.key and state; or make one with \"nightbell audit witness init\", or check the path"
            )
        case .witnessInUse:
            self.init(
                code, .tryAgain, "the witness in \(error.part) is at work",
                next: "stop it first, then repeat the command")
        case .witnessStateLost:
            self.init(
                code, .configuration, "what this witness has cosigned is gone: there is no \(error.part)",
                next: "never let it sign again: make a new witness with another name, and have admins replace this one")
        case .witnessStateDamaged:
            self.init(
                code, .configuration, "\(error.part) is not what the witness wrote",
                next: "never let it sign again, unless the file that it wrote last can be put back")
        case .witnessKeyUnfit:
            self.init(
                code, .refused, error.part, next: "put back the key file that was made with the state, with mode 0600")
        case .witnessFull:
            self.init(code, .usage, "this witness holds \(error.part)", next: "make another witness for more logs")
        case .logUnfit:
            self.init(
                code, .refused, error.part,
                next: "leave the log out, and tell whoever keeps it; the witness is as it was")
        default:
            self.init(
                code, .failed, "\(error.part) cannot be written durably",
                next: "check free space and permissions of its folder")
        }
    }
}

extension DeviceKitError {
    /// The same, with what was not done because of it: that a lie was met says nothing of the command that met it.
    /// - Parameter isTold: Whether people were told the cause already, as a finding: they read it once.
    func leaving(undone: String, instead: String?, isTold: Bool) -> DeviceKitError {
        DeviceKitError(
            code, category, isTold ? "\(undone): what the relay shows is not believed" : "\(undone): \(message)",
            next: [next, instead].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "; "))
    }
}

extension DeviceKitError {
    /// The same, for a question that an export answers as well as a relay that is not reached.
    var orOfExport: DeviceKitError {
        guard category == .unreachable else { return self }
        return DeviceKitError(
            code, category, message,
            next: "\(next); or ask an export that was made before, which needs no relay: --export DIR")
    }
}

extension DeviceKitError {
    /// Why a witness does not serve, as what a person reads.
    init(_ error: WitnessError) {
        let code = Code(rawValue: error.code.rawValue)
        switch error.code {
        case .plaintextRefused:
            self.init(
                code, .usage, "\(error.part) can be reached by others, and nothing is served to them in clear",
                next: "name --tls-certificate and --tls-key, or listen on 127.0.0.1 behind a proxy that has them")
        case .keyTooOpen:
            self.init(
                code, .refused, "others than its owner can use the private key \(error.part)",
                next: "chmod 600 \(error.part)")
        case .addressUnusable:
            self.init(
                code, .configuration, "cannot listen on \(error.part)",
                next: "stop what listens there, or choose another address")
        default:
            self.init(code, .configuration, error.part, next: "name a certificate and its key, both in PEM")
        }
    }
}
