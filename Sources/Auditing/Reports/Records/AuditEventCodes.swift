import Statements

/// What an entry of a log is in the words of FHIR R4: codes of its value sets, and of ours where it has none.
struct AuditEventCodes {
    /// A code of a code system, with how it is shown.
    struct Coding {
        let system: String
        let code: String
        let display: String

        var document: ReportJSON {
            ["system": .string(system), "code": .string(code), "display": .string(display)]
        }

        /// ISO 21089: what happens to a record in its life.
        static func life(_ code: String) -> Coding {
            Coding(
                system: "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", code: code,
                display: "\(code.prefix(1).uppercased())\(code.dropFirst()) Record Lifecycle Event")
        }

        static func dicom(_ code: String, _ display: String) -> Coding {
            Coding(system: "http://dicom.nema.org/resources/ontology/DCM", code: code, display: display)
        }

        /// The word of our statements.
        static func own(_ word: String) -> Coding {
            Coding(system: FHIRNames.events, code: word, display: word.spaced)
        }
    }

    /// R4's `AuditEvent.action`.
    enum Action: String { case create = "C", read = "R", update = "U", delete = "D", execute = "E" }

    /// R4's `AuditEvent.outcome`.
    enum Outcome: String { case success = "0", minorFailure = "4", seriousFailure = "8", majorFailure = "12" }

    let type: Coding
    let subtypes: [Coding]
    let action: Action
    let outcome: Outcome
    /// Why it is no success.
    let outcomeWords: String?

    private init(
        _ type: Coding, _ subtypes: [Coding], _ action: Action, _ outcome: Outcome = .success, _ words: String? = nil
    ) {
        self.type = type
        self.subtypes = subtypes
        self.action = action
        self.outcome = outcome
        outcomeWords = words
    }

    static let manifest = AuditEventCodes(.life("transmit"), [.own("manifest")], .create)

    /// A receipt's or event's.
    init(_ fact: AuditedMessage.Fact) {
        let word = [Coding.own(fact.word)]
        let failed = "\(fact.word)\(fact.reason.map { ": \($0)" } ?? "")".spaced
        switch ReceiptAction(rawValue: fact.word) {
        case .delivered: self.init(.life("receive"), word, .create)
        case .read: self.init(.life("access"), word, .read)
        case .acknowledged, .closed: self.init(.life("attest"), word, .update)
        case .declined: self.init(.life("attest"), word, .update, .minorFailure, failed)
        case .handedOff, .disclosed: self.init(.life("disclose"), word, .read)
        case .filed: self.init(.life("archive"), word, .create)
        case .undecryptable: self.init(.life("decrypt"), word, .execute, .seriousFailure, failed)
        case nil: self.init(event: fact.word, reason: fact.reason, word, failed)
        }
    }

    private init(event: String, reason: String?, _ word: [Coding], _ failed: String) {
        switch event {
        case "served": self.init(.life("transmit"), word, .read)
        case "fallback": self.init(.life("encrypt"), word, .execute)
        case "pushed":
            switch reason.flatMap({ PageOutcome(rawValue: $0) }) {
            case .accepted?: self.init(.life("transmit"), word, .execute)
            case .later?: self.init(.life("transmit"), word, .execute, .minorFailure, failed)
            case .gone?, .rejected?, .unauthorized?, nil:
                self.init(.life("transmit"), word, .execute, .seriousFailure, failed)
            }
        case "undeliverable": self.init(.life("transmit"), word, .execute, .seriousFailure, failed)
        case "unanswered":
            self.init(.life("attest"), word, .execute, .seriousFailure, "nobody answered before it expired")
        // An event of a later version is told for what it is: something was done.
        default: self.init(.life("report"), word, .execute)
        }
    }

    /// An auditor's look.
    init(_ access: Access) {
        self.init(.dicom("110101", "Audit Log Used"), [.own("look_\(access.kind.rawValue)")], .read)
    }

    /// Why somebody looked: HL7's word where it has one.
    static func purpose(_ reason: AccessReason) -> Coding {
        let known: [AccessReason: (String, String)] = [
            .treatment: ("TREAT", "treatment"), .payment: ("HPAYMT", "healthcare payment"),
            .operations: ("HOPERAT", "healthcare operations"), .patientRequest: ("PATRQT", "patient requested"),
            .legal: ("HLEGAL", "legal"),
        ]
        guard let (code, display) = known[reason] else {
            return Coding(system: FHIRNames.reasons, code: reason.rawValue, display: reason.rawValue.spaced)
        }
        return Coding(system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code: code, display: display)
    }

    /// Who came and who went is a change of users' security attributes.
    init(_ change: RosterChange.Kind) {
        let subtypes: [Coding] = [.dicom("110137", "User Security Attributes Changed"), .own(change.rawValue)]
        let type = Coding.dicom("110113", "Security Alert")
        switch change {
        case .memberAdded, .deviceEnrolled, .invitationIssued, .adminAdded: self.init(type, subtypes, .create)
        case .memberChanged, .quorumSet, .auditKeySet, .recoveryKeySet, .witnessesSet:
            self.init(type, subtypes, .update)
        case .deviceRevoked, .invitationRevoked, .adminRemoved: self.init(type, subtypes, .delete)
        }
    }
}

/// Names that are ours alone; nothing answers at these addresses.
enum FHIRNames {
    private static let base = "https://nightbell.example/fhir"
    static let events = "\(base)/CodeSystem/event"
    static let reasons = "\(base)/CodeSystem/reason"
    static let patients = "\(base)/sid/patient"
    static let messages = "\(base)/sid/message"
    static let devices = "\(base)/sid/device"
    static let members = "\(base)/sid/member"
    static let invitations = "\(base)/sid/invitation"
    static let keys = "\(base)/sid/key"
    static let settings = "\(base)/sid/setting"
    static let organisations = "\(base)/sid/organisation"
    static let logs = "\(base)/sid/log"
}
