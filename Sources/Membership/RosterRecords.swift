public import Secrets
public import Statements

/// Where and when something was logged.
public struct Place: Hashable, Sendable {
    /// Index in the roster log.
    public let index: UInt64
    public let time: Timestamp
}

/// How something ended.
public struct Revocation: Hashable, Sendable {
    public let place: Place
    /// Hash of the `revoke` statement.
    public let statement: Digest
    public let reason: TextValue
}

/// Which device used an invitation, and where.
public struct Use: Hashable, Sendable {
    public let place: Place
    public let device: DeviceID
}

/// An enrolled device.
public struct Device: Hashable, Sendable {
    public let id: DeviceID
    public let member: MemberID
    public let key: VerifyingKey
    public let label: TextValue
    public let platform: Platform
    public let enrolled: Place
    /// `nil` for a founding device.
    public let invitation: InvitationID?
    public internal(set) var revoked: Revocation?

    init(
        id: DeviceID, member: MemberID, key: VerifyingKey, label: TextValue, platform: Platform, enrolled: Place,
        invitation: InvitationID?
    ) {
        self.id = id
        self.member = member
        self.key = key
        self.label = label
        self.platform = platform
        self.enrolled = enrolled
        self.invitation = invitation
    }
}

/// An invitation as the log knows it: its public key.
public struct Invitation: Hashable, Sendable {
    public let id: InvitationID
    public let member: MemberID
    public let key: VerifyingKey
    public let expires: Timestamp
    public let issued: Place
    /// The first signer.
    public let issuer: DeviceID?
    public internal(set) var used: Use?
    public internal(set) var revoked: Revocation?

    init(
        id: InvitationID, member: MemberID, key: VerifyingKey, expires: Timestamp, issued: Place, issuer: DeviceID?
    ) {
        self.id = id
        self.member = member
        self.key = key
        self.expires = expires
        self.issued = issued
        self.issuer = issuer
    }
}

/// A member, as of one view.
public struct Member: Hashable, Sendable {
    public let id: MemberID
    public let name: TextValue
    /// With `admin` when one of its live devices is an admin key.
    public let roles: Set<Role>
    public let status: MemberStatus
    /// The statement that a new one must name in `replaces`.
    public let statement: Digest
}

/// A statement about a member, and what it changed.
public struct MemberChange: Hashable, Sendable {
    /// What a `member` statement or `genesis` says.
    public struct State: Hashable, Sendable {
        public let name: TextValue
        /// Never with `admin`, which no such statement gives.
        public let roles: Set<Role>
        public let status: MemberStatus
    }

    public let place: Place
    public let member: MemberID
    public let state: State
    /// `nil` for a new member.
    public let before: State?
}

extension Roster.MemberVersion {
    var state: MemberChange.State { .init(name: name, roles: roles, status: status) }
}

/// An `admins` statement, and what it changed.
public struct AdminsChange: Hashable, Sendable {
    /// A key that is in force, or waits to be.
    public struct Key: Hashable, Sendable {
        /// `nil` when there is none.
        public let id: PrekeyID?
        /// From when on; `nil` when it was in force at once.
        public let effective: Timestamp?
    }

    public struct State: Hashable, Sendable {
        /// Admin device keys and their members.
        public let devices: [DeviceID: MemberID]
        public let quorum: UInt64
        public let auditKey: Key
        public let recoveryKey: Key
        public let witnesses: WitnessPolicy
    }

    public let place: Place
    public let state: State
    public let before: State
}

/// A key change that waits for its 72 hours.
public struct PendingKeyChange: Hashable, Sendable {
    /// The `admins` statement that a `revoke` must name to void it.
    public let statement: Digest
    public let effective: Timestamp
    /// `nil` when the key is to be removed.
    public let key: PrekeyID?
}
