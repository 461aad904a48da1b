import DeviceKit
import Statements

/// A message that was opened to be read.
struct ShownMessage: Sendable {
    /// What it says.
    indirect enum Body: Sendable {
        case record(JSONValue)
        case text(String)
        case reply(Reply)
        /// Neither; its bytes as text.
        case raw(String)
        /// Another message, carried on: through whose hands, and what it says.
        case handedOn(HandOffPath, Body)
        /// It does not open.
        case quarantined(ReceiptReason)
    }

    let id: MessageID
    let body: Body
    /// What does not hold of it; empty when every promise was verified.
    let broken: [BrokenPromise]
    /// A line for each of its files.
    let files: [String]
    /// The other messages of its thread, oldest first.
    var thread: [ThreadEntry] = []
    /// Those of them that came since it was last read.
    var news: Set<MessageID> = []
}
