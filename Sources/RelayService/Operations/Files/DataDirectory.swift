public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder that holds all that one relay keeps. Mode 0700, owned by the relay's user, served by one process at a time.
///
/// | name | what |
/// |---|---|
/// | `relay.yaml` | the configuration, commented |
/// | `keys/` | log keys, one file each, 0600 |
/// | `keys/vapid.key` | who the relay is to Web Push services: the scalar of a P-256 key, 32 bytes, 0600 |
/// | `keys/push.key` | seals the addresses at which devices get pages, 0600 |
/// | `tls/` | certificate and key; with `--dev-tls` also the local CA's certificate |
/// | `relay.sqlite` | everything that the logs and queues hold |
/// | `blobs/` | sealed attachments, one file each |
/// | `head.lock` | the heads that the relay signed last, apart from the database |
/// | `founding-codes` | salted hashes of the codes that were handed out |
/// | `admin.sock` | while the relay runs: where `check` and `founding-code` ask it |
/// | `relay.lock` | held while a process uses the folder |
public struct DataDirectory: Sendable, Hashable {
    public let path: FilePath

    init(path: FilePath) { self.path = path }

    /// The configuration file.
    public var configuration: FilePath { path.appending("relay.yaml") }
    /// Where keys live.
    public var keys: FilePath { path.appending("keys") }
    /// Where devices are reached lies in the database under this key.
    var pushKey: FilePath { keys.appending("push.key") }
    /// The key that `push-keys` makes.
    var vapidKey: FilePath { keys.appending("vapid.key") }
    /// Where certificates and their keys live.
    public var tls: FilePath { path.appending("tls") }
    /// The local authority's certificate, which clients are given with `--ca`.
    public var authority: FilePath { tls.appending("ca.pem") }
    /// The server's certificate, unless the configuration names another.
    public var certificate: FilePath { tls.appending("server.pem") }
    /// The server's key, unless the configuration names another.
    public var certificateKey: FilePath { tls.appending("server.key") }
    /// The database.
    public var database: FilePath { path.appending("relay.sqlite") }
    /// Where sealed attachments lie.
    public var blobs: FilePath { path.appending("blobs") }
    /// The head lock, unless the configuration names another place.
    public var headLock: FilePath { path.appending("head.lock") }
    /// Checkpoints as witnesses cosigned them: had again by asking.
    var cosigned: FilePath { path.appending("cosigned") }
    /// The Unix socket of the running relay.
    public var adminSocket: FilePath { path.appending("admin.sock") }
    /// Salted hashes of the founding codes.
    public var foundingCodes: FilePath { path.appending("founding-codes") }
    /// Held exclusively by the one process that uses the folder.
    var processLock: FilePath { path.appending("relay.lock") }
    /// There from the first to the last step of `init`: what an interrupted one leaves is told apart by it.
    var incomplete: FilePath { path.appending("init.incomplete") }

    /// An initialised data directory whose permissions are as they must be.
    /// - Throws: ``OperationsError/Code/notInitialised``, ``OperationsError/Code/tooOpen``,
    ///   ``OperationsError/Code/foreignOwner``; each says how to repair it.
    public static func open(at path: FilePath) throws(OperationsError) -> DataDirectory {
        let directory = DataDirectory(path: path)
        guard Self.exists(path) else {
            throw OperationsError(
                .notInitialised, "\"\(path)\" does not exist",
                next: "make it with: nightbell-relay init --data \(path) --name HOST:PORT")
        }
        try directory.checkPermissions(of: path)
        guard Self.exists(directory.configuration), !Self.exists(directory.incomplete) else {
            throw OperationsError(
                .notInitialised, "\"\(path)\" holds no relay, or one whose init was interrupted",
                next: "run again: nightbell-relay init --data \(path) --name HOST:PORT")
        }
        try directory.checkPermissions(of: directory.keys)
        return directory
    }

    /// Takes the folder for this process until the returned object is released.
    /// - Throws: ``OperationsError/Code/dataInUse`` when another process holds it.
    public func lock() throws(OperationsError) -> DataDirectoryLock {
        try DataDirectoryLock(processLock)
    }

    /// Refuses a directory that is another user's, or that group or others may enter.
    func checkPermissions(of path: FilePath) throws(OperationsError) {
        let status: Stat
        do {
            status = try Stat(path)
        } catch {
            throw DurableFile.unusable("read", path, error)
        }
        guard status.type == .directory else {
            throw OperationsError(.fileUnusable, "\"\(path)\" is no directory", next: "name another with --data")
        }
        guard status.userID.rawValue == geteuid() else {
            throw OperationsError(
                .foreignOwner, "\"\(path)\" belongs to user \(status.userID.rawValue), the relay runs as \(geteuid())",
                next: "run as its owner, or: chown -R \(geteuid()) \(path)")
        }
        guard status.permissions.isDisjoint(with: [.groupReadWriteExecute, .otherReadWriteExecute]) else {
            throw OperationsError(
                .tooOpen, "permissions of \"\(path)\" are too open: others than its owner can use it",
                next: "chmod 700 \(path)")
        }
    }

    static func exists(_ path: FilePath) -> Bool {
        (try? Stat(path, followTargetSymlink: false)) != nil
    }
}
