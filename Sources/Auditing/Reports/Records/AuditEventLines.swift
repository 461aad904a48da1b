import Secrets
import Statements

/// A report's messages and roster changes as FHIR R4 (4.0.1) `AuditEvent`, one a line.
///
/// R5 renamed half of the elements; these are R4's. The logs know no patient: only a report that was asked to name them has
/// any.
public struct AuditEventLines: Sendable {
    private let report: PeriodReport

    public init(_ report: PeriodReport) { self.report = report }

    /// Hands over one line after the other: who came and went, then each message with what became of it.
    /// - Parameter verdict: The one that the report was computed from.
    /// - Throws: What `body` and ``AuditVerdict/forEachMessage(_:_:)`` throw.
    public func write(_ verdict: AuditVerdict, to body: ([UInt8]) throws -> Void) throws {
        var place = 0
        for (number, change) in report.changes.enumerated() {
            place = number > 0 && report.changes[number - 1].index == change.index ? place + 1 : 0
            try body(event(change, at: place).withoutNulls.line)
        }
        try verdict.forEachAccess { look in
            guard report.request.period.contains(look.logged) else { return }
            try body(event(look).withoutNulls.line)
        }
        try verdict.forEachMessage { message in
            guard report.request.period.contains(message.logged) else { return }
            let patient = try report.subjects?.subject(of: message.message)?.patient
            try body(event(message, patient).withoutNulls.line)
            for fact in message.facts { try body(event(fact, of: message, patient).withoutNulls.line) }
        }
    }

    // MARK: Events

    private func event(_ message: AuditedMessage, _ patient: String?) -> ReportJSON {
        let to = message.recipients.map { agent($0.device, member: nil, .destination, isRequestor: false) }
        return event(
            .manifest, .activity, message.index, message.logged,
            agents: [agent(message.sender, member: message.senderMember, .source, isRequestor: true)] + to,
            entities: entities(
                message, patient, message.index,
                [
                    ("urgency", message.urgency.rawValue), ("manifest-sha256", "\(message.manifest)"),
                    ("signed-at", "\(message.at)"),
                ]))
    }

    private func event(
        _ fact: AuditedMessage.Fact, of message: AuditedMessage, _ patient: String?
    ) -> ReportJSON {
        let isReceipt = ReceiptAction(rawValue: fact.word) != nil
        let device = fact.device.map { agent($0, member: fact.member, .destination, isRequestor: isReceipt) }
        // Of an event, the relay is who did it.
        let agents = (isReceipt ? [] : [relay]) + [device].compactMap { $0 }
        return event(
            AuditEventCodes(fact), .activity, fact.index, fact.logged, agents: agents,
            entities: entities(
                message, patient, fact.index, [("reason", fact.reason), ("signed-at", isReceipt ? "\(fact.at)" : nil)]))
    }

    /// - Parameter place: Its own among those of one entry, from 0: subjects may end alike, or be the same twice.
    private func event(_ change: RosterChange, at place: Int) -> ReportJSON {
        let system =
            switch change.kind {
            case .memberAdded, .memberChanged: FHIRNames.members
            case .deviceEnrolled, .deviceRevoked: FHIRNames.devices
            case .invitationIssued, .invitationRevoked: FHIRNames.invitations
            case .adminAdded, .adminRemoved: FHIRNames.devices
            case .auditKeySet, .recoveryKeySet: FHIRNames.keys
            case .quorumSet, .witnessesSet: FHIRNames.settings
            }
        let subject: ReportJSON = [
            "what": Self.reference(system, change.subject, nil),
            "type": Self.coding("audit-entity-type", "4", "Other"),
            "role": Self.coding("object-role", "11", "Security User Entity"),
            "detail": details(.roster, change.index, [("member", change.member.map { "\($0)" })]),
        ]
        return event(
            AuditEventCodes(change.kind), .roster, change.index, change.time, agents: agents(of: change),
            entities: [subject], at: place)
    }

    /// All who signed it. FHIR knows one initiator: the first device that signed, for an invitation only lets one in.
    private func agents(of change: RosterChange) -> [ReportJSON] {
        let initiator = change.signers.firstIndex(where: \.isDevice) ?? 0
        return change.signers.enumerated().map { place, signer in
            switch signer {
            case .device(let device, let member):
                agent(device, member: member, .source, isRequestor: place == initiator)
            case .invitation(let invitation):
                agent(
                    Self.reference(FHIRNames.invitations, "\(invitation)", "an invitation"), .source,
                    isRequestor: place == initiator)
            case .recoveryKey: recoveryKey(.source, isRequestor: place == initiator)
            }
        }
    }

    private func event(_ look: AuditedAccess) -> ReportJSON {
        let agent: ReportJSON =
            if let device = look.access.device {
                self.agent(device, member: look.member, .destination, isRequestor: true)
            } else {
                recoveryKey(.destination, isRequestor: true)
            }
        let subject: ReportJSON = [
            "what": look.access.message.map { Self.reference(FHIRNames.messages, $0.description, nil) }
                ?? Self.reference(FHIRNames.logs, "\(report.relay ?? "unknown")/\(organisation)/activity", nil),
            "type": Self.coding("audit-entity-type", "2", "System Object"),
            "role": Self.coding("object-role", "13", "Security Resource"),
            "detail": details(.activity, look.index, [("signed-at", "\(look.access.at)")]),
        ]
        return event(
            AuditEventCodes(look.access), .activity, look.index, look.logged, agents: [agent], entities: [subject],
            purpose: AuditEventCodes.purpose(look.access.reason))
    }

    /// - Parameter place: Which of several at one entry.
    private func event(
        _ codes: AuditEventCodes, _ log: LogKind, _ index: UInt64, _ time: Timestamp, agents: [ReportJSON],
        entities: [ReportJSON], at place: Int? = nil, purpose: AuditEventCodes.Coding? = nil
    ) -> ReportJSON {
        [
            "resourceType": "AuditEvent",
            "id": .string("\(log.rawValue)-\(index)" + (place.map { "-\($0)" } ?? "")),
            "type": codes.type.document, "subtype": .array(codes.subtypes.map(\.document)),
            "action": .string(codes.action.rawValue), "recorded": .text(time),
            "outcome": .string(codes.outcome.rawValue),
            "outcomeDesc": .text(orNull: codes.outcomeWords),
            "purposeOfEvent": purpose.map { [["coding": [$0.document]]] } ?? .null, "agent": .array(agents),
            "source": [
                "site": .text(orNull: report.relay),
                "observer": Self.reference(
                    FHIRNames.logs, "\(report.relay ?? "unknown")/\(organisation)/\(log.rawValue)",
                    "the \(log.rawValue) log"),
                "type": [Self.coding("security-source-type", "4", "Application Server")],
            ], "entity": .array(entities),
        ]
    }

    // MARK: Parts

    private enum Place {
        case source, destination

        var coding: ReportJSON {
            switch self {
            case .source: AuditEventCodes.Coding.dicom("110153", "Source Role ID").document
            case .destination: AuditEventCodes.Coding.dicom("110152", "Destination Role ID").document
            }
        }
    }

    private var organisation: String { report.organisation?.description ?? "unknown" }

    private func agent(_ device: DeviceID, member: MemberID?, _ place: Place, isRequestor: Bool) -> ReportJSON {
        [
            "type": ["coding": [place.coding]], "who": Self.reference(FHIRNames.devices, device.description, nil),
            "altId": .text(orNull: member), "name": .text(orNull: report.names.name(member)),
            "requestor": .bool(isRequestor),
        ]
    }

    /// Of a key that is no device's.
    private func agent(_ who: ReportJSON, _ place: Place, isRequestor: Bool) -> ReportJSON {
        ["type": ["coding": [place.coding]], "who": who, "requestor": .bool(isRequestor)]
    }

    private func recoveryKey(_ place: Place, isRequestor: Bool) -> ReportJSON {
        agent(
            Self.reference(FHIRNames.organisations, organisation, "the recovery key of this organisation"), place,
            isRequestor: isRequestor)
    }

    private var relay: ReportJSON {
        [
            "type": ["coding": [Place.source.coding]],
            "who": Self.reference(FHIRNames.organisations, organisation, "the relay of this organisation"),
            "name": .text(orNull: report.relay), "requestor": true,
        ]
    }

    /// The message; and in a report that was asked for patients, the identifier that its sender wrote into the capsule.
    private func entities(
        _ message: AuditedMessage, _ patient: String?, _ index: UInt64, _ more: [(String, String?)]
    ) -> [ReportJSON] {
        let subject: ReportJSON = [
            "what": Self.reference(FHIRNames.messages, message.message.description, nil),
            "type": Self.coding("audit-entity-type", "2", "System Object"),
            "role": Self.coding("object-role", "4", "Domain Resource"), "detail": details(.activity, index, more),
        ]
        guard let patient else { return [subject] }
        return [
            subject,
            [
                "what": Self.reference(FHIRNames.patients, patient, nil),
                "type": Self.coding("audit-entity-type", "1", "Person"),
                "role": Self.coding("object-role", "1", "Patient"),
            ],
        ]
    }

    /// Where the proof is: the entry, and the checkpoint that covers it.
    private func details(_ log: LogKind, _ index: UInt64, _ more: [(String, String?)]) -> ReportJSON {
        let tree = log == .roster ? report.roster : report.activity
        let all: [(String, String?)] =
            more + [
                ("log", log.rawValue), ("log-index", "\(index)"), ("checkpoint-size", tree.map { "\($0.size)" }),
                ("checkpoint-root", tree.map { "\($0.root)" }),
            ]
        return .array(
            all.compactMap { type, value in value.map { ["type": .string(type), "valueString": .string($0)] } })
    }

    private static func reference(_ system: String, _ value: String, _ display: String?) -> ReportJSON {
        ["identifier": ["system": .string(system), "value": .string(value)], "display": .text(orNull: display)]
    }

    private static func coding(_ system: String, _ code: String, _ display: String) -> ReportJSON {
        [
            "system": .string("http://terminology.hl7.org/CodeSystem/\(system)"), "code": .string(code),
            "display": .string(display),
        ]
    }
}
