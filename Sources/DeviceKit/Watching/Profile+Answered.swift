import DeviceStorage
public import Statements

extension Profile {
    /// Whether somebody has taken a message up, turned it down or closed it: a program on this profile, or another device
    /// as far as its receipt is known and verified here.
    public func isAnswered(_ message: MessageID) throws -> Bool {
        let ends: Set = ["acknowledged", "declined", "handed_off", "closed"]
        return try store.look { store in
            if try store.receipts(on: message.description).contains(where: { ends.contains($0.action) }) { return true }
            return try store.answers(on: message.description).contains { row in
                guard let entry = try? Entry(parsing: row.entry),
                    case .receipt(let receipt, _) = try? ActivityStatement(parsing: entry.body)
                else { return false }
                return ends.contains(receipt.action.rawValue)
            }
        }
    }
}
