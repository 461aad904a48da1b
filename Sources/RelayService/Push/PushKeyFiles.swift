import PushDelivery
import Secrets
import SystemPackage

/// Files that say who the relay is to push services. Each is refused when others can read it or when it is a link, and read
/// into guarded memory.
enum PushKeyFiles {
    /// 16 KiB: Apple's key has some 250 bytes, Google's file some 2,400.
    private static let maximumByteCount = 16_384

    /// The key of `push-keys`; `nil` when there is none, or an empty file that an interrupted `push-keys` left.
    /// - Throws: ``OperationsError/Code/tooOpen`` or ``OperationsError/Code/pushUnusable``.
    static func vapidKey(at path: FilePath) throws(OperationsError) -> VAPIDKey? {
        guard let status = try? Stat(path, followTargetSymlink: false) else { return nil }
        if status.type == .regular, status.size == 0 { return nil }
        do {
            return try VAPIDKey(try KeyFile.read(path.string, count: VAPIDKey.byteCount))
        } catch  where error.code == .keyFileTooOpen {
            throw tooOpen(path)
        } catch {
            throw OperationsError(
                .pushUnusable, "\"\(path)\" does not hold the 32 bytes of a key that push-keys made",
                next: "put its copy back; or move it away and run nightbell-relay push-keys, which ends every Web Push "
                    + "subscription")
        }
    }

    /// The key under which addresses lie in the database, made where there is none.
    /// - Throws: ``OperationsError/Code/tooOpen``, ``OperationsError/Code/pushUnusable`` or
    ///   ``OperationsError/Code/fileUnusable``.
    static func pushKey(at path: FilePath) throws(OperationsError) -> PushKey {
        do { return try PushKey.open(path.string) } catch {
            switch error.code {
            case .keyFileTooOpen: throw tooOpen(path)
            case .keyFileUnwritable:
                throw OperationsError(
                    .fileUnusable, "cannot write \"\(path)\"", next: "check the path, its owner and the free space")
            default:
                throw OperationsError(
                    .pushUnusable, "\"\(path)\" does not hold the 32 bytes of a key that the relay made",
                    next: "put its copy back; or move it away, and every device must subscribe anew")
            }
        }
    }

    /// A file that the operator named.
    /// - Parameter key: Which key of the configuration names it.
    /// - Throws: ``OperationsError/Code/tooOpen`` or ``OperationsError/Code/pushUnusable``.
    static func credentials(at path: FilePath, namedBy key: String) throws(OperationsError) -> SecretBytes {
        do {
            return try KeyFile.read(path.string, atMost: maximumByteCount)
        } catch  where error.code == .keyFileTooOpen {
            throw tooOpen(path)
        } catch {
            throw OperationsError(
                .pushUnusable,
                "\"\(key)\" names no file that the relay can read, of 1 to \(maximumByteCount) bytes: \"\(path)\"",
                next:
                    "put the file itself there, no link to it, owned by the user that serves; or name another with \(key)"
            )
        }
    }

    private static func tooOpen(_ path: FilePath) -> OperationsError {
        OperationsError(
            .tooOpen, "permissions of \"\(path)\" are too open: others than its owner can use this key",
            next: "chmod 600 \(path)")
    }
}
