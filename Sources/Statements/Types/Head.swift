public import Secrets

/// The relay's signed, timed word on the present.
public struct Head: StatementText {
    public static let type: StaticString = "nightbell.head/v1"

    /// Size and root of one log.
    public struct Tree: Hashable, Sendable {
        public let size: UInt64
        public let root: Digest

        public init(size: UInt64, root: Digest) {
            self.size = size
            self.root = root
        }
    }

    /// What the relay says about the asking device.
    public struct DeviceState: Hashable, Sendable {
        public let device: DeviceID
        /// How many items wait.
        public let waiting: UInt64
        /// The number of the last item ever queued.
        public let lastNumber: UInt64
        /// h(last number).
        public let runningHash: Digest
        /// One-time prekeys that are left.
        public let oneTimeLeft: UInt64

        public init(
            device: DeviceID, waiting: UInt64, lastNumber: UInt64, runningHash: Digest, oneTimeLeft: UInt64
        ) {
            self.device = device
            self.waiting = waiting
            self.lastNumber = lastNumber
            self.runningHash = runningHash
            self.oneTimeLeft = oneTimeLeft
        }
    }

    public let organisation: OrganisationID
    public let time: Timestamp
    public let roster: Tree
    public let activity: Tree
    /// `nil` when the asker was no device.
    public let device: DeviceState?

    public init(organisation: OrganisationID, time: Timestamp, roster: Tree, activity: Tree, device: DeviceState?) {
        self.organisation = organisation
        self.time = time
        self.roster = roster
        self.activity = activity
        self.device = device
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        time = try reader.time("time")
        roster = try Self.tree("roster", from: &reader)
        activity = try Self.tree("activity", from: &reader)
        guard let id = try reader.fieldsOrNone("device", count: 1) else {
            device = nil
            return
        }
        let device: DeviceID = try TextReader.identifier(id[0], or: reader.error("device"))
        let fields = try reader.fields("queue", count: 3)
        let error = reader.error("queue")
        self.device = DeviceState(
            device: device, waiting: try TextReader.integer(fields[0], or: error),
            lastNumber: try TextReader.integer(fields[1], or: error),
            runningHash: try TextReader.hash(fields[2], or: error),
            oneTimeLeft: try reader.integer("one-time"))
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        writer.line("time", time)
        writer.line("roster", roster.size, roster.root)
        writer.line("activity", activity.size, activity.root)
        writer.line("device", orNone: device?.device)
        if let device {
            writer.line("queue", device.waiting, device.lastNumber, device.runningHash)
            writer.line("one-time", device.oneTimeLeft)
        }
    }

    private static func tree(_ key: StaticString, from reader: inout TextReader) throws(StatementError) -> Tree {
        let fields = try reader.fields(key, count: 2)
        let error = reader.error(key.description)
        return Tree(size: try TextReader.integer(fields[0], or: error), root: try TextReader.hash(fields[1], or: error))
    }
}
