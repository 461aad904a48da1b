import DeviceStorage
public import Statements

/// How a profile's store is, as far as it can be told without its key.
public struct StoreHealth: Sendable {
    public enum Condition: Sendable, Equatable {
        case whole
        /// With what SQLite says, if it can be read at all.
        case damaged([String])
        case busy
        case missing
    }

    public let condition: Condition
    public private(set) var messages = 0
    /// Receipts that the relay has not proven.
    public private(set) var receiptsWaiting = 0
    /// Messages that wait here to be sent.
    public private(set) var sendsWaiting = 0
    /// Messages that will not be sent.
    public private(set) var sendsRefused = 0
    public private(set) var findings = 0
    /// One-time prekeys whose private halves are here.
    public private(set) var oneTimeKeys = 0
    /// When the newest fallback prekey that the relay has was made.
    public private(set) var newestFallback: Timestamp?
    /// The step log's chain, without the receipts that name it; `nil` when it cannot be read.
    public private(set) var steps: StepLogVerification?

    /// - Parameter directory: The profile's folder.
    public init(ofProfile directory: String) {
        guard SecureFolder.exists(directory + "/store.sqlite") else {
            condition = .missing
            return
        }
        do throws(DeviceStorageError) {
            let found = try StoreInspection(directory: directory)
            guard let counts = found.counts else {
                condition = .damaged(found.faults)
                return
            }
            condition = .whole
            messages = counts.messages
            receiptsWaiting = counts.receiptsWaiting
            sendsWaiting = counts.sendsWaiting
            sendsRefused = counts.sendsRefused
            findings = counts.findings
            oneTimeKeys = counts.oneTimeKeys
            newestFallback = counts.newestFallback.map { Timestamp(milliseconds: $0) }
            steps = StepLogVerification(lines: found.steps, receipts: [])
        } catch {
            condition = error.code == .busy ? .busy : .damaged([])
        }
    }
}
