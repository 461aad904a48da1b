import NIOSSL
import SystemPackage

/// A file of authorities that connections to some services of a deployer's own trust besides the system's.
enum AuthorityFile {
    /// 1 MiB.
    private static let maximumByteCount = 1 << 20

    /// The certificates; none without a path.
    /// - Parameter unusable: The error for what is wrong with the file.
    /// - Throws: That, or ``OperationsError/Code/fileUnusable``.
    static func load(
        _ path: FilePath?, or unusable: (_ path: FilePath, _ why: String) -> OperationsError
    ) throws(OperationsError) -> [NIOSSLCertificate] {
        guard let path else { return [] }
        guard let bytes = try DurableFile.read(path, limit: maximumByteCount) else {
            throw unusable(path, "there is no such file")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw unusable(path, "it holds no certificate in PEM")
        }
        return certificates
    }
}
