import DeviceStorage
public import Membership
import Secrets
public import Statements
public import TransparencyLog

/// An enrolled device at work: its profile, its relay, and the roster that it replays itself.
///
/// For one task at a time. Everything durable goes through ``durably(_:)``; several processes may hold sessions on one
/// profile.
public final class DeviceSession {
    public let profile: Profile
    public let identity: Identity
    public let connection: RelayConnection
    /// Hears of steps, findings and remarks.
    public let observer: any SessionObserver
    let signer: RequestSigner

    /// The roster log as far as it was verified.
    public internal(set) var roster: Roster
    /// The roster's entries' times, for asking what was in force when.
    var rosterTimes: [Timestamp]
    /// The largest verified checkpoint of each log.
    public internal(set) var checkpoints: [LogKind: SignedCheckpoint]
    /// The newest signed head, and when it was received by this machine's clock.
    public internal(set) var present: Present?
    /// Whether it was said that the clocks are too far apart, since they were together.
    var hasRemarkedClock = false
    /// The time of the newest head that this session has seen in the store.
    var storedHead: Timestamp?
    /// What was told here, while this session follows the store.
    var toldHere: ToldHere?
    /// What makes a watcher try at once what it would try later.
    let wakes = Wakes()
    /// Devices that joined, told in words, and not yet to a watcher.
    var announced: [Device] = []
    /// Roots of the activity log that were shown to be prefixes of what we hold.
    var knownRoots: [UInt64: Digest] = [:]
    /// Hash tiles of the activity log, as they were fetched.
    var tiles: [String: [Digest]] = [:]

    /// A signed head with the moment of its arrival.
    public struct Present: Sendable {
        public let head: Head
        public let received: ContinuousClock.Instant
    }

    /// Opens a session on an enrolled profile. Does not talk to the relay yet.
    /// - Throws: ``DeviceKitError`` when the profile is not enrolled, is revoked, or its store does not add up.
    public static func open(_ profile: Profile, observer: any SessionObserver) throws -> DeviceSession {
        try open(profile, observer: observer, patience: .standard)
    }

    static func open(
        _ profile: Profile, observer: any SessionObserver, patience: LinkPatience
    ) throws -> DeviceSession {
        let identity = try profile.enrolledIdentity()
        let connection = try RelayConnection(
            address: identity.relay, certificateAuthority: profile.certificateAuthorityPath, patience: patience)
        let (entries, stored, signer) = try profile.store.look { store in
            (
                try store.rosterEntries(),
                [
                    LogKind.roster: try store.setting(.rosterCheckpoint),
                    .activity: try store.setting(.activityCheckpoint),
                ],
                try store.withSecret(.deviceKey) { seed in
                    RequestSigner(keyID: identity.device.description, key: SigningKey(seed: seed.duplicate()))
                }
            )
        }
        guard let signer, DeviceID(key: signer.key.verifyingKey) == identity.device else { throw damaged() }
        let (roster, times) = try replayed(entries, organisation: identity.organisation)
        var checkpoints: [LogKind: SignedCheckpoint] = [:]
        for log in LogKind.allCases {
            guard let bytes = stored[log] ?? nil, let signed = try? roster.logKey(log).verify(checkpoint: bytes) else {
                throw damaged()
            }
            checkpoints[log] = signed
        }
        guard let last = checkpoints[.roster], roster.root(size: last.size) == last.root else { throw damaged() }
        return DeviceSession(
            profile: profile, identity: identity, connection: connection, observer: observer, signer: signer,
            roster: roster, rosterTimes: times, checkpoints: checkpoints)
    }

    init(
        profile: Profile, identity: Identity, connection: RelayConnection, observer: any SessionObserver,
        signer: RequestSigner, roster: Roster, rosterTimes: [Timestamp], checkpoints: [LogKind: SignedCheckpoint]
    ) {
        self.profile = profile
        self.identity = identity
        self.connection = connection
        self.observer = observer
        self.signer = signer
        self.roster = roster
        self.rosterTimes = rosterTimes
        self.checkpoints = checkpoints
    }

    /// Replays entries that were verified before.
    static func replayed(
        _ entries: [[UInt8]], organisation: OrganisationID
    ) throws -> (Roster, [Timestamp]) {
        guard let first = entries.first else { throw damaged() }
        do {
            var times: [Timestamp] = []
            let genesis = try Entry(parsing: first)
            var roster = try Roster(genesis: genesis, organisation: organisation)
            times.append(genesis.time)
            for bytes in entries.dropFirst() {
                let entry = try Entry(parsing: bytes)
                try roster.append(entry)
                times.append(entry.time)
            }
            return (roster, times)
        } catch let violation as RuleViolation where violation.code == .unknownType {
            throw DeviceKitError(
                "update_needed", .configuration, "the roster holds a statement that this version does not know",
                next: "update nightbell")
        } catch {
            throw damaged()
        }
    }

    private static func damaged() -> DeviceKitError {
        DeviceKitError(
            "store_damaged", .configuration, "the profile's store does not add up",
            next: "restore the profile from a backup, or join again with a new invitation")
    }

    /// Closes the connection to the relay.
    public func close() async { await connection.close() }

    // MARK: What is known

    /// The log's key.
    public func logKey(_ log: LogKind) -> LogKey { roster.logKey(log) }

    /// The roster now.
    public var view: RosterView { roster.view(at: connection.clock.now()) }

    /// What a statement says that we had seen.
    func seen(_ log: LogKind) -> Seen { checkpoints[log]!.seen }
    var seenBoth: SeenBoth { SeenBoth(roster: seen(.roster), activity: seen(.activity)) }

    /// Our own device, as the roster has it.
    public var ownDevice: Device? { view.device(identity.device) }

    // MARK: Durable steps

    /// One durable step. Step-log lines go to the observer once they are on the disk.
    func durably<Result>(_ body: (StoreStep, inout [StepLine]) throws -> Result) throws -> Result {
        var lines: [StepLine] = []
        let result = try profile.store.step { step in
            lines = []
            return try body(step, &lines)
        }
        if !lines.isEmpty {
            for line in lines { toldHere?.steps.insert(line.number) }
            observer.logged(lines)
        }
        return result
    }

    /// Logs what was done as a durable step of its own.
    func log(_ timer: inout StepTimer) throws {
        let notes = timer.take()
        guard !notes.isEmpty else { return }
        let time = connection.clock.now()
        try durably { step, lines in lines += try StepLog.append(notes, at: time, to: step).lines }
    }
}
