import DeviceStorage
import Statements

/// Destroys what a profile holds, once its device is proven to be revoked.
///
/// 1. The record is written: from here on there is no way back, and a crash anywhere below goes on from here.
/// 2. The wrapped store key is written over where it stands, and replaced: what is sealed opens for nobody any more, not even
///    with the passphrase or the key file. Where it stood before was written over whenever `profile.json` was replaced.
/// 3. Whoever else has the store key in memory forgets it.
/// 4. Store, step log and whatever else lies in the folder are removed.
/// 5. The record says when.
///
/// What stays: the record, an empty description of the profile, the relay's CA, and `evidence/`: signed words of others,
/// without a patient's, which may still convict a relay.
enum Erasure {
    private static let kept: Set<String> = [
        RevocationRecord.fileName, "profile.json", "ca.pem", "evidence", "lock", "agent",
    ]

    /// The record of a profile, if it is one of a revoked device.
    /// - Throws: ``DeviceKitError`` when it cannot be read.
    static func record(in directory: String) throws(DeviceKitError) -> RevocationRecord? {
        guard let bytes = try SecureFolder.read(path(directory)) else { return nil }
        guard let record = RevocationRecord(parsing: bytes) else {
            throw DeviceKitError(
                "revocation_damaged", .configuration, "\"\(path(directory))\" is no record of a revocation",
                next: "join with a new profile (--profile DIR)")
        }
        return record
    }

    /// Begins, or goes on with, the erasure. Repeated, it removes what was made since.
    /// - Parameters:
    ///   - store: The open store, which opens no more.
    ///   - forget: Makes whoever holds the store key forget it.
    /// - Throws: ``DeviceKitError`` when something cannot be destroyed; the next command tries again.
    static func run(
        _ record: RevocationRecord, in directory: String, store: DeviceStore?, forget: () -> Void
    ) throws {
        let lock = try FileLock(path: directory + "/lock")
        defer { withExtendedLifetime(lock) {} }
        let begun = try self.record(in: directory)
        guard begun?.erased == nil else {
            // What a process that was opening the profile meanwhile has made: empty, and not to be taken for a store.
            store?.erase()
            return try SecureFolder.removeAll(in: directory, but: kept)
        }
        // The first word on it stays.
        let record = begun ?? record
        if begun == nil { try SecureFolder.replace(path(directory), with: record.bytes) }
        let description = ProfileDocument.path(in: directory)
        try SecureFolder.overwrite(description)
        // With what a crash left of a change to it.
        try SecureFolder.replace(description, with: ProfileDocument.erased(record.identity), destroysFormer: true)
        forget()
        store?.erase()
        try SecureFolder.removeAll(in: directory, but: kept)
        var done = record
        done.erased = .now()
        try SecureFolder.replace(path(directory), with: done.bytes)
    }

    private static func path(_ directory: String) -> String { directory + "/" + RevocationRecord.fileName }
}
