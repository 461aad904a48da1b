import DeviceStorage

extension ProfileInspection {
    /// Which messages' ids are meant.
    public enum Direction: Sendable {
        case received, sent
    }

    /// Ids of the newest messages that begin so, for completion: they are not sealed, and nothing is opened.
    /// - Returns: The newest first, at most `limit`; none when the store cannot be read.
    public static func messageIDs(
        in directory: String, _ direction: Direction, beginningWith prefix: String, limit: Int
    ) -> [String] {
        (try? StoreInspection.ids(
            directory: directory, of: direction == .received ? .received : .sent, beginningWith: prefix, limit: limit))
            ?? []
    }
}
