public import Statements

/// What an auditor is about to look at.
public enum Look: Sendable, Hashable {
    /// What one message's capsule names.
    case message(MessageID)
    /// One message's evidence, to be given away.
    case evidence(MessageID)
    case patient(PatientName)
    case device(DeviceID)
    case member(MemberID)
    case breach(DeviceID)
    /// A report that names patients.
    case report
    /// What every capsule names.
    case capsules

    /// The kind that the statement says.
    public var kind: AccessKind {
        switch self {
        case .message: .message
        case .evidence: .evidence
        case .patient: .patient
        case .device: .device
        case .member: .member
        case .breach: .breach
        case .report: .report
        case .capsules: .capsules
        }
    }

    /// What the statement says only to auditors, as a keyed hash.
    var query: [UInt8]? {
        switch self {
        case .message, .evidence, .report, .capsules: nil
        case .patient(let name): name.bytes
        case .device(let device), .breach(let device): Array(device.description.utf8)
        case .member(let member): Array(member.description.utf8)
        }
    }
}

/// A patient's identifier, as it is sought: capitals, width and blanks make no difference.
///
/// It prints as nothing: a name in a log or an error would be a disclosure.
public struct PatientName: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// 256: a longer one is none.
    public static let maximumByteCount = 256

    /// Normalised, UTF-8.
    let bytes: [UInt8]

    /// - Returns: `nil` for nothing but blanks, and for what is too long.
    public init?(_ text: String) {
        guard text.utf8.count <= 4 * Self.maximumByteCount else { return nil }
        let words = TextNormalisation.plain(text).lowercased().split(whereSeparator: \.isWhitespace)
        let bytes = Array(TextNormalisation.plain(words.joined(separator: " ")).utf8)
        guard (1...Self.maximumByteCount).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    /// Refuses an identifier that no question would find, before it is sealed where nobody can mend it.
    /// - Parameter identifier: As its sender wrote it; `nil` names nobody, which may be.
    /// - Throws: ``DeviceKitError``, `bad_patient`.
    static func check(_ identifier: String?) throws(DeviceKitError) {
        guard let identifier, PatientName(identifier) == nil else { return }
        throw DeviceKitError(
            "bad_patient", .usage,
            "the patient's identifier is blank or has more than \(maximumByteCount) bytes: no auditor could ask for it",
            next: "give it as it is sought, such as a medical record number; without one the message names nobody")
    }

    public var description: String { "<patient>" }
    public var debugDescription: String { "<patient>" }
}
