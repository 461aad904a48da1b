import DeviceKit
import Statements

/// A message that was opened to be read.
struct ShownMessage: Sendable {
    /// What it says.
    enum Body: Sendable {
        case record(JSONValue)
        case text(String)
        /// Neither; its bytes as text.
        case raw(String)
        /// It does not open.
        case quarantined(ReceiptReason)
    }

    let id: MessageID
    let body: Body
    /// What does not hold of it; empty when every promise was verified.
    let broken: [BrokenPromise]
    /// A line for each of its files.
    let files: [String]
}
