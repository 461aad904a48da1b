public import DeviceStorage
import Membership
public import Secrets
import Statements
public import StoreKeying

/// One device's folder: its description, its sealed store, the relay's CA, the step log's copy and the evidence.
///
/// Made in steps that a crash cannot split: the folder, then `profile.json` with the wrapped store key, then the store.
/// Whatever a repeated command finds, it goes on from there.
public final class Profile: Sendable {
    /// The folder.
    public let directory: String
    /// The sealed database.
    public let store: DeviceStore
    private let wrap: StoreKeyWrap
    private let keys: any StoreKeys

    private init(directory: String, store: DeviceStore, wrap: StoreKeyWrap, keys: any StoreKeys) {
        self.directory = directory
        self.store = store
        self.wrap = wrap
        self.keys = keys
    }

    /// Opens a profile that is there.
    /// - Throws: ``DeviceKitError`` with the repairing command when it is open to others, or `locked`.
    public static func open(_ directory: String, unlock: UnlockSource) throws -> Profile {
        let document = try document(directory)
        return try open(directory, document, keys: DirectStoreKeys(storeKey: try document.wrap.open(unlock)))
    }

    /// Opens a profile whose store's keys somebody else makes: the agent.
    /// - Throws: ``DeviceKitError`` with the repairing command when it is open to others, or `locked`.
    public static func open(_ directory: String, keys: any StoreKeys) throws -> Profile {
        try open(directory, try document(directory), keys: keys)
    }

    /// The store key itself, for whoever hands it to the agent.
    /// - Throws: ``DeviceKitError`` with the repairing command when the profile is open to others, or `locked`.
    public static func storeKey(_ directory: String, unlock: UnlockSource) throws -> SecretBytes {
        try document(directory).wrap.open(unlock)
    }

    private static func document(_ directory: String) throws -> ProfileDocument {
        try SecureFolder.check(directory)
        if let record = try Erasure.record(in: directory) {
            // An erasure that was interrupted is finished before anything is said.
            try Erasure.run(record, in: directory, store: nil, forget: {})
            throw record.error
        }
        return try ProfileDocument(of: directory)
    }

    private static func open(
        _ directory: String, _ document: ProfileDocument, keys: any StoreKeys
    ) throws -> Profile {
        let store = try DeviceStore(directory: directory, keys: keys, mustExist: document.identity != nil)
        // Erased by another process while the passphrase was worked out: what was just made goes as well.
        if let record = try Erasure.record(in: directory) {
            try Erasure.run(record, in: directory, store: store, forget: {})
            throw record.error
        }
        let profile = Profile(directory: directory, store: store, wrap: document.wrap, keys: keys)
        try profile.heal(document)
        return profile
    }

    /// Makes a profile, or opens the one that an interrupted command left.
    /// - Throws: ``DeviceKitError``.
    public static func make(
        _ directory: String, unlock: UnlockSource, cost: PassphraseCost = .standard
    ) throws -> Profile {
        try SecureFolder.make(directory)
        if try SecureFolder.read(documentPath(directory)) == nil {
            let key = SecretBytes(random: StoreKeyWrap.keyByteCount)
            let document = ProfileDocument(
                identity: nil, wrap: try StoreKeyWrap.make(unlock, of: key, cost: cost))
            if try write(first: document, in: directory) {
                return try open(directory, document, keys: DirectStoreKeys(storeKey: key))
            }
        }
        return try open(directory, unlock: unlock)
    }

    /// - Returns: Whether it was the first: of two commands at once, the first one's key stays.
    private static func write(first document: ProfileDocument, in directory: String) throws -> Bool {
        let lock = try FileLock(path: directory + "/lock")
        defer { withExtendedLifetime(lock) {} }
        guard try SecureFolder.read(documentPath(directory)) == nil else { return false }
        try SecureFolder.replace(documentPath(directory), with: document.bytes, destroysFormer: true)
        return true
    }

    /// Whether a folder holds a profile, finished or not.
    public static func exists(_ directory: String) -> Bool { SecureFolder.exists(documentPath(directory)) }

    /// Refuses a folder that is not there, or is not its owner's alone.
    /// - Throws: ``DeviceKitError`` with the repairing command.
    public static func check(_ directory: String) throws { _ = try document(directory) }

    /// After how long without a person the organisation wants this profile locked; `nil` until it is enrolled.
    public func lockAfterSeconds() throws -> UInt64? {
        guard let identity = try identity() else { return nil }
        return try roster(identity).policy.lockAfterSeconds
    }

    /// The names of the others in the organisation who are no former members, as this device knows them; none until it is
    /// enrolled. Asks nobody.
    public func othersNames() throws -> [String] {
        guard let identity = try identity() else { return [] }
        return try roster(identity).members.filter { $0.status == .active && $0.id != identity.member }
            .map(\.name.description).sorted()
    }

    private func roster(_ identity: Identity) throws -> RosterView {
        let entries = try store.look { try $0.rosterEntries() }
        return try DeviceSession.replayed(entries, organisation: identity.organisation).0.view(at: .now())
    }

    /// The key of something that is kept beside the store, made of the store key: gone with it.
    ///
    /// It is this process's from here on, as long as the value lives, whether an agent locks meanwhile or not.
    /// - Throws: ``DeviceStorageError`` when the agent has locked or is gone.
    public func key(of purpose: StaticString) throws -> SecretBytes {
        var room = SecretBytes(zeros: StoreKeysLimits.keyByteCount)
        do throws(StoreKeysError) {
            try keys.derive([StoreKeyLabel(table: "beside", column: purpose)], into: &room)
        } catch {
            throw DeviceStorageError(error.code == .locked ? .locked : .agentGone, place: "store key")
        }
        return room
    }

    /// Who this device is; `nil` until it is enrolled.
    public func identity() throws -> Identity? {
        guard let bytes = try store.look({ try $0.setting(.identity) }) else { return nil }
        return (try? JSONParser.parse(bytes)).flatMap(Identity.init)
    }

    /// Who this device is.
    /// - Throws: ``DeviceKitError`` while it is not enrolled.
    public func enrolledIdentity() throws -> Identity {
        guard let identity = try identity() else {
            throw DeviceKitError(
                "not_enrolled", .configuration, "the profile \"\(directory)\" is not enrolled yet",
                next: "repeat the \"nightbell join\" or \"nightbell admin found\" that was interrupted")
        }
        return identity
    }

    /// Whether the erasing of a profile has begun: its device was revoked.
    public static func isErased(_ directory: String) -> Bool {
        SecureFolder.exists(directory + "/" + RevocationRecord.fileName)
    }

    /// What ended this device, if it is known to be revoked.
    public func revocation() throws -> RevocationRecord? { try Erasure.record(in: directory) }

    /// Destroys keys and messages: this device is proven to be revoked. Nothing in the store opens from here on.
    func erase(_ record: RevocationRecord) throws {
        try Erasure.run(record, in: directory, store: store, forget: keys.forget)
    }

    /// Makes the store's word on who this device is public in `profile.json`.
    func publishIdentity() throws {
        let document = ProfileDocument(identity: try identity(), wrap: wrap)
        // One at a time; and what was erased meanwhile gets no key back.
        let lock = try FileLock(path: directory + "/lock")
        defer { withExtendedLifetime(lock) {} }
        if let record = try Erasure.record(in: directory) { throw record.error }
        try SecureFolder.replace(Self.documentPath(directory), with: document.bytes, destroysFormer: true)
    }

    /// The remembered CA certificates of the relay (PEM), when the relay has one of its own.
    public var certificateAuthorityPath: String? {
        let path = directory + "/ca.pem"
        return SecureFolder.exists(path) ? path : nil
    }

    /// Copies a CA file into the profile, where it is used from now on.
    /// - Throws: ``DeviceKitError``.
    public func rememberCertificateAuthority(_ path: String) throws {
        guard let bytes = try SecureFolder.read(path),
            String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
        else {
            throw DeviceKitError(
                "ca_file_unreadable", .configuration, "\"\(path)\" is no file of PEM certificates",
                next: "check the path given with --ca")
        }
        guard try SecureFolder.read(directory + "/ca.pem") != bytes else { return }
        try SecureFolder.replace(directory + "/ca.pem", with: bytes)
    }

    /// Where evidence of findings is kept.
    public var evidenceDirectory: String { directory + "/evidence" }

    /// Writes an evidence file that is not there yet.
    /// - Returns: Its path.
    func keepEvidence(_ name: String, _ bytes: [UInt8]) throws -> String {
        try SecureFolder.make(evidenceDirectory)
        let path = evidenceDirectory + "/" + name
        if !SecureFolder.exists(path) { try SecureFolder.replace(path, with: bytes) }
        return path
    }

    private static func documentPath(_ directory: String) -> String { ProfileDocument.path(in: directory) }

    /// The store is what is true: a crash between its step and `profile.json` is made good here.
    private func heal(_ document: ProfileDocument) throws {
        let identity = try identity()
        guard identity != document.identity else { return }
        // It is published after it is stored: a store without one is another store.
        guard identity != nil else { throw DeviceStorageError(.lost, place: directory + "/store.sqlite") }
        try publishIdentity()
    }
}
