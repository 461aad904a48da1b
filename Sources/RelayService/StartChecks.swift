import RelayStorage
import Statements
import SystemPackage
import TransparencyLog

/// What must be true before a relay serves.
enum StartChecks {
    private static func marker(_ data: DataDirectory) -> FilePath { data.path.appending("running") }

    /// Whether the last process that served this directory ended without its goodbye.
    static func wasUnclean(_ data: DataDirectory) -> Bool { DataDirectory.exists(marker(data)) }

    static func markRunning(_ data: DataDirectory) throws {
        guard !wasUnclean(data) else { return }
        try DurableFile.create(marker(data), [], permissions: DurableFile.ownerOnly)
    }

    static func markClean(_ data: DataDirectory) throws {
        try DurableFile.remove(marker(data))
        try DurableFile.synchronize(directory: data.path)
    }

    /// Refuses a store that is older than the heads that were signed, or that holds another history.
    static func compareWithHeadLock(_ configuration: RelayConfiguration, store: any RelayStore) async throws {
        let locked = try HeadLock.load(configuration.headLock)
        let stored = try await store.read { reader in
            var stored: [LogName: StoredTree] = [:]
            for organisation in try reader.organisations() {
                for log in LogKind.allCases {
                    let name = LogName(organisation, log)
                    let size = try reader.head(log, of: organisation)?.size ?? 0
                    var root: LeafHash?
                    if let head = locked?[name], head.size <= size {
                        root = try StoredHashes(tiles: reader, log: log, organisation: organisation).root(
                            size: head.size)
                    }
                    stored[name] = StoredTree(size: size, rootAtLockedSize: root)
                }
            }
            return stored
        }
        if let refusal = HeadLockComparison.compare(locked: locked, stored: stored).refusal { throw refusal }
    }
}
