import Foundation
import Secrets

/// What this machine cannot go below: three signature checks (claim, manifest, receipt) and the disk's fsync.
struct Floor {
    /// Seconds of one Ed25519 verification.
    let verification: Double
    /// Seconds of one append and fsync.
    let fsync: Double

    /// CPU seconds that three verifications take.
    var threeVerifications: Double { 3 * verification }

    static func measure(in folder: String) -> Floor {
        let key = SigningKey()
        let message = randomBytes(1_200)
        let signature = key.signature(for: message)
        let rounds = 4_000
        let start = ContinuousClock.now
        var valid = 0
        for _ in 0..<rounds where key.verifyingKey.isValid(signature: signature, for: message) { valid += 1 }
        let verification = seconds(ContinuousClock.now - start) / Double(max(valid, 1))
        return Floor(verification: verification, fsync: fsync(in: folder))
    }

    private static func fsync(in folder: String) -> Double {
        let log = SyncedFile(path: folder + "/fsync-floor")
        let rounds = 300
        let start = ContinuousClock.now
        for _ in 0..<rounds { log.append([UInt8](repeating: 1, count: 2_048)) }
        return seconds(ContinuousClock.now - start) / Double(rounds)
    }
}

/// A file that is synchronised with every append: a device's store, as far as its disk is concerned.
final class SyncedFile: Sendable {
    private let handle: FileHandle

    init(path: String) {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        handle = FileHandle(forWritingAtPath: path)!
    }

    func append(_ bytes: [UInt8]) {
        // A benchmark on a full disk has nothing to say: let it stop.
        try! handle.write(contentsOf: Data(bytes))
        try! handle.synchronize()
    }
}

func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}
