public import Secrets

/// Gives a member its name, roles and status; a statement about a member replaces the one before.
public struct MemberStatement: StatementText {
    public static let type: StaticString = "nightbell.member/v1"

    public let organisation: OrganisationID
    public let seen: Seen
    public let at: Timestamp
    /// The hash of the statement that is current for this member, or `nil` for a new one.
    public let replaces: Digest?
    public let member: MemberID
    public let name: TextValue
    /// Never contains `admin`.
    public let roles: Set<Role>
    public let status: MemberStatus

    public init(
        organisation: OrganisationID, seen: Seen, at: Timestamp, replaces: Digest?, member: MemberID, name: TextValue,
        roles: Set<Role>, status: MemberStatus
    ) {
        self.organisation = organisation
        self.seen = seen
        self.at = at
        self.replaces = replaces
        self.member = member
        self.name = name
        self.roles = roles
        self.status = status
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(.roster, from: &reader)
        at = try reader.time("at")
        replaces = try reader.optionalHash("replaces")
        member = try reader.identifier("member")
        name = try reader.text("name")
        let value = try reader.value("roles")
        var roles: Set<Role> = []
        if !value.elementsEqual("none".utf8) {
            for word in value.split(separator: Ascii.space, omittingEmptySubsequences: false) {
                let role: Role = try TextReader.word(word, or: reader.error("roles"))
                guard role != .admin else { throw reader.error("roles") }
                roles.insert(role)
            }
        }
        self.roles = roles
        status = try reader.word("status")
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(.roster, to: &writer)
        writer.line("at", at)
        writer.line("replaces", orNone: replaces)
        writer.line("member", member)
        writer.line("name", name)
        writer.line("roles", roles.isEmpty ? "none" : roles.sorted().map(\.rawValue).joined(separator: " "))
        writer.line("status", status.rawValue)
    }
}

/// Lets one device of a member enrol, once.
public struct InvitationStatement: StatementText {
    public static let type: StaticString = "nightbell.invitation/v1"
    /// 7 days.
    public static let maximumLifeSeconds: Int64 = 7 * 86_400
    /// 24 hours.
    public static let defaultLifeSeconds: Int64 = 86_400

    public let organisation: OrganisationID
    public let seen: Seen
    public let at: Timestamp
    public let member: MemberID
    public let key: VerifyingKey
    public let expires: Timestamp

    public init(
        organisation: OrganisationID, seen: Seen, at: Timestamp, member: MemberID, key: VerifyingKey, expires: Timestamp
    ) {
        self.organisation = organisation
        self.seen = seen
        self.at = at
        self.member = member
        self.key = key
        self.expires = expires
    }

    public var invitation: InvitationID { InvitationID(key: key) }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(.roster, from: &reader)
        at = try reader.time("at")
        member = try reader.identifier("member")
        let claimed: InvitationID = try reader.identifier("invitation")
        key = try reader.verifyingKey("key")
        guard InvitationID(key: key) == claimed else { throw reader.error("invitation", .wrongIdentifier) }
        expires = try reader.time("expires")
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(.roster, to: &writer)
        writer.line("at", at)
        writer.line("member", member)
        writer.line("invitation", invitation)
        writer.line("key", Binary(key.bytes))
        writer.line("expires", expires)
    }
}

/// A device joins with an invitation.
public struct EnrolStatement: StatementText {
    public static let type: StaticString = "nightbell.enrol/v1"

    public let organisation: OrganisationID
    public let seen: Seen
    public let at: Timestamp
    public let member: MemberID
    public let invitation: InvitationID
    public let key: VerifyingKey
    public let platform: Platform
    public let label: TextValue

    public init(
        organisation: OrganisationID, seen: Seen, at: Timestamp, member: MemberID, invitation: InvitationID,
        key: VerifyingKey, platform: Platform, label: TextValue
    ) {
        self.organisation = organisation
        self.seen = seen
        self.at = at
        self.member = member
        self.invitation = invitation
        self.key = key
        self.platform = platform
        self.label = label
    }

    public var device: DeviceID { DeviceID(key: key) }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(.roster, from: &reader)
        at = try reader.time("at")
        member = try reader.identifier("member")
        invitation = try reader.identifier("invitation")
        let claimed: DeviceID = try reader.identifier("device")
        key = try reader.verifyingKey("key")
        guard DeviceID(key: key) == claimed else { throw reader.error("device", .wrongIdentifier) }
        guard let platform = Platform(try reader.value("platform")) else { throw reader.error("platform") }
        self.platform = platform
        label = try reader.text("label")
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(.roster, to: &writer)
        writer.line("at", at)
        writer.line("member", member)
        writer.line("invitation", invitation)
        writer.line("device", device)
        writer.line("key", Binary(key.bytes))
        writer.line("platform", platform)
        writer.line("label", label)
    }
}

/// Ends a device or an invitation, or voids a key change that is still waiting.
public struct RevokeStatement: StatementText {
    public static let type: StaticString = "nightbell.revoke/v1"

    public enum Target: Hashable, Sendable {
        case device(DeviceID)
        case invitation(InvitationID)
        /// The hash of an `admins` statement whose new recovery or audit key is not yet in effect.
        case statement(Digest)
    }

    public let organisation: OrganisationID
    public let seen: Seen
    public let at: Timestamp
    public let target: Target
    public let reason: TextValue

    public init(organisation: OrganisationID, seen: Seen, at: Timestamp, target: Target, reason: TextValue) {
        self.organisation = organisation
        self.seen = seen
        self.at = at
        self.target = target
        self.reason = reason
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(.roster, from: &reader)
        at = try reader.time("at")
        let value = try reader.value("revokes")
        if let device = DeviceID(value) {
            target = .device(device)
        } else if let invitation = InvitationID(value) {
            target = .invitation(invitation)
        } else {
            target = .statement(try TextReader.hash(value, or: reader.error("revokes")))
        }
        reason = try reader.text("reason")
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(.roster, to: &writer)
        writer.line("at", at)
        switch target {
        case .device(let device): writer.line("revokes", device)
        case .invitation(let invitation): writer.line("revokes", invitation)
        case .statement(let hash): writer.line("revokes", hash)
        }
        writer.line("reason", reason)
    }
}

/// Says which device keys are admin keys, the quorum, and the recovery and audit keys.
public struct AdminsStatement: StatementText {
    public static let type: StaticString = "nightbell.admins/v1"

    public let organisation: OrganisationID
    public let seen: Seen
    public let at: Timestamp
    /// The hash of the `admins` statement in force, or of `genesis`.
    public let replaces: Digest
    /// Admin device keys and their members.
    public let admins: [DeviceID: MemberID]
    public let quorum: UInt64
    public let audit: EncapsulationKey?
    public let recovery: RecoveryPublicKey?
    public let witnesses: WitnessPolicy

    public init(
        organisation: OrganisationID, seen: Seen, at: Timestamp, replaces: Digest, admins: [DeviceID: MemberID],
        quorum: UInt64, audit: EncapsulationKey?, recovery: RecoveryPublicKey?, witnesses: WitnessPolicy = .none
    ) {
        self.organisation = organisation
        self.seen = seen
        self.at = at
        self.replaces = replaces
        self.admins = admins
        self.quorum = quorum
        self.audit = audit
        self.recovery = recovery
        self.witnesses = witnesses
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(.roster, from: &reader)
        at = try reader.time("at")
        replaces = try reader.hash("replaces")
        var admins: [DeviceID: MemberID] = [:]
        var last: DeviceID?
        while reader.isNext("admin") {
            let fields = try reader.fields("admin", count: 2)
            let error = reader.error("admin")
            let device: DeviceID = try TextReader.identifier(fields[0], or: error)
            // Before any later line, which may say that a later version wrote this: no version writes them in another order.
            if let last {
                guard last < device else { throw error }
            }
            last = device
            admins[device] = try TextReader.identifier(fields[1], or: error)
        }
        guard !admins.isEmpty else { throw reader.error("admin") }
        self.admins = admins
        quorum = try reader.integer("quorum")
        if let fields = try reader.fieldsOrNone("audit", count: 3) {
            audit = try .read(fields[1], fields[2], id: fields[0], or: reader.error("audit"))
        } else {
            audit = nil
        }
        recovery = try .read(from: &reader)
        for log in LogKind.allCases {
            let fields = try reader.fields("next-log", count: 2)
            guard fields[0].elementsEqual(log.rawValue.utf8) else { throw reader.error("next-log") }
            guard fields[1].elementsEqual("none".utf8) else { throw reader.error("next-log", .unsupported) }
        }
        witnesses = try WitnessPolicy(reading: &reader)
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(.roster, to: &writer)
        writer.line("at", at)
        writer.line("replaces", replaces)
        for (device, member) in admins.sorted(by: { $0.key < $1.key }) { writer.line("admin", device, member) }
        writer.line("quorum", quorum)
        if let audit {
            writer.line("audit", audit.id, Binary(audit.x25519), Binary(audit.mlkem768))
        } else {
            writer.line("audit", "none")
        }
        RecoveryPublicKey.write(recovery, to: &writer)
        for log in LogKind.allCases { writer.line("next-log", log.rawValue, "none") }
        witnesses.write(to: &writer)
    }
}

/// Any statement of the roster log.
public enum RosterStatement: Sendable {
    case genesis(Genesis)
    case member(MemberStatement)
    case invitation(InvitationStatement)
    case enrol(EnrolStatement)
    case revoke(RevokeStatement)
    case admins(AdminsStatement)

    /// Parses a text by its first line.
    /// - Throws: ``StatementError/Code/unknownType`` for a type that this version does not know.
    public init(parsing text: [UInt8]) throws(StatementError) {
        let type = text.prefix { $0 != Ascii.lineFeed }
        if Genesis.type.matches(type) {
            self = .genesis(try Genesis(parsing: text))
        } else if MemberStatement.type.matches(type) {
            self = .member(try MemberStatement(parsing: text))
        } else if InvitationStatement.type.matches(type) {
            self = .invitation(try InvitationStatement(parsing: text))
        } else if EnrolStatement.type.matches(type) {
            self = .enrol(try EnrolStatement(parsing: text))
        } else if RevokeStatement.type.matches(type) {
            self = .revoke(try RevokeStatement(parsing: text))
        } else if AdminsStatement.type.matches(type) {
            self = .admins(try AdminsStatement(parsing: text))
        } else {
            throw StatementError(notRead: text)
        }
    }

    /// The organisation that the statement is about.
    public var organisation: OrganisationID {
        switch self {
        case .genesis(let genesis): genesis.organisation
        case .member(let statement): statement.organisation
        case .invitation(let statement): statement.organisation
        case .enrol(let statement): statement.organisation
        case .revoke(let statement): statement.organisation
        case .admins(let statement): statement.organisation
        }
    }

    /// The signer's own time.
    public var at: Timestamp {
        switch self {
        case .genesis(let genesis): genesis.at
        case .member(let statement): statement.at
        case .invitation(let statement): statement.at
        case .enrol(let statement): statement.at
        case .revoke(let statement): statement.at
        case .admins(let statement): statement.at
        }
    }

    /// What the signer had seen of the roster log; `nil` for `genesis`.
    public var seen: Seen? {
        switch self {
        case .genesis: nil
        case .member(let statement): statement.seen
        case .invitation(let statement): statement.seen
        case .enrol(let statement): statement.seen
        case .revoke(let statement): statement.seen
        case .admins(let statement): statement.seen
        }
    }
}
