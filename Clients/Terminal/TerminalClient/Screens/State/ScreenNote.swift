import DeviceKit
import Statements

/// Something that a person should have read: a finding, or a remark.
struct ScreenNote: Sendable, Equatable {
    let at: Timestamp
    let sentence: String
    /// The file that proves it; `nil` for what is no finding.
    let evidence: String?
    /// The device that it says has joined.
    var device: DeviceID?

    var isFinding: Bool { evidence != nil }
}

/// The sentence at the foot of the screen.
struct ScreenStatus: Sendable, Equatable {
    enum Weight: Sendable {
        case plain, good, caution, danger
    }

    let text: String
    let weight: Weight
    let at: Timestamp
    /// The message that it is about without naming it.
    var about: MessageID?
}
