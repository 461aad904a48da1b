import PushDelivery
import Secrets
import SystemPackage

/// What `push-keys` makes: who this relay is to Web Push services.
public struct PushKeys: Sendable {
    /// The uncompressed point, 65 bytes as base64url: what browsers call the application server's key.
    public let publicKey: String
    /// Whether it was made just now; `false` when it was there.
    public let isCreated: Bool

    /// Makes the key of a data directory, durably, or finds the one that is there: never another in its place, for all that
    /// was subscribed with it would end.
    ///
    /// Needs no lock: the file is created exclusively, and a relay reads it when it starts.
    /// - Throws: ``OperationsError/Code/tooOpen``, ``OperationsError/Code/pushUnusable``,
    ///   ``OperationsError/Code/fileUnusable``, or ``OperationsError/Code/dataInUse`` while another process makes it.
    public static func make(in directory: DataDirectory) throws(OperationsError) -> PushKeys {
        let path = directory.vapidKey
        if let key = try PushKeyFiles.vapidKey(at: path) { return PushKeys(key, isCreated: false) }
        do {
            let scalar = VAPIDKey.generate()
            let key = try VAPIDKey(scalar)
            try KeyFile.create(path.string, holding: scalar)
            return PushKeys(key, isCreated: true)
        } catch  where error.code == .keyFileExists {
            // Somebody was quicker, and is done or not.
            if let key = try PushKeyFiles.vapidKey(at: path) { return PushKeys(key, isCreated: false) }
            throw OperationsError(
                .dataInUse, "another process is making \"\(path)\"", next: "run it again when that one has ended")
        } catch {
            throw OperationsError(
                .fileUnusable, "cannot write \"\(path)\"", next: "check the path, its owner and the free space")
        }
    }

    private init(_ key: VAPIDKey, isCreated: Bool) {
        publicKey = Base64URL.encode(key.publicKey)
        self.isCreated = isCreated
    }
}
