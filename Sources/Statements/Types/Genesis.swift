public import Secrets

/// The first statement of the roster log. Its hash is the organisation's id.
public struct Genesis: StatementText {
    public static let type: StaticString = "nightbell.genesis/v1"

    /// A founding member.
    public struct Member: Hashable, Sendable {
        public let id: MemberID
        public let name: TextValue

        public init(id: MemberID, name: TextValue) {
            self.id = id
            self.name = name
        }
    }

    /// A founding admin device.
    public struct Admin: Hashable, Sendable {
        public let member: MemberID
        public let key: VerifyingKey
        public let platform: Platform
        public let label: TextValue

        public init(member: MemberID, key: VerifyingKey, platform: Platform, label: TextValue) {
            self.member = member
            self.key = key
            self.platform = platform
            self.label = label
        }

        public var device: DeviceID { DeviceID(key: key) }
    }

    public let name: TextValue
    /// The relay's name, for ever, whatever its address becomes: a part of both logs' origins.
    public let relay: String
    public let rosterKey: VerifyingKey
    public let activityKey: VerifyingKey
    public let at: Timestamp
    /// Ordered by id.
    public let members: [Member]
    /// Ordered by device id.
    public let admins: [Admin]
    public let recovery: RecoveryPublicKey?
    /// How many distinct admin members must sign what needs a quorum.
    public let quorum: UInt64
    public let policy: Policy
    /// The organisation's id: a hash of this very text. Kept, for every origin and log key asks for it.
    public private(set) var organisation = OrganisationID(
        bytes: [UInt8](repeating: 0, count: OrganisationKind.byteCount))

    public init(
        name: TextValue, relay: String, rosterKey: VerifyingKey, activityKey: VerifyingKey, at: Timestamp,
        members: [Member], admins: [Admin], recovery: RecoveryPublicKey?, quorum: UInt64, policy: Policy
    ) {
        self.name = name
        self.relay = relay
        self.rosterKey = rosterKey
        self.activityKey = activityKey
        self.at = at
        self.members = members.sorted { $0.id < $1.id }
        self.admins = admins.sorted { $0.device < $1.device }
        self.recovery = recovery
        self.quorum = quorum
        self.policy = policy
        organisation = OrganisationID(genesisText: text)
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        name = try reader.text("name")
        relay = String(decoding: try reader.value("relay"), as: UTF8.self)
        guard InvitationText.isRelayAddress(relay) else { throw reader.error("relay") }
        rosterKey = try Self.logKey(.roster, from: &reader)
        activityKey = try Self.logKey(.activity, from: &reader)
        at = try reader.time("at")
        var members: [Member] = []
        while reader.isNext("member") {
            let fields = try reader.fields("member", count: 2, lastIsText: true)
            let error = reader.error("member")
            guard let name = TextValue(fields[1]) else { throw error }
            let member = Member(id: try TextReader.identifier(fields[0], or: error), name: name)
            if let last = members.last {
                guard last.id < member.id else { throw error }
            }
            members.append(member)
        }
        guard !members.isEmpty else { throw reader.error("member") }
        self.members = members
        var admins: [Admin] = []
        while reader.isNext("admin") {
            let fields = try reader.fields("admin", count: 5, lastIsText: true)
            let error = reader.error("admin")
            guard let key = VerifyingKey(try TextReader.binary(fields[2], count: VerifyingKey.byteCount, or: error)),
                let platform = Platform(fields[3]), let label = TextValue(fields[4])
            else { throw error }
            let admin = Admin(
                member: try TextReader.identifier(fields[1], or: error), key: key, platform: platform, label: label)
            let device: DeviceID = try TextReader.identifier(fields[0], or: error)
            guard admin.device == device else { throw reader.error("admin", .wrongIdentifier) }
            if let last = admins.last {
                guard last.device < device else { throw error }
            }
            admins.append(admin)
        }
        guard !admins.isEmpty else { throw reader.error("admin") }
        self.admins = admins
        recovery = try .read(from: &reader)
        try reader.none("audit")
        quorum = try reader.integer("quorum")
        policy = try Policy(reading: &reader)
        organisation = OrganisationID(genesisText: text)
    }

    public func write(to writer: inout TextWriter) {
        writer.line("name", name)
        writer.line("relay", relay)
        writer.line("log", LogKind.roster.rawValue, Binary(rosterKey.bytes))
        writer.line("log", LogKind.activity.rawValue, Binary(activityKey.bytes))
        writer.line("at", at)
        for member in members { writer.line("member", member.id, member.name) }
        for admin in admins {
            writer.line("admin", admin.device, admin.member, Binary(admin.key.bytes), admin.platform, admin.label)
        }
        RecoveryPublicKey.write(recovery, to: &writer)
        writer.line("audit", "none")
        writer.line("quorum", quorum)
        policy.write(to: &writer)
    }

    /// The name under which a log signs.
    public func origin(of log: LogKind) -> String { LogOrigin.of(log, relay: relay, organisation: organisation) }

    private static func logKey(_ log: LogKind, from reader: inout TextReader) throws(StatementError) -> VerifyingKey {
        let fields = try reader.fields("log", count: 2)
        let error = reader.error("log")
        guard fields[0].elementsEqual(log.rawValue.utf8),
            let key = VerifyingKey(try TextReader.binary(fields[1], count: VerifyingKey.byteCount, or: error))
        else { throw error }
        return key
    }
}

/// How logs are named.
public enum LogOrigin {
    /// `<relay name>/<org id>/<log>`.
    public static func of(_ log: LogKind, relay: String, organisation: OrganisationID) -> String {
        "\(relay)/\(organisation)/\(log.rawValue)"
    }
}

/// What a device runs on: one word `[a-z0-9._-]{1,32}`.
public struct Platform: Hashable, Sendable, CustomStringConvertible, TextField {
    public let description: String

    public init?(_ bytes: some Collection<UInt8>) {
        guard (1...32).contains(bytes.count),
            bytes.allSatisfy({
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || [0x2E, 0x5F, 0x2D].contains($0)
            })
        else { return nil }
        description = String(decoding: bytes, as: UTF8.self)
    }

    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: description.utf8) }
}
