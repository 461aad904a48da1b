import NIOSSL

/// Which certificate authorities push services' certificates may come from.
struct PushAuthorities: Sendable {
    /// The machine's, unless others take their place.
    let roots: NIOSSLTrustRoots
    /// Besides those: the authority of the operator's own push server.
    let further: [NIOSSLCertificate]
}
