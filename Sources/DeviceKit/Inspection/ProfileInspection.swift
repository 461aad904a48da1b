import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a profile's folder shows without its key: for `doctor`, which must say something of a profile that is locked,
/// damaged or open to others. Changes nothing.
public struct ProfileInspection: Sendable {
    /// A file or folder of the profile.
    public struct File: Sendable, Equatable {
        public let path: String
        /// Permission bits.
        public let mode: UInt32
        /// Whether it belongs to whoever asks.
        public let isOurs: Bool
        public let isFolder: Bool
        public let isLink: Bool

        public init(path: String, mode: UInt32, isOurs: Bool, isFolder: Bool, isLink: Bool = false) {
            self.path = path
            self.mode = mode
            self.isOurs = isOurs
            self.isFolder = isFolder
            self.isLink = isLink
        }
    }

    /// What opens a profile.
    public enum Lock: String, Sendable {
        case passphrase
        case keyFile = "key file"
    }

    /// The folder itself, then what lies in it; empty when there is none.
    public let files: [File]
    /// Whether the folder is a profile's, and not any other.
    public let isProfile: Bool
    /// Who this device is, as `profile.json` says; `nil` while it is not enrolled.
    public let identity: Identity?
    /// What opens it; `nil` when the description cannot be read.
    public let lock: Lock?
    /// What ended its device, when it is one that was revoked: then its keys and messages are gone.
    public let revocation: RevocationRecord?
    /// Why the description cannot be read.
    public let fault: DeviceKitError?
    /// Whether a CA of the relay's own is remembered.
    public let hasCertificateAuthority: Bool

    /// - Parameter directory: The profile's folder.
    public init(_ directory: String) {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        files = ([directory] + names.map { directory + "/" + $0 }).compactMap(Self.file)
        hasCertificateAuthority = names.contains("ca.pem")
        isProfile = SecureFolder.isProfile(directory)
        do throws(DeviceKitError) {
            revocation = try Erasure.record(in: directory)
        } catch {
            (identity, lock, fault, revocation) = (nil, nil, error, nil)
            return
        }
        if let revocation {
            (identity, lock, fault) = (revocation.identity, nil, nil)
            return
        }
        do throws(DeviceKitError) {
            let document = try ProfileDocument(of: directory)
            identity = document.identity
            lock = if case .keyFile = document.wrap.kind { .keyFile } else { .passphrase }
            fault = nil
        } catch {
            identity = nil
            lock = nil
            fault = error
        }
    }

    private static func file(_ path: String) -> File? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return File(
            path: path, mode: UInt32(status.st_mode & 0o777), isOurs: status.st_uid == geteuid(),
            isFolder: status.st_mode & S_IFMT == S_IFDIR, isLink: status.st_mode & S_IFMT == S_IFLNK)
    }
}
